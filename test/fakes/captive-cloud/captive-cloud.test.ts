import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import Anthropic from '@anthropic-ai/sdk'
import OpenAI from 'openai'
import { readingsHolding } from '../../env/privacy-readings.ts'
import { placeholdersIn, rewritings } from './placeholders.ts'
import { captiveModels, startCaptiveCloud, type CaptiveCloud } from './start.ts'

let cloud: CaptiveCloud
let openai: OpenAI
let anthropic: Anthropic
beforeAll(async () => {
  cloud = await startCaptiveCloud()
  openai = new OpenAI({ baseURL: cloud.url, apiKey: cloud.key, maxRetries: 0 })
  // As the gateway tells its key, and as the vendor's documentation does.
  const defaultHeaders = { 'x-api-key': cloud.key, authorization: null }
  anthropic = new Anthropic({ baseURL: cloud.origin, apiKey: cloud.key, defaultHeaders, maxRetries: 0 })
})
afterAll(() => cloud[Symbol.asyncDispose]())
beforeEach(() => {
  cloud.play({})
  cloud.captured.forget()
})

const text = 'Write to [EMAIL_7KQ2] and [PERSON_9ZX3_L], soon.\n'
const tool = { type: 'object', properties: { text: { type: 'string' } } } as const
const said = { role: 'user', content: text } as const
const none: Readonly<Record<string, unknown>> = {}

describe.each([
  ['by event', {}],
  ['at every byte', { cut: 1 }],
  ['by chance', { cut: 'seed', delta: 1, lineEnd: '\r\n' }],
] as const)('a stream that is cut %s', (_, play) => {
  beforeEach(() => cloud.play(play))

  test.each([captiveModels.openai, captiveModels.engine])('is read by the client of chat from %s', async (model) => {
    const stream = openai.chat.completions.stream({ model, messages: [said], n: 2 })
    const { choices } = await stream.finalChatCompletion()
    expect(choices.map(({ message }) => message.content)).toEqual([text, `Otherwise: ${text}`])
  })

  test('is read by the client of Responses', async () => {
    const response = await openai.responses.stream({ model: captiveModels.openai, input: text }).finalResponse()
    expect(response.output_text).toBe(text)
  })

  test('is read by the client of Messages', async () => {
    const asked = { model: captiveModels.anthropic, max_tokens: 4000, messages: [said] }
    const stream = anthropic.messages.stream({ ...asked, thinking: { type: 'enabled', budget_tokens: 2000 } })
    const [thought, words] = (await stream.finalMessage()).content
    expect(thought).toMatchObject({ thinking: 'They speak of [EMAIL_7KQ2] and [PERSON_9ZX3_L].' })
    expect(words).toMatchObject({ text })
  })

  test('is read by the client of completions', async () => {
    const stream = await openai.completions.create({ model: captiveModels.openai, prompt: text, stream: true })
    let all = ''
    for await (const { choices } of stream) all += choices[0]?.text ?? ''
    expect(all).toBe(text)
  })
})

test('a tool is called with what was seen at three depths, and its result taken', async () => {
  cloud.play({ behaviour: { kind: 'tools' }, cut: 7 })
  const tools = [{ type: 'function', function: { name: 'write', parameters: tool } }] as const
  const asked = { model: captiveModels.openai, tools: [...tools] }
  const first = await openai.chat.completions.stream({ ...asked, messages: [said] }).finalChatCompletion()
  const message = first.choices[0]?.message
  const call = message?.tool_calls?.[0]
  if (message === undefined || call?.type !== 'function') throw new Error('no call')
  const input = JSON.parse(call.function.arguments) as { readonly packed: string }
  const packed = JSON.parse(input.packed) as { readonly again: string }
  expect(input).toMatchObject({ text, nested: { list: [{ note: text }] } })
  expect(packed).toMatchObject({ inner: text })
  expect(JSON.parse(packed.again)).toEqual({ deepest: text, names: ['[EMAIL_7KQ2]', '[PERSON_9ZX3_L]'] })
  const result = { role: 'tool', tool_call_id: call.id, content: 'done' } as const
  const second = await openai.chat.completions.create({ ...asked, messages: [said, message, result] })
  expect(second.choices[0]?.message.content).toBe('The tool said: done')
})

