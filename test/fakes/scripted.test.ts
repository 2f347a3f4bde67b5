import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { startScriptedChat } from './scripted-chat.ts'
import { startScriptedMessages } from './scripted-messages.ts'
import type { Json, ScriptedUpstream } from './scripted-turn.ts'

let chat: ScriptedUpstream
let vendor: ScriptedUpstream
beforeAll(() => {
  chat = startScriptedChat({ command: 'ls' })
  vendor = startScriptedMessages({ command: 'ls' })
})
afterAll(async () => {
  await chat[Symbol.asyncDispose]()
  await vendor[Symbol.asyncDispose]()
})

const user = { role: 'user', content: 'a' }
const call = { id: 'c', type: 'function', function: { name: 'Bash', arguments: '{}' } }
const calling = { role: 'assistant', content: null, tool_calls: [call] }

describe('the scripted chat upstream', () => {
  const ask = (members: Json, key = chat.key) =>
    fetch(`${chat.url}/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}` },
      body: JSON.stringify({ model: chat.model, messages: [user], ...members }),
    })

  test('answers what is right', async () => {
    expect((await ask({})).status).toBe(200)
    const messages = [
      { role: 'system', content: 's' },
      user,
      calling,
      { role: 'tool', tool_call_id: 'c', content: 'r' },
    ]
    expect((await ask({ messages })).status).toBe(200)
  })

  const wrong: readonly (readonly [string, Json, number])[] = [
    ['another model', { model: 'x' }, 404],
    ['no messages', { messages: [] }, 400],
    ['a late system message', { messages: [user, { role: 'system', content: 's' }] }, 400],
    ['a role of another dialect', { messages: [{ role: 'developer', content: 's' }] }, 400],
    ['a part of another dialect', { messages: [{ role: 'user', content: [{ type: 'tool_result' }] }] }, 400],
    ['a result of no call', { messages: [user, { role: 'tool', tool_call_id: 'x', content: 'r' }] }, 400],
    ['a call without a result', { messages: [user, calling, user] }, 400],
    ['an empty answer', { messages: [user, { role: 'assistant', content: null }, user] }, 400],
    ['a tool of another dialect', { tools: [{ type: 'web_search' }] }, 400],
    ['a forced tool that is not there', { tool_choice: { type: 'function', function: { name: 'x' } } }, 400],
  ]
  test.each(wrong)('refuses %s', async (_, members, status) => {
    expect((await ask(members)).status).toBe(status)
  })

  test('refuses a wrong key', async () => {
    expect((await ask({}, 'no')).status).toBe(401)
  })
})

describe('the scripted Anthropic upstream', () => {
  const version = { 'anthropic-version': '2023-06-01' }
  const ask = (members: Json, headers: Record<string, string> = { ...version, 'x-api-key': vendor.key }) =>
    fetch(`${vendor.url}/v1/messages`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ model: vendor.model, max_tokens: 2000, messages: [user], ...members }),
    })
  const use = (id: string) => ({ role: 'assistant', content: [{ type: 'tool_use', id, name: 'Bash', input: {} }] })
  const result = { type: 'tool_result', tool_use_id: 'c', content: 'r' }

  test('answers what is right', async () => {
    expect((await ask({})).status).toBe(200)
    expect((await ask({ messages: [user, use('c'), { role: 'user', content: [result] }] })).status).toBe(200)
  })

  const wrong: readonly (readonly [string, Json])[] = [
    ['no max_tokens', { max_tokens: undefined }],
    ['a first turn of the assistant', { messages: [{ role: 'assistant', content: 'a' }] }],
    ['an empty text', { messages: [{ role: 'user', content: [{ type: 'text', text: '' }] }] }],
    ['a call without a result', { messages: [user, use('c'), user] }],
    [
      'a result behind a text',
      { messages: [user, use('c'), { role: 'user', content: [{ type: 'text', text: 'a' }, result] }] },
    ],
    ['an id of another dialect', { messages: [user, use('a.b:0'), user] }],
    [
      'an unsigned thought',
      { messages: [user, { role: 'assistant', content: [{ type: 'thinking', signature: '' }] }] },
    ],
    ['a budget above max_tokens', { thinking: { type: 'enabled', budget_tokens: 2000 } }],
  ]
  test.each(wrong)('refuses %s', async (_, members) => {
    const answer = await ask(members)
    expect(answer.status).toBe(400)
    expect(await answer.json()).toMatchObject({ type: 'error', error: { type: 'invalid_request_error' } })
  })

  test('refuses a key in another header, and a request without a version', async () => {
    expect((await ask({}, { ...version, authorization: `Bearer ${vendor.key}` })).status).toBe(401)
    expect((await ask({}, { 'x-api-key': vendor.key })).status).toBe(400)
  })
})
