/** Whatever fails on the way to a cloud, not one byte reaches it; the machines of the house go on. */
import { Database } from 'bun:sqlite'
import { chmod, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import { cloudModels, nearModel, startPrivacyHouse, type Owner, type PrivacyHouse } from '../env/privacy-house.ts'
import { people, values } from '../env/privacy-people.ts'
import { startNameRecogniser, type FakeNameRecogniser } from '../fakes/name-recogniser.ts'

const words = `Write to ${people.alice} at ${people.aliceMail}.`

interface Told {
  readonly status: number
  readonly code: string | undefined
}

async function ask(
  { one }: Pick<PrivacyHouse, 'one'>,
  more: object = {},
  path = '/v1/chat/completions',
): Promise<Told> {
  const body = { model: cloudModels.vendor, messages: [{ role: 'user', content: words }], ...more }
  return told(await one.post(path, body))
}

async function told(answer: Response): Promise<Told> {
  const { error } = (await answer.json()) as { readonly error?: { readonly code?: string } }
  return { status: answer.status, code: error?.code }
}

const near = (house: Pick<PrivacyHouse, 'one'>) => ask(house, { model: nearModel })

describe('a recogniser of names that', () => {
  let names: FakeNameRecogniser
  let all: PrivacyHouse
  const stranger = 'Ottokar Blumenfeld'
  beforeAll(async () => {
    names = startNameRecogniser({ people: [stranger] })
    all = await startPrivacyHouse({ privacy: `  recogniser: { url: "${names.url}", timeout: 300ms }` })
  }, 60_000)
  afterAll(async () => {
    await all?.[Symbol.asyncDispose]()
    await names[Symbol.asyncDispose]()
  }, 60_000)
  beforeEach(() => all.cloud.captured.forget())
  afterEach(() => {
    names.mode = 'well'
    names.start()
  })

  test('answers finds whom nobody else knows', async () => {
    const content = `Is ${stranger} in?`
    const answer = await all.one.openai.chat.completions.create({
      model: cloudModels.vendor,
      messages: [{ role: 'user', content }],
    })
    expect(answer.choices[0]?.message.content).toBe(content)
    expect(all.cloud.captured.requests).toHaveLength(1)
    expect(all.cloud.captured.leaks([stranger])).toEqual([])
  })

  test.each(['slow', '500', 'garbage', 'not a list', 'offsets outside', 'no scores'] as const)(
    'answers wrongly (%s) lets nothing out',
    async (mode) => {
      names.mode = mode
      const messages = [{ role: 'user', content: `${words} ${stranger} knows.` }]
      for (const stream of [false, true])
        expect(await ask(all, { messages, stream })).toEqual({ status: 503, code: 'recogniser_unavailable' })
      expect(all.cloud.captured.byteCount).toBe(0)
      expect((await near(all)).status).toBe(200)
    },
  )

  test('is gone lets nothing out', async () => {
    await names.stop()
    expect(await ask(all)).toEqual({ status: 503, code: 'recogniser_unavailable' })
    expect(all.cloud.captured.byteCount).toBe(0)
    names.start()
    expect((await ask(all)).status).toBe(200)
  })
})

describe('a vault that is locked lets nothing out:', () => {
  test.each([
    ['another key', (file: string) => writeFile(file, crypto.getRandomValues(new Uint8Array(32)))],
    ['a key that others may read', (file: string) => chmod(file, 0o644)],
  ])(
    '%s',
    async (_, spoil) => {
      await using all = await startPrivacyHouse()
      expect((await ask(all)).status).toBe(200)
      await all.house.stop()
      await spoil(join(all.house.home, 'privacy.key'))
      await all.house.restart()
      all.cloud.captured.forget()
      const one = moved(all)
      expect(await ask({ one })).toEqual({ status: 503, code: 'vault_locked' })
      expect(all.cloud.captured.byteCount).toBe(0)
      expect((await near({ one })).status).toBe(200)
    },
    60_000,
  )
})

describe('a database that takes nothing more lets nothing out:', () => {
  test.each(['privacy_departure', 'privacy_entry', 'privacy_scope'])(
    '%s',
    async (table) => {
      await using all = await startPrivacyHouse()
      using file = new Database(join(all.house.home, 'hearth.db'))
      file.run('PRAGMA busy_timeout = 5000')
      file.run(
        `CREATE TRIGGER full BEFORE INSERT ON ${table} BEGIN SELECT RAISE(FAIL, 'database or disk is full'); END`,
      )
      const { status, code } = await ask(all, { messages: [{ role: 'user', content: `Full ${table}: ${words}` }] })
      expect([status, code]).toEqual([503, expect.stringMatching(/^vault_(unavailable|full)$/)])
      expect(all.cloud.captured.byteCount).toBe(0)
      expect((await near(all)).status).toBe(200)
      file.run('DROP TRIGGER full')
      expect((await ask(all)).status).toBe(200)
    },
    60_000,
  )
})

describe('a limit that is met lets nothing out:', () => {
  let all: PrivacyHouse
  beforeAll(async () => {
    all = await startPrivacyHouse({ privacy: '  limits: { text: 64KiB, decoded: 1KiB, valuesPerScope: 5 }' })
  }, 60_000)
  afterAll(() => all?.[Symbol.asyncDispose](), 60_000)
  beforeEach(() => all.cloud.captured.forget())

  const encoded = Buffer.from('All is well, and nobody is here. '.repeat(200)).toString('base64')
  const crowd = Array.from({ length: 9 }, (_, index) => `guest${index}@marrowfield.org`).join(', ')
  test.each([
    ['more text than is looked through', `${words} ${'All is well. '.repeat(6000)}`, 413, 'text_too_large'],
    ['more encoded text than is decoded', `${words} ${encoded}`, 422, 'scrub_budget_exceeded'],
    ['more values than a conversation may have', `Guests: ${crowd}`, 503, 'vault_full'],
  ])('%s', async (_, content, status, code) => {
    expect(await ask(all, { messages: [{ role: 'user', content }] })).toEqual({ status, code })
    expect(all.cloud.captured.byteCount).toBe(0)
    expect((await ask(all, { model: nearModel, messages: [{ role: 'user', content }] })).status).toBe(200)
  })
})

describe('what cannot be looked into does not leave:', () => {
  let all: PrivacyHouse
  beforeAll(async () => {
    all = await startPrivacyHouse()
  }, 60_000)
  afterAll(() => all?.[Symbol.asyncDispose](), 60_000)
  beforeEach(() => all.cloud.captured.forget())

  const letter = `To ${people.alice}, ${people.aliceMail}`
  test.each([
    ['bytes', 'application/octet-stream', new Uint8Array([0, 255, 254, 7, 9])],
    ['a compressed text', 'application/json', Bun.gzipSync(JSON.stringify({ letter }))],
    ['a text in another alphabet', 'text/plain', Buffer.from('M\xfcller', 'latin1')],
    ['a form', 'application/x-www-form-urlencoded', new URLSearchParams({ letter }).toString()],
    ['XML', 'application/xml', `<letter>${letter}</letter>`],
    ['something without a name', 'application/x-odd', letter],
    ['a text', 'text/plain', letter],
    ['a text that is UTF-16', 'text/plain', Buffer.from(letter, 'utf16le')],
    ['JSON', 'application/json', JSON.stringify({ letter })],
    [
      'a form with a file',
      'multipart/form-data; boundary=x',
      `--x\r\ncontent-disposition: form-data; name="file"; filename="a"\r\n\r\n${letter}\r\n--x--\r\n`,
    ],
  ])('%s at an address that Hearth does not know', async (_, type, body) => {
    const init = { method: 'POST', body, headers: { 'content-type': type } }
    const answer = await all.one.ask('/upstreams/cloud/odd/things', init)
    await answer.text()
    expect([403, 415, 422]).toContain(answer.status)
    expect(all.cloud.captured.byteCount).toBe(0)
  })

  test.each([
    ['an address', `/upstreams/cloud/people/${people.aliceMail}`, {}],
    ['a query', `/upstreams/cloud/people?name=${encodeURIComponent(people.alice)}`, {}],
    ['a query in Base64', `/upstreams/cloud/people?q=${Buffer.from(letter).toString('base64url')}`, {}],
    ['a header that says who asks', '/upstreams/cloud/people', { 'idempotency-key': `mail-${people.aliceMail}` }],
  ])('a value in %s', async (_, path, headers) => {
    const answer = await all.one.ask(path, { headers })
    await answer.text()
    expect([answer.status, all.cloud.captured.byteCount]).toEqual([422, 0])
  })

  test('a header that is not passed on', async () => {
    await (await all.one.ask('/upstreams/cloud/people', { headers: { 'openai-project': people.aliceMail } })).text()
    expect(all.cloud.captured.leaks([people.aliceMail])).toEqual([])
  })

  test('JSON for an endpoint without words of its own is scrubbed like all JSON', async () => {
    // A name of a user is one only where it stands in a path.
    const flat = values.filter((value) => value !== people.user)
    const body = {
      model: 'm',
      input: [],
      deep: [{ [people.aliceMail]: { note: letter, home: `/home/${people.user}/x` } }],
      flat,
    }
    await (await all.one.post('/upstreams/cloud/moderations', body)).text()
    expect(all.cloud.captured.requests).toHaveLength(1)
    expect(all.cloud.captured.leaks(values)).toEqual([])
  })

  test('a WebSocket to a cloud is not opened', async () => {
    expect(await socketEnd(all.one, all.house.url)).not.toBe('open')
    expect(all.cloud.captured.byteCount).toBe(0)
  })
})

/** The first owner of a house that was started again, at another port. */
function moved({ house, one }: PrivacyHouse): Pick<Owner, 'post'> & Owner {
  const ask: Owner['ask'] = (path, init = {}) => {
    const headers = new Headers(init.headers)
    headers.set('authorization', `Bearer ${one.key}`)
    return fetch(`${house.url}${path}`, { ...init, headers })
  }
  const post: Owner['post'] = (path, body) => ask(path, { method: 'POST', body: JSON.stringify(body) })
  return { ...one, ask, post }
}

function socketEnd(owner: Owner, url: string): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>()
  const address = `${url.replace('http', 'ws')}/v1/realtime?model=${cloudModels.vendor}`
  const headers = { authorization: `Bearer ${owner.key}` }
  const socket = new WebSocket(address, { headers } as unknown as string[])
  socket.addEventListener('message', () => resolve('open'))
  socket.addEventListener('error', () => resolve('error'))
  socket.addEventListener('close', ({ code }) => resolve(`closed ${code}`))
  return promise.finally(() => socket.close())
}
