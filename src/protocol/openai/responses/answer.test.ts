import { describe, expect, test } from 'bun:test'
import { join } from 'node:path'
import fc from 'fast-check'
import OpenAI from 'openai'
import { asGolden, expectGolden } from '../../../../test/env/golden.ts'
import { AppError } from '../../../kernel/errors.ts'
import {
  noCounts,
  type Delta,
  type Finish,
  type Json,
  type OutputPart,
  type Reply,
} from '../../conversation/conversation.ts'
import type { AnswerFacts } from '../../conversation/dialect.ts'
import { responsesCaller } from './caller.ts'
import { codexTurn, codexTurnWithTools } from './codex-fixture.ts'
import { FreeText, freeTextOf } from '../../conversation/free-text.ts'

const golden = (name: string): string => join(import.meta.dir, 'golden', name)

function factsOf(body: Json): AnswerFacts {
  let made = 0
  return {
    conversation: responsesCaller.readRequest({ model: 'asked', input: 'Hi', ...body }),
    newId: (prefix) => `${prefix}${++made}`,
    createdAt: 1_700_000_000,
    elapsedMs: () => 2500,
    wantsUsage: true,
  }
}

const usage: Delta = {
  kind: 'usage',
  usage: { promptTokens: 20, completionTokens: 7, cachedTokens: 4, cacheWriteTokens: null, reasoningTokens: 3 },
}
const finish = (reason: Finish['reason']): Delta => ({
  kind: 'finish',
  finish: { reason, sequence: null },
})
const text = (words: string): Delta => ({ kind: 'text', text: words })
const callOf = (index: number, name: string, ...pieces: readonly string[]): readonly Delta[] => [
  { kind: 'tool_call', index, id: `call_${index}`, name },
  ...pieces.map((piece): Delta => ({ kind: 'arguments', index, text: piece })),
]

function streamed(body: Json, deltas: readonly Delta[], error: AppError | null = null) {
  const writer = responsesCaller.createWriter(factsOf(body))
  const sent = deltas.map((delta) => writer.write(delta)).join('')
  return { sent: sent + (error === null ? writer.end() : writer.error(error)), response: writer.response }
}

/** OpenAI's own client reads the bytes; it throws at events it does not know and at items that do not fit. */
async function judged(sent: string): Promise<Json> {
  const answer = (): Promise<Response> =>
    Promise.resolve(new Response(sent, { headers: { 'content-type': 'text/event-stream' } }))
  const client = new OpenAI({ apiKey: 'none', baseURL: 'http://127.0.0.1:1/v1', fetch: answer, maxRetries: 0 })
  const stream = client.responses.stream({ model: 'asked', input: 'Hi' })
  const { output_parsed: _, output_text: __, ...final } = (await stream.finalResponse()) as unknown as Json
  return { ...final, output: (final.output as readonly Json[]).map(withoutParsed) }
}

const eventsIn = (sent: string): readonly Json[] =>
  [...sent.matchAll(/^data: (.*)$/gm)].map(([, data]) => JSON.parse(data ?? '') as Json)
const typesIn = (sent: string): readonly unknown[] => eventsIn(sent).map((event) => event.type)

const cases: readonly {
  readonly name: string
  readonly body: Json
  readonly deltas: readonly Delta[]
  readonly error?: AppError
}[] = [
  {
    name: 'thoughts-and-words',
    body: {},
    deltas: [
      { kind: 'start', id: 'c-1', model: 'there' },
      { kind: 'reasoning', text: 'Let me ' },
      { kind: 'reasoning', text: 'see.' },
      { kind: 'reasoning_end', signature: 'c2ln', sealed: null },
      text('Hello '),
      text('there'),
      finish('stop'),
      usage,
    ],
  },
  {
    name: 'summary-and-calls',
    body: codexTurn,
    deltas: [
      { kind: 'reasoning', text: '**Looking**' },
      ...callOf(0, 'exec_command', '{"cmd":', '"ls"}'),
      ...callOf(1, 'multi_agent_v1__close_agent'),
      finish('tool_calls'),
      usage,
    ],
  },
  {
    name: 'free-text',
    body: codexTurnWithTools,
    deltas: [...callOf(0, 'exec', '{"inp', 'ut": "text(', '\\"hi\\")\\', 'n"', '}'), finish('tool_calls'), usage],
  },
  {
    name: 'cut-short',
    body: { max_output_tokens: 2, metadata: { a: 'b' }, instructions: 'Be brief.' },
    deltas: [text('Hel'), finish('length'), usage],
  },
  {
    name: 'refused',
    body: {},
    deltas: [text('Well, '), { kind: 'refusal', text: 'no.' }, finish('stop')],
  },
  {
    name: 'broken',
    body: {},
    deltas: [text('Hel')],
    error: new AppError('upstream', 'It broke off.', { reason: 'stream_incomplete' }),
  },
]

