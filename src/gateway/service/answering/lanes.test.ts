/**
 * Whatever JSON a request is: every way in either reads it or refuses it as `invalid`, and what was read can be told to
 * every upstream, counted and looked up, or is refused in the same way.
 */
import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { AppError } from '#kernel/errors.ts'
import { estimateTokens } from '#protocol/anthropic/estimate.ts'
import { mendedHistory } from '#protocol/anthropic/mended-history.ts'
import { messagesUpstream } from '#protocol/anthropic/upstream.ts'
import { chatUpstream, vendorChatUpstream } from '#protocol/openai/chat/upstream.ts'
import { plainEndpoints } from '#protocol/openai/plain-endpoints.ts'
import { readPlainAsk } from '#protocol/openai/plain.ts'
import { responsesUpstream } from '#protocol/openai/responses/upstream.ts'
import { cacheKey } from '../../core/cache-key.ts'
import { promptTokensOf } from '../../core/prompt-tokens.ts'
import { sessionOf } from '../../core/session.ts'
import * as lanes from './lanes.ts'
import type { Lane } from './lanes.ts'

const ways: readonly Lane[] = [
  lanes.chatLane,
  lanes.completionLane,
  lanes.embeddingLane,
  lanes.rerankLane,
  lanes.messagesLane,
  lanes.responsesLane,
  ...Object.values(lanes.ollamaLanes),
]
const upstreams = [chatUpstream, vendorChatUpstream, messagesUpstream, responsesUpstream]
const encoder = new TextEncoder()
const runs = { numRuns: 400 }

/** What becomes of a request; throws what is neither an answer nor a refusal. */
function outcome(act: () => unknown): string {
  try {
    act()
    return 'taken'
  } catch (error) {
    if (error instanceof AppError && error.kind === 'invalid') return 'refused'
    throw error
  }
}

function ask(lane: Lane, bytes: Uint8Array): string {
  return outcome(() => {
    const read = lane.read(bytes)
    expect(read.model).not.toBe('')
    expect(read.data.length).toBeGreaterThan(0)
    sessionOf(new Headers(), read.body)
    promptTokensOf(read.body)
    cacheKey({ key: 'k', route: 'r', endpoint: lane.endpoint, body: read.body })
    if (lane.caller === null) return
    if (lane.api === 'messages') mendedHistory(read.body['messages'], 'm')
    const conversation = read.conversation()
    estimateTokens(conversation)
    for (const upstream of upstreams) outcome(() => JSON.stringify(upstream.writeRequest(conversation, 'm')))
  })
}

/** Names that mean something to one of the dialects, or to JavaScript. */
const names = fc.constantFrom(
  ...['role', 'content', 'type', 'text', 'name', 'id', 'input', 'output', 'arguments', 'function', 'tool_calls'],
  ...['tool_call_id', 'tool_use_id', 'call_id', 'source', 'data', 'media_type', 'url', 'image_url', 'input_audio'],
  ...['file', 'file_data', 'thinking', 'signature', 'summary', 'encrypted_content', 'parameters', 'input_schema'],
  ...['json_schema', 'schema', 'strict', 'format', 'cache_control', 'status', 'is_error', 'images', 'index'],
  ...['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', '', 'model'],
)
const words = fc.constantFrom(
  ...['user', 'assistant', 'system', 'developer', 'tool', 'text', 'image_url', 'input_text', 'output_text', 'message'],
  ...['function_call', 'function_call_output', 'custom_tool_call', 'reasoning', 'tool_use', 'tool_result', 'thinking'],
  ...['redacted_thinking', 'image', 'base64', 'url', 'document', 'input_audio', 'file', 'auto', 'none', 'any'],
  ...['function', 'custom', 'json_object', 'json_schema', 'item_reference', 'refusal', '{}', '{"a":1}', '{', 'x'],
  ...['data:image/png;base64,AA==', 'https://x/y.png', '\ud800', '\0', '__proto__', 'high'],
)
const leaf = fc.oneof(
  words,
  fc.string({ unit: 'binary', maxLength: 8 }),
  fc.constantFrom<unknown>(null, true, false, 0, -1, 1, 0.5, 1e308, 2 ** 53, Number.MIN_VALUE, '#huge#', '#endless#'),
)
const { value } = fc.letrec<{ value: unknown; list: unknown; object: unknown }>((tie) => ({
  value: fc.oneof({ depthSize: 'small', withCrossShrink: true }, leaf, tie('list'), tie('object')),
  list: fc.array(tie('value'), { maxLength: 4 }),
  object: fc.dictionary(names, tie('value'), { maxKeys: 6 }),
}))

