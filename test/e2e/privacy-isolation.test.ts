/** What one key's conversation hides is nobody else's to see: not by handle, not by name, not by placeholder. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import { placeholdersOf } from '../env/privacy-conversation.ts'
import { cloudModels, startPrivacyHouse, type Owner, type PrivacyHouse } from '../env/privacy-house.ts'
import { people } from '../env/privacy-people.ts'

let all: PrivacyHouse
beforeAll(async () => {
  all = await startPrivacyHouse()
}, 60_000)
afterAll(() => all?.[Symbol.asyncDispose](), 60_000)
beforeEach(() => {
  all.cloud.play({})
  all.cloud.captured.forget()
})

const letter = `Write to ${people.aliceMail} about ${people.iban}.`

interface Scrubbed {
  readonly text: string
  readonly map_id: string
}

async function scrub(owner: Owner, more: object = {}): Promise<Scrubbed> {
  const answer = await owner.post('/scrub', { text: letter, ...more })
  expect(answer.status).toBe(200)
  return (await answer.json()) as Scrubbed
}

async function rehydrate(owner: Owner, mapId: string, text: string): Promise<readonly [number, string]> {
  const answer = await owner.post('/rehydrate', { map_id: mapId, text })
  return [answer.status, await answer.text()]
}

/** What the cloud got, of this owner's first words. */
async function placeholdersSeen(owner: Owner, first: string): Promise<readonly string[]> {
  all.cloud.play({})
  await say(owner, [first])
  return placeholdersOf(all.cloud.captured.lastBody).map(({ whole }) => whole)
}

async function say(owner: Owner, words: readonly string[], headers: Readonly<Record<string, string>> = {}) {
  const messages = words.map((content, index) => ({
    role: index % 2 ? ('assistant' as const) : ('user' as const),
    content,
  }))
  const answer = await owner.openai.chat.completions.create({ model: cloudModels.vendor, messages }, { headers })
  return answer.choices[0]?.message.content
}

describe('a handle', () => {
  test('opens for the key that it was made for', async () => {
    const { text, map_id: map } = await scrub(all.one)
    expect(text).not.toContain(people.aliceMail)
    const [status, body] = await rehydrate(all.one, map, text)
    expect([status, JSON.parse(body)]).toEqual([200, { text: letter, unresolved: [], replaced: 2 }])
  })

  test('is nothing for another key, nor for one that guesses', async () => {
    const { text, map_id: map } = await scrub(all.one)
    const other = await rehydrate(all.two, map, text)
    const guessed = await rehydrate(all.two, `${map.slice(0, -4)}0000`, text)
    expect([other[0], guessed[0]]).toEqual([404, 404])
    // Whether it exists is not told either.
    expect(other[1]).toBe(guessed[1])
    expect(other[1]).not.toContain(people.aliceMail)
  })

  test('puts back nothing that stands in another', async () => {
    const mine = await scrub(all.one)
    const theirs = await scrub(all.two)
    for (const [owner, map, text] of [
      [all.one, mine.map_id, theirs.text],
      [all.two, theirs.map_id, mine.text],
    ] as const) {
      const [status, body] = await rehydrate(owner, map, text)
      expect([status, JSON.parse(body)]).toEqual([200, { text, unresolved: expect.any(Array), replaced: 0 }])
    }
  })

  test('whoever guesses too often has to wait', async () => {
    const made = await all.house.ask('/api/keys', { method: 'POST', body: JSON.stringify({ name: 'guessing game' }) })
    const { key } = (await made.json()) as { readonly key: string }
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' }
    const statuses: number[] = []
    for (let times = 0; times < 40; times++) {
      const body = JSON.stringify({ map_id: `m_${String(times).padStart(26, '0')}`, text: 'x' })
      const answer = await all.house.ask('/rehydrate', { method: 'POST', headers, body })
      await answer.text()
      statuses.push(answer.status)
    }
    expect(statuses[0]).toBe(404)
    expect(statuses.at(-1)).toBe(429)
  })
})

