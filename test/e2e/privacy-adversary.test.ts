/** Ways round the scrubber that somebody thought of, and ways in which it could spoil what people do every day. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
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

type Json = Readonly<Record<string, unknown>>

const chat = '/v1/chat/completions'
const said = (content: unknown, more: Json = {}): Json => ({
  model: cloudModels.vendor,
  messages: [{ role: 'user', content }],
  ...more,
})
const noise = Buffer.from(Array.from({ length: 900 }, (_, at) => (at * at * 89 + at * 7) % 256))
const png = Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), noise]).toString('base64')
const picture = `data:image/png;base64,${png}`
const spoken =
  'The committee met at nine and decided that nobody goes home before the old harbour lights are counted again'

async function told(path: string, body: unknown, headers: Readonly<Record<string, string>> = {}, who = all.one) {
  const answer = await who.post(path, body, headers)
  return { status: answer.status, text: await answer.text() }
}

async function echoOf(text: string, who: Owner = all.one): Promise<string> {
  const { choices } = await who.openai.chat.completions.create({
    model: cloudModels.engine,
    messages: [{ role: 'user', content: text }],
  })
  return choices[0]?.message.content ?? ''
}

describe('nothing leaves:', () => {
  const twice = (first: string, last: string): string =>
    `{"model":"${cloudModels.vendor}","messages":[{"role":"user","content":${first},"content":${last}}]}`

  test.each([
    ['a picture in what a tool says', chat, () => said(JSON.stringify({ type: 'image', data: png }))],
    ['a picture as bare Base64', chat, () => said(`A screenshot: ${png}`)],
    ['a picture behind a text', chat, () => said(`data:text/plain;base64,${btoa('hello '.repeat(9))} ${picture}`)],
    ['a picture in capitals', chat, () => said(picture.replace('data', 'DATA').replace('base64', 'BASE64'))],
    ['a recording in a part of a second name', chat, () => said([{ type: 'input_audio', input_audio: { data: png } }])],
    ['tokens beside messages', chat, () => said('Hi', { prompt_token_ids: [464, 2068, 7586] })],
    ['tokens to be read', '/v1/detokenize', () => ({ model: cloudModels.vendor, tokens: [464, 2068, 7586] })],
    ['JSON that nests without end', chat, () => said('Hi', { metadata: deep(5000) })],
  ])('%s', async (_, path, body) => {
    expect((await told(path, body())).status).toBeOneOf([400, 403, 422])
    expect(all.cloud.captured.byteCount).toBe(0)
  })

  test.each(['accept', 'content-type', 'idempotency-key'])('a value in the header %s', async (name) => {
    const value = `application/json; for=${people.aliceMail}`
    expect((await told('/upstreams/cloud/embeddings', { input: 'x' }, { [name]: value })).status).toBe(422)
    expect(all.cloud.captured.byteCount).toBe(0)
  })

  test('the first of two members with one name', async () => {
    const body = twice(`[{"type":"image_url","image_url":{"url":"${picture}"}}]`, '"Hi"')
    expect((await told(chat, body)).status).toBe(200)
    expect(all.cloud.captured.holds('iVBORw0KGgo')).toEqual([])
    await told('/v1/completions', `{"model":"${cloudModels.vendor}","prompt":[464,2068],"prompt":"Hi"}`)
    expect(all.cloud.captured.holds('464')).toEqual([])
  })

  test.each([people.phone.replaceAll(' ', ''), people.mac, people.address, people.host, `/home/${people.user}/x`])(
    'what is called an id but is none: %s',
    async (id) => {
      const call = { id, type: 'function', function: { name: 'look', arguments: '{}' } }
      const messages = [
        { role: 'user', content: `Look. ${id.length}` },
        { role: 'assistant', content: null, tool_calls: [call] },
        { role: 'tool', tool_call_id: id, content: 'done' },
      ]
      expect((await told(chat, { model: cloudModels.vendor, messages })).status).toBe(200)
      expect(all.cloud.captured.leaks([id, people.user])).toEqual([])
    },
  )

  test('a transcript that was made through /upstreams', async () => {
    all.media.speak(spoken)
    const form = new FormData()
    form.set('model', 'whisper')
    form.set('file', new File([new Uint8Array(2000)], 'meeting.wav'))
    const made = await all.one.ask('/upstreams/ears/audio/transcriptions', { method: 'POST', body: form })
    expect(await made.text()).toContain(spoken)
    const { status, text } = await told(chat, said(spoken))
    expect([status, text]).toEqual([403, expect.stringContaining('transcript')])
    expect(all.cloud.captured.byteCount).toBe(0)
  })
})

function deep(levels: number): unknown {
  let value: unknown = 'x'
  for (let level = 0; level < levels; level++) value = ['Ann', value]
  return value
}

describe('what people do every day goes on:', () => {
  test.each([
    ['a log', `[${people.address}] login of [${people.aliceMail}] (ok)\n[[${people.mac}]]`],
    ['an interface', `${people.address}(eth0) is up, ${people.aliceMail}(work)`],
    ['a user called like a function', 'cd /home/markus/x && ls /home/max # mark_as_read(markus_id, Math.max(1, 2))'],
    ['a link', `[${people.aliceMail}](mailto:${people.aliceMail}) and [home](https://x.example/${people.user})`],
    ['a call in Python', 'def f(keyfile=None, password=None):\n        self._client_cert = certfile\n'],
    ['a branch in Python', 'if key_password is None:\n    context.load_cert_chain(certfile)\nelse: pass'],
    ['JSON with a path', JSON.stringify({ cwd: `/home/${people.user}/project`, old: `C:\\Users\\${people.user}\\x` })],
    ['a commit', 'commit 4b825dc642cb6eb9a060e54bf8d69288fbee4904 on 2026-11-21T09:35:49Z v1.12.3 :8080'],
  ])('%s comes back as it was', async (_, text) => {
    expect(await echoOf(text)).toBe(text)
  })

  test('a value that its surroundings tell in one place is hidden in the others, at the first time', async () => {
    const name = 'krzysztof7'
    const text = `ls /home/${name}/letters\nowner ${name}, group staff; the ssn is 219-09-9999\n22 219-09-9999 #3`
    expect(await echoOf(text, all.two)).toBe(text)
    expect(all.cloud.captured.leaks([name, '219-09-9999'])).toEqual([])
  })

  test('a library is embedded however many people stand in it, and says one thing for one person', async () => {
    const texts = Array.from(
      { length: 40 },
      (_, at) => `Letter ${at} to reader${at}@quillonlabs.com and ${people.aliceMail}`,
    )
    for (const input of texts) {
      const answer = await told('/v1/embeddings', { model: cloudModels.vendor, input })
      expect(answer.status).toBe(200)
    }
    expect(all.cloud.captured.leaks([people.aliceMail, 'quillonlabs'])).toEqual([])
    const scopes = (await (await all.one.ask('/v1/privacy/scopes')).json()) as { readonly data: readonly Json[] }
    expect(scopes.data.filter(({ kind }) => kind === 'key')).toEqual([])
  })
})

describe('an agent edits a file in somebody’s home', () => {
  const path = `/home/${people.user}/project/src/mail.ts`
  const file = `export const to = '${people.aliceMail}' // ask ${people.alice}\n`
  const tools = [{ name: 'Edit', description: 'Edits a file.', input_schema: { type: 'object' as const } }]
  const system = `You are in /home/${people.user}/project on a Linux machine.`

  test('and its turns stay the bytes that they were, so that the vendor’s cache holds', async () => {
    const sent: string[] = []
    type Turn = Parameters<typeof all.one.anthropic.messages.create>[0]['messages'][number]
    const turns: Turn[] = [{ role: 'user', content: `Read ${path}` }]
    const ask = async () => {
      all.cloud.captured.forget()
      const answer = await all.one.anthropic.messages.create({
        ...{ model: cloudModels.claude, max_tokens: 500, system, tools, messages: turns },
      })
      expect(all.cloud.captured.leaks([people.user, people.alice, people.aliceMail])).toEqual([])
      sent.push(all.cloud.captured.lastBody)
      return answer
    }
    all.cloud.play({ behaviour: { kind: 'tools' } })
    const first = await ask()
    const use = first.content.find((block) => block.type === 'tool_use')
    expect(JSON.stringify(use?.input)).toContain(path)
    turns.push({ role: 'assistant', content: first.content })
    turns.push({ role: 'user', content: [{ type: 'tool_result', tool_use_id: use?.id ?? '', content: file }] })
    const second = await ask()
    expect(JSON.stringify(second.content)).toContain(people.aliceMail)
    turns.push({ role: 'assistant', content: second.content }, { role: 'user', content: 'Thank you.' })
    await ask()
    const messages = sent.map((body) => body.slice(body.indexOf('"messages":['), body.lastIndexOf('}]')))
    expect(messages[1]?.startsWith(messages[0] ?? '-')).toBe(true)
    expect(messages[2]?.startsWith(messages[1] ?? '-')).toBe(true)
  })
})
