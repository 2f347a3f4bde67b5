/** What went wrong in other programs of this kind, seen from outside: one test for each failure. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import { placeholdersOf } from '../env/privacy-conversation.ts'
import { fieldsWith } from '../env/privacy-fields.ts'
import { cloudModels, startPrivacyHouse, type Owner, type PrivacyHouse } from '../env/privacy-house.ts'
import { denied, directory, people, secret, values } from '../env/privacy-people.ts'

let all: PrivacyHouse
beforeAll(async () => {
  all = await startPrivacyHouse()
}, 60_000)
afterAll(() => all?.[Symbol.asyncDispose](), 60_000)
beforeEach(() => {
  all.cloud.play({})
  all.cloud.captured.forget()
})

type Message = { readonly role: 'system' | 'user' | 'assistant'; readonly content: string }
const user = (content: string): Message => ({ role: 'user', content })
const system = (content: string): Message => ({ role: 'system', content })
const answered = (content: string): Message => ({ role: 'assistant', content })

/** One whole answer of the vendor. */
async function chat(messages: readonly Message[], owner: Owner = all.one, more: object = {}): Promise<string> {
  const { choices } = await owner.openai.chat.completions.create({
    model: cloudModels.vendor,
    messages: [...messages],
    ...more,
  })
  return choices[0]?.message.content ?? ''
}

const seenByCloud = (): readonly string[] => placeholdersOf(all.cloud.captured.lastBody).map(({ whole }) => whole)
const nothingLeaked = (): void => expect(all.cloud.captured.leaks(values)).toEqual([])

test('two people in two messages never share a placeholder', async () => {
  const said = `${people.alice} writes, ${people.juergen} reads.`
  expect(
    await chat([user(`Two: ${people.alice}?`), answered('Yes.'), user(people.juergen), answered('No.'), user(said)]),
  ).toBe(said)
  const placeholders = seenByCloud()
  expect(placeholders).toHaveLength(2)
  expect(new Set(placeholders).size).toBe(2)
  nothingLeaked()
})

test('many requests at once keep every person apart', async () => {
  const owners = [all.one, all.two]
  const ask = async (index: number): Promise<void> => {
    const mail = `person.${index}@marrowfield.org`
    const words = `At once ${index % 7}: ${mail} and ${people.aliceMail}`
    expect(await chat([user(words)], owners[index % 2])).toBe(words)
  }
  await Promise.all(Array.from({ length: 60 }, (_, index) => ask(index)))
  expect(all.cloud.captured.leaks(['person.', people.aliceMail])).toEqual([])
})

test('a placeholder of the first turn is put back in the fifth', async () => {
  const first = `The fifth turn: ${people.aliceMail}`
  const turns = [user(first), answered('Yes.'), user('And?'), answered('So.'), user('Why?'), answered('Hm.')]
  await chat(turns.slice(0, 1))
  const [placeholder] = seenByCloud()
  all.cloud.play({ behaviour: { kind: 'say', text: `You mean ${placeholder}.` } })
  expect(await chat([...turns, user('What was it?'), answered('What?'), user('The address.')])).toBe(
    `You mean ${people.aliceMail}.`,
  )
})

test('a stream keeps its number of events, and what came before a pause is there before its end', async () => {
  const gate = Promise.withResolvers<void>()
  all.cloud.play({ pause: { after: 6, until: gate.promise }, delta: 4 })
  const words = `A long answer about ${people.alice}, ${people.iban} and ${people.aliceMail}, as it was asked for.`
  const body = {
    model: cloudModels.vendor,
    stream: true,
    stream_options: { include_usage: true },
    messages: [user(words)],
  }
  const response = await all.one.post('/v1/chat/completions', body)
  let text = ''
  const decoder = new TextDecoder()
  for await (const bytes of response.body ?? []) {
    text += decoder.decode(bytes, { stream: true })
    // `A long answer about` stands in the first six events; the cloud says nothing more until they were read here.
    if (contentOf(text).startsWith('A long answer')) gate.resolve()
  }
  expect(contentOf(text)).toBe(words)
  expect(text.split('\n\n').filter((event) => event.startsWith('data:'))).toHaveLength(all.cloud.streams.at(-1) ?? -1)
  nothingLeaked()
}, 20_000)

