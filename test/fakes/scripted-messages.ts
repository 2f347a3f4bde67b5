/**
 * An Anthropic upstream that plays one turn of an agent, streamed as the vendor does. It refuses what the vendor
 * refuses: a key in another header, a missing version, no `max_tokens`, a first turn that is not the user's, empty
 * texts, results that answer no call or do not stand first, calls without a result, thoughts without a signature, a
 * budget that is no less than `max_tokens`.
 */
import { fragments, objects, shellCall, type Json, type ScriptedUpstream, type ScriptOptions } from './scripted-turn.ts'

const key = 'sk-ant-scripted'
const model = 'claude-scripted'

export function startScriptedMessages({ command }: ScriptOptions): ScriptedUpstream {
  const requests: { headers: Headers; body: Json }[] = []
  const refusals: string[] = []
  const refuse = (status: number, type: string, message: string): Response => {
    refusals.push(message)
    return Response.json({ type: 'error', error: { type, message }, request_id: 'req_scripted' }, { status })
  }
  const server = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    development: false,
    async fetch(request) {
      const { pathname } = new URL(request.url)
      if (request.headers.get('x-api-key') !== key || request.headers.has('authorization'))
        return refuse(401, 'authentication_error', 'invalid x-api-key')
      if (!request.headers.has('anthropic-version'))
        return refuse(400, 'invalid_request_error', 'anthropic-version: header is required')
      if (pathname === '/v1/models') return Response.json({ data: [{ type: 'model', id: model }], has_more: false })
      const isCount = pathname === '/v1/messages/count_tokens'
      if (pathname !== '/v1/messages' && !isCount) return refuse(404, 'not_found_error', `Not found: ${pathname}`)
      const body = (await request.json()) as Json
      requests.push({ headers: request.headers, body })
      const fault = faultOf(body, isCount)
      if (fault !== null) return refuse(400, 'invalid_request_error', fault)
      return isCount ? Response.json({ input_tokens: 4321 }) : answer(body, command)
    },
  })
  return {
    url: `http://127.0.0.1:${server.port}`,
    key,
    model,
    requests,
    refusals,
    [Symbol.asyncDispose]: () => server.stop(true),
  }
}

/** Why the request is refused; null = it is fine. */
function faultOf(body: Json, isCount: boolean): string | null {
  if (body['model'] !== model) return `model: ${String(body['model'])}`
  const most = body['max_tokens']
  if (!isCount && (typeof most !== 'number' || most < 1)) return 'max_tokens: Field required'
  const thinking = body['thinking'] as Json | undefined
  if (thinking?.['type'] === 'enabled' && Number(thinking['budget_tokens']) >= Number(most))
    return '`max_tokens` must be greater than `thinking.budget_tokens`'
  const messages = objects(body['messages'])
  if (messages[0]?.['role'] !== 'user') return 'messages: first message must use the "user" role'
  return messages.map(messageFault).find((fault) => fault !== null) ?? callFault(messages)
}

function messageFault(message: Json, index: number): string | null {
  const { role, content } = message
  if (!['user', 'assistant', 'system'].includes(String(role))) return `messages.${index}.role: ${String(role)}`
  if (content === '') return `messages.${index}: content must be non-empty`
  for (const block of objects(content)) {
    if (block['type'] === 'text' && block['text'] === '') return 'messages: text content blocks must be non-empty'
    if (block['type'] === 'tool_use' && !/^[\w-]+$/.test(String(block['id']))) return 'tool_use.id: String should match'
    if (block['type'] === 'thinking' && !block['signature']) return 'thinking: signature: Field required'
  }
  return null
}

function callFault(messages: readonly Json[]): string | null {
  let open = new Set<unknown>()
  for (const { role, content } of messages) {
    if (role === 'system') continue
    const blocks = objects(content)
    if (role === 'user') {
      const results = blocks.filter((block) => block['type'] === 'tool_result')
      if (blocks.slice(0, results.length).some((block) => block['type'] !== 'tool_result'))
        return 'tool_result blocks must come first'
      const odd = results.find((result) => !open.delete(result['tool_use_id']))
      if (odd !== undefined) return `unexpected tool_use_id ${String(odd['tool_use_id'])}`
    }
    if (open.size > 0) return `tool_use ids without tool_result: ${[...open].join(', ')}`
    open = new Set(blocks.filter((block) => block['type'] === 'tool_use').map((block) => block['id']))
  }
  return open.size === 0 ? null : 'the last turn calls tools'
}

function answer(body: Json, command: string): Response {
  const last = objects(body['messages']).findLast((message) => message['role'] === 'user')
  const result = objects(last?.['content']).find((block) => block['type'] === 'tool_result')
  const names = objects(body['tools']).map((tool) => String(tool['name']))
  const call = result === undefined ? shellCall(names, command) : null
  const text = result === undefined ? 'There is no shell.' : `It says: ${textOf(result['content'])}`
  const usage = { input_tokens: 200, cache_creation_input_tokens: 0, cache_read_input_tokens: 1000, output_tokens: 1 }
  const message = { id: 'msg_scripted', type: 'message', role: 'assistant', model, stop_sequence: null }
  const stop = call === null ? 'end_turn' : 'tool_use'
  const thought = { type: 'thinking', thinking: 'I run the command.', signature: 'EqQBCg' }
  const use = call === null ? null : { type: 'tool_use', id: 'toolu_scripted', name: call.name }
  const ended = { ...usage, output_tokens: 40 }
  if (body['stream'] !== true) {
    const content =
      use === null ? [{ type: 'text', text }] : [thought, { ...use, input: JSON.parse(call?.arguments ?? '{}') }]
    return Response.json({ ...message, content, stop_reason: stop, usage: ended })
  }
  const blocks =
    use === null
      ? [
          block(
            0,
            { type: 'text', text: '' },
            fragments(text).map((part) => ({ type: 'text_delta', text: part })),
          ),
        ]
      : [
          block(0, { ...thought, thinking: '', signature: '' }, [
            { type: 'thinking_delta', thinking: thought.thinking },
            { type: 'signature_delta', signature: thought.signature },
          ]),
          block(1, { ...use, input: {} }, [
            ...fragments(call?.arguments ?? '').map((part) => ({ type: 'input_json_delta', partial_json: part })),
          ]),
        ]
  const events: readonly Json[] = [
    { type: 'message_start', message: { ...message, content: [], stop_reason: null, usage } },
    { type: 'ping' },
    ...blocks.flat(),
    { type: 'message_delta', delta: { stop_reason: stop, stop_sequence: null }, usage: { output_tokens: 40 } },
    { type: 'message_stop' },
  ]
  const lines = events.map((event) => `event: ${String(event['type'])}\ndata: ${JSON.stringify(event)}\n\n`)
  return new Response(lines.join(''), { headers: { 'content-type': 'text/event-stream' } })
}

function block(index: number, start: Json, deltas: readonly Json[]): readonly Json[] {
  return [
    { type: 'content_block_start', index, content_block: start },
    ...deltas.map((delta) => ({ type: 'content_block_delta', index, delta })),
    { type: 'content_block_stop', index },
  ]
}

function textOf(content: unknown): string {
  return typeof content === 'string'
    ? content
    : objects(content)
        .map((part) => String(part['text'] ?? ''))
        .join('')
}