test('a thought that comes back changed is refused, and one that is as it was is taken', async () => {
  const asked = { model: captiveModels.anthropic, max_tokens: 4000 }
  const thinking = { type: 'enabled', budget_tokens: 2000 } as const
  const { content } = await anthropic.messages.create({ ...asked, thinking, messages: [said] })
  const turns = async (blocks: typeof content) =>
    await anthropic.messages.create({
      ...asked,
      thinking,
      messages: [said, { role: 'assistant', content: blocks }, { role: 'user', content: 'And now?' }],
    })
  expect((await turns(content)).content).toHaveLength(2)
  const changed = content.map((block) => (block.type === 'thinking' ? { ...block, thinking: 'Alice' } : block))
  await expect(turns(changed)).rejects.toThrow('Invalid `signature`')
})

test('an answer that is cut stops in the middle of a placeholder', async () => {
  cloud.play({ behaviour: { kind: 'truncate', characters: 5 } })
  const answer = await openai.chat.completions.create({ model: captiveModels.openai, messages: [said] })
  expect(answer.choices[0]?.finish_reason).toBe('length')
  expect(answer.choices[0]?.message.content).toEndWith('and [PERS')
})

test('every placeholder is rephrased in every way', async () => {
  cloud.play({ behaviour: { kind: 'rephrase' } })
  const answer = await openai.chat.completions.create({ model: captiveModels.openai, messages: [said] })
  const lines = (answer.choices[0]?.message.content ?? '').split('\n')
  expect(lines).toHaveLength(2 * Object.keys(rewritings).length)
  expect(lines).toContain('escaped: [EMAIL\\_7KQ2] was told.')
  expect(lines).toContain('translated: [PERSONNE_9ZX3_L] was told.')
  expect(placeholdersIn(text).map(({ label, tag }) => `${label} ${tag}`)).toEqual(['EMAIL 7KQ2', 'PERSON 9ZX3_L'])
})

test('an error says the prompt', async () => {
  cloud.play({ behaviour: { kind: 'refuse', status: 400 } })
  const ask = async () => await openai.chat.completions.create({ model: captiveModels.openai, messages: [said] })
  await expect(ask()).rejects.toThrow('[EMAIL_7KQ2]')
})

test('a stream waits where it is told to', async () => {
  const gate = Promise.withResolvers<void>()
  cloud.play({ pause: { after: 3, until: gate.promise } })
  const stream = await openai.chat.completions.create({ model: captiveModels.openai, messages: [said], stream: true })
  let all = ''
  for await (const { choices } of stream) {
    all += choices[0]?.delta.content ?? ''
    if (all === text.slice(0, 6)) gate.resolve()
  }
  expect(all).toBe(text)
})

test('texts become vectors and scores', async () => {
  const { data } = await openai.embeddings.create({ model: captiveModels.openai, input: ['one', 'two'] })
  expect(data.map(({ embedding }) => embedding.length)).toEqual([4, 4])
  const body = { model: captiveModels.openai, query: 'q', documents: ['a', 'b'], return_documents: true }
  const headers = { authorization: `Bearer ${cloud.key}` }
  const answer = await fetch(`${cloud.url}/rerank`, { method: 'POST', headers, body: JSON.stringify(body) })
  expect(await answer.json()).toMatchObject({ results: [{ document: { text: 'a' } }, { index: 1 }] })
})

test.each([
  ['/v1/chat/completions', { messages: [{ role: 'narrator', content: 'x' }] }],
  ['/v1/chat/completions', { messages: [{ role: 'tool', tool_call_id: 'call_1', content: 'x' }] }],
  ['/v1/chat/completions', { messages: [said], odd: true }],
  ['/v1/responses', { input: [{ type: 'function_call_output', call_id: 'call_1', output: 'x' }] }],
  ['/v1/completions', none],
  ['/v1/embeddings', { input: [''] }],
  ['/v1/rerank', { query: 'x', documents: [] }],
])('what the vendor refuses at %s is refused: %j', async (path, more) => {
  const headers = { authorization: `Bearer ${cloud.key}` }
  const body = JSON.stringify({ model: captiveModels.openai, ...more })
  expect((await fetch(`${cloud.origin}${path}`, { method: 'POST', headers, body })).status).toBe(400)
})