test('a session of the same name is another one for another key', async () => {
  const mine = await scrub(all.one, { session_id: 'kitchen table' })
  const again = await scrub(all.one, { session_id: 'kitchen table' })
  const theirs = await scrub(all.two, { session_id: 'kitchen table' })
  expect(again.text).toBe(mine.text)
  expect(theirs.text).not.toBe(mine.text)
})

test('another key’s placeholder stays one, whoever says it', async () => {
  const [placeholder = ''] = await placeholdersSeen(all.one, `Mine: ${people.aliceMail}`)
  expect(placeholder).toStartWith('[EMAIL_')
  all.cloud.play({ behaviour: { kind: 'say', text: `It is ${placeholder}.` } })
  expect(await say(all.one, [`Mine: ${people.aliceMail}`])).toBe(`It is ${people.aliceMail}.`)
  expect(await say(all.two, [`Mine: ${people.bobbyMail}`])).toBe(`It is ${placeholder}.`)
  all.cloud.play({})
  expect(await say(all.two, [`Mine: ${people.bobbyMail}`, 'Yes.', `What is ${placeholder}?`])).toBe(
    `What is ${placeholder}?`,
  )
})

test('another conversation’s placeholder stays one, for the same key too', async () => {
  const [placeholder = ''] = await placeholdersSeen(all.one, `First talk: ${people.aliceMail}`)
  const [other = ''] = await placeholdersSeen(all.one, `Second talk: ${people.aliceMail}`)
  // A cloud cannot tell that it is the same person.
  expect(other).not.toBe(placeholder)
  all.cloud.play({ behaviour: { kind: 'say', text: `It is ${placeholder}.` } })
  expect(await say(all.one, [`Second talk: ${people.aliceMail}`])).toBe(`It is ${placeholder}.`)
})

test('a session that clients name holds across first words, and for one key alone', async () => {
  const headers = { 'x-session-id': 'of-the-kitchen' }
  await say(all.one, [`Named: ${people.aliceMail}`], headers)
  const [placeholder = ''] = placeholdersOf(all.cloud.captured.lastBody).map(({ whole }) => whole)
  all.cloud.play({ behaviour: { kind: 'say', text: `It is ${placeholder}.` } })
  expect(await say(all.one, ['Other words.'], headers)).toBe(`It is ${people.aliceMail}.`)
  expect(await say(all.two, ['Other words.'], headers)).toBe(`It is ${placeholder}.`)
})

describe('scopes', () => {
  interface Scope {
    readonly id: string
    readonly owner: string
  }
  const scopesOf = async (owner: Owner): Promise<readonly Scope[]> => {
    const answer = await owner.ask('/v1/privacy/scopes?limit=1000')
    return ((await answer.json()) as { readonly data: readonly Scope[] }).data
  }

  test('are listed to their own key, and deleted by it alone', async () => {
    const { text, map_id: map } = await scrub(all.one)
    const mine = await scopesOf(all.one)
    expect(mine.length).toBeGreaterThan(0)
    expect(new Set(mine.map(({ owner }) => owner))).toEqual(new Set([all.one.id]))
    const theirs = await scopesOf(all.two)
    const ids = new Set(mine.map(({ id }) => id))
    expect(theirs.filter(({ id }) => ids.has(id))).toEqual([])
    for (const { id } of mine)
      expect((await all.two.ask(`/v1/privacy/scopes/${id}`, { method: 'DELETE' })).status).toBe(404)
    expect((await rehydrate(all.one, map, text))[0]).toBe(200)
    for (const { id } of mine)
      expect((await all.one.ask(`/v1/privacy/scopes/${id}`, { method: 'DELETE' })).status).toBe(200)
    expect((await rehydrate(all.one, map, text))[0]).toBe(404)
  })

  test('what left is told to the key that sent it, in counts', async () => {
    await say(all.one, [`Departing: ${people.aliceMail}, ${people.iban}`])
    const rows = async (owner: Owner): Promise<string> => (await owner.ask('/v1/privacy/departures?limit=1000')).text()
    const mine = await rows(all.one)
    expect(mine).toContain('"EMAIL":1')
    expect(mine).not.toContain(people.aliceMail)
    expect(await rows(all.two)).not.toContain(all.one.id)
  })
})
