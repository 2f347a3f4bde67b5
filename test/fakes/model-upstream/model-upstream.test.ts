/** The fake refuses what the real servers refuse: what passes here would pass there. */
import { afterAll, describe, expect, test } from 'bun:test'
import type { Json } from '../scripted-turn.ts'
import { startModelUpstream } from './start.ts'

const upstreams = {
  chat: startModelUpstream({ api: 'chat', models: ['m'] }),
  'vendor-chat': startModelUpstream({ api: 'vendor-chat', models: ['m'] }),
  responses: startModelUpstream({ api: 'responses', models: ['m'] }),
  messages: startModelUpstream({ api: 'messages', models: ['claude-sonnet-4-5', 'claude-opus-4-8'] }),
} as const
type Name = keyof typeof upstreams
afterAll(async () => {
  for (const upstream of Object.values(upstreams)) await upstream[Symbol.asyncDispose]()
})

const user = { role: 'user', content: 'Hi' }
const fine: Readonly<Record<Name, Json>> = {
  chat: { model: 'm', messages: [user] },
  'vendor-chat': { model: 'm', messages: [user] },
  responses: { model: 'm', input: [user] },
  messages: { model: 'claude-sonnet-4-5', max_tokens: 2000, messages: [user] },
}
const paths: Readonly<Record<Name, string>> = {
  chat: '/chat/completions',
  'vendor-chat': '/chat/completions',
  responses: '/responses',
  messages: '/v1/messages',
}

async function ask(name: Name, more: Json, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
  const { url, key } = upstreams[name]
  const entrance: Readonly<Record<string, string>> =
    name === 'messages' ? { 'x-api-key': key, 'anthropic-version': '2023-06-01' } : { authorization: `Bearer ${key}` }
  const body = JSON.stringify({ ...fine[name], ...more })
  return fetch(url + paths[name], { method: 'POST', body, headers: { ...entrance, ...headers } })
}

const call = { id: 'c1', type: 'function', function: { name: 'f', arguments: '{}' } }
const calling = { role: 'assistant', content: null, tool_calls: [call] }
const result = { role: 'tool', tool_call_id: 'c1', content: 'x' }
const tool = { type: 'function', function: { name: 'f', parameters: { type: 'object' } } }
const flat = { type: 'function', name: 'f', parameters: { type: 'object' } }
const use = { role: 'assistant', content: [{ type: 'tool_use', id: 't1', name: 'f', input: {} }] }
const used = { type: 'tool_result', tool_use_id: 't1', content: 'x' }
const thinking = { type: 'enabled', budget_tokens: 1024 }
const loose = { type: 'object', properties: { a: { type: 'string' } } }
const bounded = { type: 'object', properties: { a: { type: 'integer', minimum: 1 } }, additionalProperties: false }
const output = { type: 'function_call_output', call_id: 'c1', output: 'x' }
const flatCall = { type: 'function_call', call_id: 'c1', name: 'f', arguments: '{}' }