test.each(Array.from({ length: '[EMAIL_7KQ2]'.length }, (_, index) => index))(
  'an answer that stops %i characters into a placeholder ends as the cloud sent it',
  async (characters) => {
    all.cloud.play({ behaviour: { kind: 'truncate', characters }, cut: 5 })
    const { openai } = all.one
    const words = `Cut: ${people.alice}, ${people.aliceMail}`
    const stream = openai.chat.completions.stream({ model: cloudModels.vendor, messages: [user(words)] })
    const [choice] = (await stream.finalChatCompletion()).choices
    const fragment = all.cloud.said.slice(all.cloud.said.lastIndexOf(' and ') + 5)
    expect(choice?.finish_reason).toBe('length')
    expect(choice?.message.content).toBe(`It was ${people.alice}, ${people.aliceMail} and ${fragment}`)
  },
)

test('arguments of tools are JSON whatever stands in the value', async () => {
  const odd = ['Ann "Q" Marrow', 'C:\\new\\table', 'two\nlines', 'par\u2028agraph', "Li'l $& $1 Bo", '漢字 🐦']
  const deny = odd.map((value) => ({ kind: 'text', value }))
  await putLists({ deny })
  for (const value of odd) {
    all.cloud.play({ behaviour: { kind: 'tools' }, cut: 1 })
    const words = `Look for ${value} now`
    const parameters = { type: 'object', properties: {} }
    const tools = [{ type: 'function', function: { name: 'look', parameters } }] as const
    const { openai } = all.one
    const stream = openai.chat.completions.stream({
      model: cloudModels.vendor,
      messages: [user(words)],
      tools: [...tools],
    })
    const call = (await stream.finalChatCompletion()).choices[0]?.message.tool_calls?.[0]
    if (call?.type !== 'function') throw new Error('no call')
    const input = JSON.parse(call.function.arguments) as { readonly packed: string }
    const { inner, again } = JSON.parse(input.packed) as { readonly inner: string; readonly again: string }
    expect(input).toMatchObject({ text: words, nested: { list: [{ note: words }] } })
    expect([inner, (JSON.parse(again) as { readonly deepest: string }).deepest]).toEqual([words, words])
  }
  expect(all.cloud.captured.leaks(odd)).toEqual([])
  await putLists({})
})

describe('nothing is said to a cloud in', () => {
  const carried = 'carried.person@marrowfield.org'
  const models = { openai: cloudModels.vendor, anthropic: cloudModels.claude }
  test.each(fieldsWith(carried, models).map((field) => [field.name, field] as const))(
    '%s',
    async (_, { path, body }) => {
      const answer = await all.one.post(path, body)
      const text = await answer.text()
      // Either it was replaced, or it could not be and nothing was sent.
      if (answer.status === 200) expect(all.cloud.captured.requests).toHaveLength(1)
      else
        expect([answer.status, all.cloud.captured.byteCount, text]).toEqual([422, 0, expect.stringContaining('leak')])
      expect(all.cloud.captured.leaks([carried])).toEqual([])
      expect(all.cloud.refusals).toEqual([])
    },
  )
})

test.each([1, 2, 3, 17])(
  'two choices whose pieces come mixed, cut at every %i bytes, are told apart',
  async (cut) => {
    all.cloud.play({ cut, delta: 1, lineEnd: '\r\n' })
    const words = `Ärger für ${people.juergen} 🐦‍⬛ mit ${people.phone}`
    const asked = { model: cloudModels.vendor, messages: [user(words)], n: 2, logprobs: true }
    const { choices } = await all.one.openai.chat.completions.stream(asked).finalChatCompletion()
    expect(choices.map(({ message }) => message.content)).toEqual([words, `Otherwise: ${words}`])
    nothingLeaked()
  },
  20_000,
)

test('a value that looks like a placeholder is put back as it was, and no further', async () => {
  const begin = user(`The room: ${people.aliceMail}`)
  await chat([begin])
  const [placeholder = ''] = seenByCloud()
  const room = `Room ${placeholder} East`
  await putLists({ deny: [{ kind: 'text', value: room }] })
  const words = `Meet in ${room}.`
  expect(await chat([begin, answered('Where?'), user(words)])).toBe(words)
  await putLists({})
})

test('what a user writes like a placeholder resolves to nothing, not even to what it stands for', async () => {
  const begin = user(`Literally: ${people.aliceMail}`)
  await chat([begin])
  const [placeholder = ''] = seenByCloud()
  for (const typed of [placeholder, placeholder.slice(1, -1), '[EMAIL_3C3C]', 'IBAN_2F2F']) {
    const words = `What is ${typed}?`
    expect(await chat([begin, answered('Yes.'), user(words)])).toBe(words)
  }
})