describe('a stream', () => {
  test.each(cases)('of $name has its events in this order', async ({ name, body, deltas, error = null }) => {
    const { sent } = streamed(body, deltas, error)
    await expectGolden(golden(`stream-${name}.txt`), sent)
  })

  test.each(cases)("of $name is read by OpenAI's client as what is kept", async ({ body, deltas, error = null }) => {
    const { sent, response } = streamed(body, deltas, error)
    if (error === null) expect((await judged(sent)) as unknown).toEqual(response)
    else expect(await judged(sent).catch((thrown: unknown) => thrown)).toMatchObject({ message: error.message })
  })

  test.each(cases)('of $name comes to the same without its last event', async ({ body, deltas, error }) => {
    if (error !== undefined) return
    const { sent, response } = streamed(body, deltas)
    const before = sent.slice(0, sent.lastIndexOf('event: '))
    expect((await judged(before)).output).toEqual(response?.output)
  })

  test.each(cases)('of $name counts its events without a gap', ({ body, deltas, error = null }) => {
    const numbers = eventsIn(streamed(body, deltas, error).sent).map((event) => event.sequence_number)
    expect(numbers).toEqual(numbers.map((_, index) => index))
  })

  test.each(cases)('of $name says what an answer without a stream says', ({ body, deltas, error }) => {
    if (error !== undefined) return
    const { response } = streamed(body, deltas)
    expect(shape(responsesCaller.writeAnswer(replyOf(deltas), factsOf(body)))).toEqual(shape(response ?? {}))
  })

  test('without a word has a beginning and an end', () => {
    expect(typesIn(streamed({}, []).sent)).toEqual(['response.created', 'response.in_progress', 'response.incomplete'])
  })

  test('that nobody says is whole is incomplete', () => {
    expect(streamed({}, [text('x')]).response).toMatchObject({ status: 'incomplete', incomplete_details: null })
  })

  test('that a vendor ended for a refusal, without the words of one, looks filtered', () => {
    const filtered = { status: 'incomplete', incomplete_details: { reason: 'content_filter' } }
    expect(streamed({}, [text('I'), finish('refusal')]).response).toMatchObject(filtered)
    const refused = streamed({}, [{ kind: 'refusal', text: 'No.' }, finish('refusal')]).response
    expect(refused).toMatchObject({ status: 'completed' })
  })

  test('without numbers makes none up', () => {
    expect(streamed({}, [text('x'), finish('stop')]).response).toMatchObject({ status: 'completed', usage: null })
  })

  test('may mix the pieces of parallel calls', () => {
    const deltas = [
      ...callOf(0, 'a', '{"x":'),
      ...callOf(1, 'b', '{"y":'),
      { kind: 'arguments', index: 0, text: '1}' } as const,
      { kind: 'arguments', index: 1, text: '2}' } as const,
      finish('tool_calls'),
    ]
    expect(streamed({}, deltas).response?.output).toMatchObject([
      { name: 'a', arguments: '{"x":1}', status: 'completed' },
      { name: 'b', arguments: '{"y":2}', status: 'completed' },
    ])
  })

  test('that is cut inside a call says that the call is not whole', () => {
    const { response } = streamed({}, [...callOf(0, 'a', '{"x'), finish('length')])
    expect(response?.output).toMatchObject([{ arguments: '{"x', status: 'incomplete' }])
  })

  test('gives calls without an id one of ours', () => {
    const { response } = streamed({}, [{ kind: 'tool_call', index: 0, id: '', name: 'a' }, finish('tool_calls')])
    expect(response?.output).toMatchObject([{ call_id: expect.stringMatching(/^call_/), arguments: '{}' }])
  })

  test.each([
    [new AppError('limited', 'Slow.'), 'rate_limit_exceeded'],
    [new AppError('invalid', 'Long.', { reason: 'context_length_exceeded' }), 'context_length_exceeded'],
    [new AppError('invalid', 'Bad.'), 'invalid_prompt'],
    [new AppError('upstream', 'Gone.'), 'server_error'],
  ])('that breaks off tells clients whether to try again: %s', (error, code) => {
    const { sent, response } = streamed({}, [], error)
    expect(typesIn(sent).slice(-2)).toEqual(['error', 'response.failed'])
    expect(response).toMatchObject({ status: 'failed', error: { code, message: error.message } })
  })

  test('holds the same words and arguments however they are cut', () => {
    const cut = (words: string, size: number) => words.match(new RegExp(`[\\s\\S]{1,${size}}`, 'g')) ?? []
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.json(), fc.integer({ min: 1, max: 9 }), (words, json, size) => {
        const deltas = [...cut(words, size).map(text), ...callOf(0, 'a', ...cut(json, size)), finish('tool_calls')]
        const { response } = streamed({}, deltas)
        expect(response?.output).toMatchObject([{ content: [{ text: words }] }, { arguments: json }])
      }),
    )
  })
})