const refused: readonly (readonly [Name, string, Json])[] = [
  ['chat', 'no messages', { messages: [] }],
  ['chat', 'an unknown role', { messages: [{ role: 'narrator', content: 'x' }] }],
  ['chat', 'an unknown kind of part', { messages: [{ role: 'user', content: [{ type: 'input_text', text: 'x' }] }] }],
  ['chat', 'a message without content', { messages: [{ role: 'user', content: null }] }],
  ['chat', 'a result without a call', { messages: [user, result] }],
  ['chat', 'a call without a result', { messages: [user, calling, user] }],
  ['chat', 'the result of another call', { messages: [user, calling, { ...result, tool_call_id: 'c2' }] }],
  ['chat', 'arguments that are no JSON', { messages: [user, brokenCall('{'), result] }],
  ['chat', 'a tool without a name', { tools: [{ type: 'function', function: {} }] }],
  ['chat', 'a schema that is none', { tools: [{ ...tool, function: { name: 'f', parameters: { type: 'string' } } }] }],
  ['chat', 'a choice without tools', { tool_choice: 'auto' }],
  ['chat', 'a choice of nobody', { tools: [tool], tool_choice: { type: 'function', function: { name: 'g' } } }],
  ['chat', 'options of a stream without one', { stream_options: { include_usage: true } }],
  ['chat', 'JSON that nobody spoke of', { response_format: { type: 'json_object' } }],
  ['chat', 'a strict schema that is loose', { response_format: strict(loose) }],
  ['chat', 'five stop sequences', { stop: ['a', 'b', 'c', 'd', 'e'] }],
  ['vendor-chat', 'a member of engines', { chat_template_kwargs: {} }],
  ['vendor-chat', 'the old name of the bound', { max_tokens: 5 }],
  ['responses', 'a member of chat', { stop: ['x'] }],
  ['responses', 'a bound below 16', { max_output_tokens: 15 }],
  ['responses', 'nothing at all', { input: [] }],
  ['responses', 'an output without its call', { input: [user, output] }],
  ['responses', 'a call without an output', { input: [user, flatCall] }],
  ['responses', 'words of the user said by the model', { input: [said('assistant', 'input_text')] }],
  ['responses', 'words of the model said by the user', { input: [said('user', 'output_text')] }],
  ['responses', 'a kind of item that is none', { input: [{ type: 'telepathy' }] }],
  ['responses', 'a thought of another', { input: [{ type: 'reasoning', summary: [], encrypted_content: 'x' }] }],
  ['responses', 'what it did not keep', { previous_response_id: 'resp_1' }],
  ['responses', 'a nested tool', { tools: [tool] }],
  ['responses', 'a choice of nobody', { tools: [flat], tool_choice: { type: 'function', name: 'g' } }],
  ['messages', 'no bound', { max_tokens: undefined }],
  ['messages', 'an unknown member', { stop: ['x'] }],
  ['messages', 'a first word of the model', { messages: [{ role: 'assistant', content: 'x' }, user] }],
  ['messages', 'a late system message', { messages: [user, { role: 'system', content: 'x' }] }],
  ['messages', 'an empty text', { messages: [{ role: 'user', content: [{ type: 'text', text: '' }] }] }],
  ['messages', 'blanks', { messages: [{ role: 'user', content: [{ type: 'text', text: ' ' }] }] }],
  ['messages', 'an end in a blank', { messages: [user, { role: 'assistant', content: 'x ' }] }],
  ['messages', 'an unknown kind of block', { messages: [{ role: 'user', content: [{ type: 'audio' }] }] }],
  ['messages', 'a result without a call', { messages: [{ role: 'user', content: [used] }] }],
  ['messages', 'a call without a result', { messages: [user, use, user] }],
  ['messages', 'a result that is not first', { messages: [user, use, { role: 'user', content: [text('x'), used] }] }],
  ['messages', 'a thought that it did not sign', { messages: [user, thoughtOf('x'), user] }],
  ['messages', 'a budget that is no less than the bound', { thinking, max_tokens: 1024 }],
  ['messages', 'thinking and a forced tool', { thinking, tools: [messagesTool()], tool_choice: { type: 'any' } }],
  ['messages', 'thinking at another temperature', { thinking, temperature: 0.5 }],
  ['messages', 'two samplers', { temperature: 0.5, top_p: 0.5 }],
  ['messages', 'a temperature of a newest model', { model: 'claude-opus-4-8', temperature: 1 }],
  ['messages', 'a budget of a newest model', { model: 'claude-opus-4-8', thinking }],
  ['messages', 'a choice without tools', { tool_choice: { type: 'auto' } }],
  ['messages', 'a schema that is no object', { tools: [{ name: 'f', input_schema: {} }] }],
  ['messages', 'an open schema', { output_config: { format: { type: 'json_schema', schema: loose } } }],
  ['messages', 'a schema with a bound', { output_config: { format: { type: 'json_schema', schema: bounded } } }],
  ['messages', 'a blank to stop at', { stop_sequences: [' '] }],
]

test.each(refused)('%s refuses %s', async (name, _, more) => {
  const answer = await ask(name, more)
  expect(answer.status).toBe(400)
  expect(await answer.json()).toMatchObject({ error: { message: expect.any(String) as unknown } })
})

describe.each(Object.keys(upstreams) as Name[])('%s', (name) => {
  test('answers what is fine, whole and streamed', async () => {
    expect((await ask(name, {})).status).toBe(200)
    const stream = await ask(name, { stream: true })
    expect(stream.headers.get('content-type')).toBe('text/event-stream')
    expect(await stream.text()).toContain('there')
  })

  test('knows its models and its key', async () => {
    expect((await ask(name, { model: 'nobody' })).status).toBe(404)
    expect((await ask(name, { model: undefined })).status).toBe(400)
    expect((await ask(name, {}, { authorization: 'Bearer no', 'x-api-key': 'no' })).status).toBe(401)
  })
})

function brokenCall(args: string): Json {
  return { ...calling, tool_calls: [{ ...call, function: { name: 'f', arguments: args } }] }
}

function strict(schema: Json): Json {
  return { type: 'json_schema', json_schema: { name: 'x', schema, strict: true } }
}

function said(role: string, type: string): Json {
  return { type: 'message', role, content: [{ type, text: 'x' }] }
}

function text(words: string): Json {
  return { type: 'text', text: words }
}

function thoughtOf(signature: string): Json {
  return { role: 'assistant', content: [{ type: 'thinking', thinking: 'x', signature }, text('y')] }
}

function messagesTool(): Json {
  return { name: 'f', input_schema: { type: 'object' } }
}