test.each([
  ['no max_tokens', { messages: [said] }, 'max_tokens'],
  ['another role', { max_tokens: 9, messages: [{ role: 'tool', content: 'x' }] }, 'first message must use'],
  [
    'a result without its call',
    {
      max_tokens: 9,
      messages: [{ role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_1', content: 'x' }] }],
    },
    'unexpected `tool_use_id`',
  ],
])('Messages refuse %s', async (_, more, why) => {
  const headers = { 'x-api-key': cloud.key, 'anthropic-version': '2023-06-01' }
  const body = JSON.stringify({ model: captiveModels.anthropic, ...more })
  const answer = await fetch(`${cloud.origin}/v1/messages`, { method: 'POST', headers, body })
  expect([answer.status, await answer.text()]).toEqual([400, expect.stringContaining(why)])
})

test('every byte is kept: the request line, headers, the body, chunks too', async () => {
  const body = new ReadableStream({
    start(controller) {
      controller.enqueue(Buffer.from('{"model":"in pie'))
      controller.enqueue(Buffer.from('ces"}'))
      controller.close()
    },
  })
  const headers = { authorization: 'Bearer wrong', 'x-odd': 'a header' }
  await (await fetch(`${cloud.url}/chat/completions?asked=so`, { method: 'POST', headers, body })).text()
  const { captured } = cloud
  for (const piece of ['/v1/chat/completions?asked=so', 'a header', 'in pieces', 'Bearer wrong'])
    expect(captured.holds(piece)).toContain('raw')
  captured.forget()
  expect(captured.byteCount).toBe(0)
})

test.each([
  ['raw', 'Müller & Söhne', (value: string) => value.toUpperCase()],
  ['percent', 'Müller & Söhne', encodeURIComponent],
  ['form', 'Müller & Söhne', (value: string) => new URLSearchParams({ value }).toString()],
  ['html named', 'Tom & "Jerry"', (value: string) => value.replace('&', '&amp;').replaceAll('"', '&quot;')],
  ['html decimal', 'Ann Lee', (value: string) => [...value].map((each) => `&#${each.charCodeAt(0)};`).join('')],
  ['json escapes', 'Müller', () => 'm\\u00FCller'],
  ['json escapes', 'A "B"', (value: string) => JSON.stringify(JSON.stringify({ value }))],
  ['base64', 'ann.lee@example.org', (value: string) => Buffer.from(`x ${value} y`).toString('base64')],
  ['base64', 'ann.lee@example.org', (value: string) => Buffer.from(`${value}`).toString('base64')],
  ['base64', 'ann.lee@example.org', (value: string) => Buffer.from(`abcd${value}z`).toString('base64')],
  ['base64url', 'ÿÿ>>??ann.lee', (value: string) => Buffer.from(value).toString('base64url')],
  ['base64 twice', 'ann.lee@example.org', (value: string) => btoa(btoa(value))],
  ['hex', 'ann.lee', (value: string) => Buffer.from(value).toString('hex').toUpperCase()],
  ['quoted-printable', 'Müller', () => 'M=C3=BCller'],
  ['reversed', 'Ann Lee', () => 'eeL nnA'],
  ['utf16', 'Ann Lee', (value: string) => Buffer.from(value, 'utf16le').toString('latin1')],
  ['without separators', '+49 30 1234567', () => 'tel=49301234567'],
  ['without separators', 'DE89 3704 0044 0532 0130 00', () => 'DE89370400440532013000'],
  ['zero-width', 'Ann', () => 'A\u200bn\u200bn'],
] as const)('a value is seen %s: %s', (reading, value, write) => {
  const bytes = reading === 'utf16' ? Buffer.from(write(value), 'latin1') : Buffer.from(`before ${write(value)} after`)
  expect(readingsHolding(bytes, value)).toContain(reading)
  expect(readingsHolding(Buffer.from('Nothing of it stands in this text, 4930 and 8937 neither.'), value)).toEqual([])
})