const member = fc.constantFrom(
  ...['messages', 'input', 'prompt', 'query', 'documents', 'system', 'instructions', 'tools', 'tool_choice'],
  ...['functions', 'function_call', 'response_format', 'text', 'format', 'options', 'think', 'thinking', 'reasoning'],
  ...['stream', 'stream_options', 'stop', 'stop_sequences', 'max_tokens', 'max_completion_tokens', 'n', 'metadata'],
  ...['temperature', 'top_p', 'seed', 'logit_bias', 'user', 'previous_response_id', 'store', 'include', 'suffix'],
  ...['reasoning_effort', 'parallel_tool_calls', 'keep_alive', 'images', 'template', 'raw', 'encoding_format'],
  ...['__proto__', 'constructor', 'max_output_tokens', 'truncation', 'output_config', 'context_management'],
)
/** A request that each dialect would take, with members of it put at random. */
const request = fc
  .tuple(fc.dictionary(member, value, { maxKeys: 5 }), fc.array(value, { minLength: 1, maxLength: 3 }), fc.boolean())
  .map(([members, turns, isRight]) => {
    const right = {
      messages: [{ role: 'user', content: 'Hi' }],
      input: 'Hi',
      prompt: 'Hi',
      query: 'Hi',
      documents: ['a'],
      max_tokens: 5,
    }
    const turned = { ...right, messages: turns, input: turns }
    return { model: 'm', ...(isRight ? right : turned), ...members }
  })

/** With numbers that no double holds. */
const wireOf = (body: unknown): Uint8Array =>
  encoder.encode(
    JSON.stringify(body).replaceAll('"#huge#"', '123456789012345678901234567890').replaceAll('"#endless#"', '-1e999'),
  )

describe.each(ways.map((lane) => [lane.endpoint, lane] as const))('requests of %s', (_, lane) => {
  test('that are any JSON at all are read or refused', () => {
    fc.assert(
      fc.property(fc.json({ noUnicodeString: false, maxDepth: 6 }), (text) => void ask(lane, encoder.encode(text))),
      runs,
    )
  })

  test('that look like requests are read or refused, whatever their members hold', () => {
    const seen = new Set<string>()
    fc.assert(
      fc.property(request, (body) => void seen.add(ask(lane, wireOf(body)))),
      { ...runs, numRuns: 1500 },
    )
    expect([...seen].sort()).toEqual(['refused', 'taken'])
  })

  test('that are no JSON are refused', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => void ask(lane, bytes)),
      runs,
    )
  })

  test.each(nested())('that nest %s deep are read or refused', (_name, text) => {
    ask(lane, encoder.encode(text))
  })
})

/** Deeper than any stack. */
function nested(): readonly (readonly [string, string])[] {
  const depth = 50_000
  const lists = `${'['.repeat(depth)}${']'.repeat(depth)}`
  const objects = `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`
  const tool = (schema: string) =>
    `[{"type":"function","name":"f","input_schema":${schema},"parameters":${schema},` +
    `"function":{"name":"f","parameters":${schema}}}]`
  const usual = '"model":"m","max_tokens":5,"prompt":"p","query":"q","documents":["d"]'
  const turns = (content: string) =>
    `"messages":[{"role":"user","content":${content}}],"input":[{"role":"user","content":${content}}]`
  const schema = (inner: string) => `{"type":"json_schema","json_schema":{"name":"s","schema":${inner}}}`
  return [
    ['lists, bare,', lists],
    ['lists in their turns', `{${usual},${turns(lists)}}`],
    ['objects in their turns', `{${usual},${turns(objects)}}`],
    ['schemas of tools', `{${usual},${turns('"Hi"')},"tools":${tool(objects)}}`],
    ['schemas of answers', `{${usual},${turns('"Hi"')},"response_format":${schema(objects)},"format":${objects}}`],
    ['members that nobody knows', `{${usual},${turns('"Hi"')},"other":${objects},"metadata":${objects}}`],
    ['options of streams', `{${usual},${turns('"Hi"')},"stream":true,"stream_options":${objects}}`],
    [
      'arguments of calls',
      `{${usual},"messages":[{"role":"assistant","content":[{"type":"tool_use","id":"a","name":"f","input":${objects}}],` +
        `"tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":${objects}}}]},` +
        `{"role":"user","content":"Hi"}],"input":[{"type":"function_call","call_id":"a","name":"f",` +
        `"arguments":${JSON.stringify(objects)}}]}`,
    ],
  ]
}

describe.each(plainEndpoints.filter(({ body }) => body === 'json').map((each) => [each.name, each] as const))(
  'requests of %s',
  (_, endpoint) => {
    test('are read or refused, whatever they hold', () => {
      const read = (bytes: Uint8Array) => outcome(() => readPlainAsk(endpoint, bytes))
      fc.assert(
        fc.property(request, (body) => void read(wireOf(body))),
        runs,
      )
      fc.assert(
        fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => void read(bytes)),
        runs,
      )
    })
  },
)

test('what stands in a request of Responses beside its input is known to the egress policy, too', () => {
  const dataOf = (more: object) =>
    lanes.responsesLane.read(encoder.encode(JSON.stringify({ model: 'm', input: 'Hi', ...more }))).data
  const mask = { image_url: 'data:image/png;base64,AAAA' }
  expect(dataOf({ tools: [{ type: 'image_generation' }] })).toEqual(['text'])
  expect(dataOf({ tools: [{ type: 'image_generation', input_image_mask: mask }] })).toEqual(['text', 'image'])
  const promptOf = (variable: unknown) => ({ prompt: { id: 'pmpt_1', variables: { city: 'Bonn', variable } } })
  expect(dataOf(promptOf({ type: 'input_text', text: 'x' }))).toEqual(['text'])
  expect(dataOf(promptOf({ type: 'input_file', file_data: 'AAAA' }))).toEqual(['text', 'file'])
})