test('what a model invents stays as it said it', async () => {
  const invented = 'I see [EMAIL_3C3C], [PERSON_4D4D_L] and IBAN_2F2F.'
  all.cloud.play({ behaviour: { kind: 'say', text: invented } })
  expect(await chat([user(`Inventions: ${people.aliceMail}`)])).toBe(invented)
})

test('a secret of the system’s prompt is not put back for a user who mentions it', async () => {
  const words = `Is it ${secret}?`
  const told = await chat([system(`The key is ${secret}.`), user(words)])
  expect(told).not.toContain(secret)
  expect(told).toMatch(/^Is it \[SECRET_\w{4}\]\?$/)
  expect(all.cloud.captured.leaks([secret])).toEqual([])
})

const code = `import { readFile } from 'node:fs/promises'
// 6033391 lines, -0.96 of them at 08:51:06, see ...read and 96c.
export const version = '1.27.304', digest = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08'
for (let index = 0; index < 4096; index++) await readFile(\`/var/log/app-\${index}.log\`)
`

test('code without anybody in it leaves as it is', async () => {
  expect(await chat([user(code)])).toBe(code)
  const sent = JSON.parse(all.cloud.captured.lastBody) as { readonly messages: readonly Message[] }
  expect(sent.messages.at(-1)?.content).toBe(code)
})

test('a name of several words is one placeholder, and comes back once', async () => {
  const words = `Names: ${people.juergen}, again ${people.juergen}.`
  expect(await chat([user(words)])).toBe(words)
  expect(seenByCloud()).toHaveLength(1)
})

test('values inside of values come back as they were', async () => {
  const words =
    `Inside: https://${people.user}:pw-4Kd82hTz@${people.host}/a?m=${people.aliceMail}&p=${people.address}, ` +
    `<${people.alice} ${people.aliceMail}>, mailto:${people.aliceMail}, /home/${people.user}/${people.aliceMail}`
  const told = await chat([user(words)])
  // The password is a secret, and secrets stay hidden.
  expect(told.replace(/\[SECRET_\w{4}\]/, 'pw-4Kd82hTz')).toBe(words)
  expect(all.cloud.captured.leaks([...values, 'pw-4Kd82hTz'])).toEqual([])
})

test.each(['chat', 'messages'])('an error that quotes the prompt is put back too (%s)', async (dialect) => {
  all.cloud.play({ behaviour: { kind: 'refuse', status: 400 } })
  const words = `Refuse ${people.aliceMail}`
  const [path, body] =
    dialect === 'chat'
      ? ['/v1/chat/completions', { model: cloudModels.vendor, messages: [user(words)] }]
      : ['/v1/messages', { model: cloudModels.claude, max_tokens: 9, messages: [user(words)] }]
  const answer = await all.one.post(path, body)
  expect([answer.status, await answer.text()]).toEqual([400, expect.stringContaining(people.aliceMail)])
  nothingLeaked()
})

test('usage and ids are the cloud’s own', async () => {
  const { openai } = all.one
  const answer = await openai.chat.completions.create({
    model: cloudModels.vendor,
    messages: [user(`Usage ${people.alice}`)],
  })
  expect(answer.id).toStartWith('chatcmpl-')
  expect(answer.usage?.prompt_tokens_details?.cached_tokens).toBe(4)
})

async function putLists(more: { readonly deny?: readonly object[] }): Promise<void> {
  const deny = [{ kind: 'text', value: denied }, ...(more.deny ?? [])]
  const answer = await all.house.ask('/v1/privacy/lists', { method: 'PUT', body: JSON.stringify({ directory, deny }) })
  expect([answer.status, await answer.text()]).toEqual([200, expect.any(String)])
}

/** The words of the first choice of a stream, as far as it came. */
function contentOf(stream: string): string {
  return stream
    .split(/\r?\n\r?\n/)
    .slice(0, -1)
    .flatMap((event) => (event.startsWith('data: {') ? [JSON.parse(event.slice(6)) as Chunk] : []))
    .map(({ choices }) => choices[0]?.delta.content ?? '')
    .join('')
}

interface Chunk {
  readonly choices: readonly { readonly delta: { readonly content?: string } }[]
}