describe('the free text of a custom tool', () => {
  test.each([
    ['{"input":"a\\nb"}', 'a\nb'],
    ['{ "input" : "caf\\u00e9 \\"x\\"" }', 'café "x"'],
    ['{"input":"raw\nline"}', 'raw\nline'],
    ['*** Begin Patch\n', '*** Begin Patch\n'],
    ['{"other":1}', '{"other":1}'],
    ['{}', ''],
    ['', ''],
    ['{"inp', '{"inp'],
  ])('in %j is %j', (given, expected) => {
    expect(freeTextOf(given)).toBe(expected)
  })

  test('is the same however the arguments are cut', () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 1, max: 7 }), (words, size) => {
        const wrapped = JSON.stringify({ input: words })
        const free = new FreeText()
        let read = ''
        for (let at = 0; at < wrapped.length; at += size) read += free.push(wrapped.slice(at, at + size))
        expect(read + free.flush()).toBe(words)
      }),
    )
  })
})

test("an error is OpenAI's envelope", () => {
  const error = new AppError('invalid', 'No.', { reason: 'invalid_request', param: 'input', details: { more: 1 } })
  expect(responsesCaller.writeError(error, { status: 400, requestId: 'r' })).toEqual({
    error: { message: 'No.', type: 'invalid_request_error', code: 'invalid_request', param: 'input' },
    more: 1,
  })
})

test('a whole answer repeats the request', async () => {
  const body = { ...codexTurn, metadata: { a: '1' }, previous_response_id: 'resp_0', store: true }
  await expectGolden(
    golden('answer.json'),
    asGolden(responsesCaller.writeAnswer(replyOf(cases[1]?.deltas ?? []), factsOf(body))),
  )
})

/** The deltas of a stream as a whole reply. */
function replyOf(deltas: readonly Delta[]): Reply {
  const parts: OutputPart[] = []
  let reply: Reply = { id: null, model: null, parts, finish: null, usage: noCounts }
  for (const delta of deltas) {
    const last = parts.at(-1)
    if (delta.kind === 'finish') reply = { ...reply, finish: delta.finish }
    else if (delta.kind === 'usage') reply = { ...reply, usage: delta.usage }
    else if (delta.kind === 'tool_call')
      parts.push({ kind: 'tool_call', id: delta.id, name: delta.name, arguments: '' })
    else if (delta.kind === 'arguments' && last?.kind === 'tool_call')
      parts[parts.length - 1] = { ...last, arguments: last.arguments + delta.text }
    else if (delta.kind === 'reasoning_end' && last?.kind === 'reasoning')
      parts[parts.length - 1] = { ...last, signature: delta.signature, sealed: delta.sealed }
    else if (delta.kind === 'text' || delta.kind === 'refusal' || delta.kind === 'reasoning') {
      if (last?.kind === delta.kind) parts[parts.length - 1] = { ...last, text: last.text + delta.text }
      else if (delta.kind === 'reasoning') parts.push({ ...delta, signature: null, sealed: null })
      else parts.push(delta)
    }
  }
  return reply
}

/** Ids are given in the order of making, which differs. */
const shape = (response: Json): unknown =>
  JSON.parse(JSON.stringify(response, (name, value: unknown) => (name === 'id' ? 'id' : value)))

/** What the client adds for its own users. */
function withoutParsed(item: Json): Json {
  const { parsed_arguments: _, ...rest } = item
  if (!Array.isArray(rest.content)) return rest
  const content = (rest.content as readonly Json[]).map(({ parsed: __, ...part }) => part)
  return { ...rest, content }
}
