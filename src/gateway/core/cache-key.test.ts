import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { cacheKey } from './cache-key.ts'

const messages = [{ role: 'user', content: 'Hi' }]

function keyOf(body: Readonly<Record<string, unknown>>, endpoint = 'chat/completions', more: object = {}) {
  return cacheKey({ key: 'k1', route: 'gpt-4o', endpoint, body: { model: 'any', messages, ...body }, ...more })
}

const textOf = (...args: Parameters<typeof keyOf>): string => {
  const made = keyOf(...args)
  if (made.kind === 'bypass') throw new Error(made.why)
  return made.text
}

describe('requests that ask the same have the same key', () => {
  test.each([
    ['the name they used for the route', { model: 'alias' }, { model: 'gpt-4o' }],
    ['where a prompt is cached', { prompt_cache_key: 'a' }, {}],
    ['how fast it is wanted', { service_tier: 'flex' }, {}],
    ['the order of members', { a: 1, b: { c: 2, d: 3 } }, { b: { d: 3, c: 2 }, a: 1 }],
    ['usage that only streams have', { stream_options: { include_usage: true } }, {}],
    ['a stream that is none', { stream: false }, {}],
  ])('whatever %s', (_, one, other) => {
    expect(textOf(one)).toBe(textOf(other))
  })

  test('whatever the order of members, at any depth', () => {
    const json = fc.jsonValue({ maxDepth: 4 }).map((value) => JSON.parse(JSON.stringify(value)) as unknown)
    fc.assert(
      fc.property(json, (value) => {
        const one = keyOf({ messages: value })
        expect(keyOf({ messages: reversed(value) })).toEqual(one)
      }),
    )
  })
})

function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).toReversed()
  return Object.fromEntries(entries.map(([name, member]) => [name, reversed(member)]))
}

describe('requests that ask otherwise have another key', () => {
  test.each([
    ['who asks', {}, { key: 'k2' }],
    ['for whom', { user: 'ada' }, {}],
    ['of whom', {}, { route: 'other' }],
    ['what', { messages: [{ role: 'user', content: 'Ho' }] }, {}],
    ['how freely', { temperature: 0.5 }, {}],
    ['how much', { max_tokens: 5 }, {}],
    ['with which seed', { seed: 1 }, {}],
    ['in which format', { response_format: { type: 'json_object' } }, {}],
    ['as a stream', { stream: true }, {}],
    ['with a member that nobody knows', { min_p: 0.1 }, {}],
  ])('%s', (_, body, more) => {
    expect(textOf(body, 'chat/completions', more)).not.toBe(textOf({}))
  })

  test('a stream with the usage event is another than one without', () => {
    expect(textOf({ stream: true, stream_options: { include_usage: true } })).not.toBe(textOf({ stream: true }))
  })

  test('no text can pass for the members around it', () => {
    const one = cacheKey({ key: 'a', route: 'b","c', endpoint: 'messages', body: {} })
    const other = cacheKey({ key: 'a","b', route: 'c', endpoint: 'messages', body: {} })
    expect(one).not.toEqual(other)
  })
})

describe('no cache for a request', () => {
  const tool = { type: 'function', function: { name: 'f' } }
  test.each([
    ['with tools', { tools: [tool] }, 'tools'],
    ['with functions of old', { functions: [{ name: 'f' }] }, 'functions'],
    ['that searches the web', { web_search_options: {} }, 'web_search_options'],
    ['with servers of tools', { mcp_servers: [{ url: 'https://x' }] }, 'mcp_servers'],
    ['that wants several answers', { n: 2 }, 'n'],
    ['that wants the best of several', { best_of: 3 }, 'best_of'],
    ['that wants audio', { modalities: ['text', 'audio'] }, 'modalities'],
    ['that is kept by its vendor', { store: true }, 'store'],
    ['that goes on from what a server remembers', { previous_response_id: 'r1' }, 'previous_response_id'],
    ['whose conversation has called tools', { messages: [{ role: 'tool', content: '1' }] }, 'tool messages'],
    ['whose assistant has called tools', { messages: [{ role: 'assistant', tool_calls: [{}] }] }, 'tool messages'],
    ['with a number that was rounded', { seed: 2 ** 60 }, 'shape'],
    ['that is nested without end', { messages: nested(100) }, 'shape'],
  ])('%s', (_, body, why) => {
    expect(keyOf(body)).toEqual({ kind: 'bypass', why })
  })

  test.each([
    [
      'of the Messages API after a tool',
      'messages',
      { messages: [{ role: 'user', content: [{ type: 'tool_result' }] }] },
    ],
    ['of the Responses API after a tool', 'responses', { store: false, input: [{ type: 'function_call_output' }] }],
    ['of the Responses API that its server keeps', 'responses', { input: 'Hi' }],
    ['of an endpoint that is not known', 'audio/speech', { input: 'Hi' }],
    ['of an endpoint named like a member of every object', 'constructor', {}],
  ])('%s', (_, endpoint, body) => {
    expect(keyOf(body, endpoint).kind).toBe('bypass')
  })

  test('but where tools are named and none is there', () => {
    expect(keyOf({ tools: [], tool_choice: 'none', n: 1, store: false }).kind).toBe('key')
  })

  test('but for the Responses API where nothing is kept', () => {
    expect(keyOf({ input: 'Hi', store: false }, 'responses').kind).toBe('key')
  })
})

function nested(depth: number): unknown {
  return depth === 0 ? 'x' : [nested(depth - 1)]
}
