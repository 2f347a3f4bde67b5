/**
 * A chat upstream that plays one turn of an agent, streamed as vLLM and llama-server do. It refuses what they refuse:
 * a wrong key, an unknown model, a system message that is not the first (as the templates of most models do), a role or
 * kind of tool that is not the dialect's, results that answer no call and calls without a result, a forced tool that is
 * not there.
 */
import { fragments, objects, shellCall, type Json, type ScriptedUpstream, type ScriptOptions } from './scripted-turn.ts'

const key = 'sk-scripted-chat'
const model = 'scripted'

export function startScriptedChat({ command, hasTokenizer = false }: ScriptOptions): ScriptedUpstream {
  const requests: { headers: Headers; body: Json }[] = []
  const refusals: string[] = []
  const refuse = (status: number, message: string): Response => {
    refusals.push(message)
    return Response.json({ error: { message, type: 'BadRequestError', param: null, code: status } }, { status })
  }
  const server = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    development: false,
    async fetch(request) {
      const { pathname } = new URL(request.url)
      if (request.headers.get('authorization') !== `Bearer ${key}`) return refuse(401, 'Unauthorized')
      if (pathname === '/v1/models') return Response.json({ object: 'list', data: [{ id: model, object: 'model' }] })
      if (pathname === '/tokenize' && hasTokenizer) return tokenize((await request.json()) as Json)
      if (pathname !== '/v1/chat/completions') return refuse(404, `Not Found: ${pathname}`)
      const body = (await request.json()) as Json
      requests.push({ headers: request.headers, body })
      const fault = faultOf(body)
      if (fault !== null) return refuse(body['model'] === model ? 400 : 404, fault)
      return answer(body, command)
    },
  })
  return {
    url: `http://127.0.0.1:${server.port}/v1`,
    key,
    model,
    requests,
    refusals,
    [Symbol.asyncDispose]: () => server.stop(true),
  }
}

/** A token a letter; the path stands beside `/v1`, not under it. */
function tokenize(body: Json): Response {
  const messages = objects(body['messages'])
  const fault =
    body['model'] === model && messages.length > 0 ? messages.map(messageFault).find(Boolean) : 'no messages'
  if (fault) return Response.json({ error: { message: fault } }, { status: 400 })
  const tokens = Array.from(JSON.stringify([messages, body['tools']]), (letter) => letter.charCodeAt(0))
  return Response.json({ count: tokens.length, max_model_len: 32_768, tokens, token_strs: null })
}

/** Why the request is refused; null = it is fine. */
function faultOf(body: Json): string | null {
  if (body['model'] !== model) return `The model \`${String(body['model'])}\` does not exist.`
  const messages = objects(body['messages'])
  if (messages.length === 0) return 'messages: at least one is needed'
  const late = messages.findIndex((message, index) => index > 0 && message['role'] === 'system')
  if (late >= 0) return `System message must be at the beginning (messages[${late}]).`
  return messages.map(messageFault).find((fault) => fault !== null) ?? callFault(messages) ?? toolFault(body)
}

const partTypes = new Set(['text', 'image_url', 'input_audio', 'file'])

function messageFault({ role, content, tool_calls }: Json): string | null {
  if (!['system', 'user', 'assistant', 'tool'].includes(String(role))) return `unknown role ${String(role)}`
  if (role === 'assistant' && content == null && objects(tool_calls).length === 0)
    return 'an assistant message needs content or tool_calls'
  if (role !== 'assistant' && typeof content !== 'string' && !Array.isArray(content))
    return `${String(role)}: no content`
  const odd = objects(content).find((part) => !partTypes.has(String(part['type'])))
  return odd === undefined ? null : `unknown part ${String(odd['type'])}`
}

/** Each call is answered before the conversation goes on, and nothing else is. */
function callFault(messages: readonly Json[]): string | null {
  const open = new Set<unknown>()
  for (const message of messages) {
    if (message['role'] === 'tool') {
      if (!open.delete(message['tool_call_id'])) return `tool_call_id ${String(message['tool_call_id'])} is of no call`
      continue
    }
    if (open.size > 0) return `tool calls without a result: ${[...open].join(', ')}`
    for (const call of objects(message['tool_calls'])) {
      const args = (call['function'] as Json | undefined)?.['arguments']
      if (typeof call['id'] !== 'string' || call['id'] === '' || typeof args !== 'string') return 'a broken tool call'
      open.add(call['id'])
    }
  }
  return open.size === 0 ? null : `tool calls without a result: ${[...open].join(', ')}`
}

function toolFault(body: Json): string | null {
  const tools = objects(body['tools'])
  const odd = tools.find((tool) => tool['type'] !== 'function' || typeof nameOf(tool) !== 'string')
  if (odd !== undefined) return `tools: ${String(odd['type'])} is not supported`
  const choice = body['tool_choice']
  const forced = typeof choice === 'object' && choice !== null ? nameOf(choice as Json) : null
  if (forced !== null && !tools.some((tool) => nameOf(tool) === forced)) return `no tool is called ${String(forced)}`
  return choice !== undefined && choice !== 'none' && tools.length === 0 ? 'tool_choice needs tools' : null
}

const nameOf = (tool: Json): unknown => (tool['function'] as Json | undefined)?.['name']

function answer(body: Json, command: string): Response {
  const messages = objects(body['messages'])
  const last = messages.at(-1)
  const call = last?.['role'] === 'tool' ? null : shellCall(objects(body['tools']).map(nameOf).map(String), command)
  const text = last?.['role'] === 'tool' ? `It says: ${textOf(last['content'])}` : 'There is no shell.'
  const usage = { prompt_tokens: 1200, completion_tokens: 40, total_tokens: 1240 }
  const head = { id: 'chatcmpl-scripted', created: 1, model }
  const calls = call === null ? undefined : [{ index: 0, id: 'functions.shell:0', type: 'function', function: call }]
  if (body['stream'] !== true) {
    const message =
      call === null ? { role: 'assistant', content: text } : { role: 'assistant', content: null, tool_calls: calls }
    const choice = { index: 0, message, finish_reason: call === null ? 'stop' : 'tool_calls' }
    return Response.json({ ...head, object: 'chat.completion', choices: [choice], usage })
  }
  const chunk = (delta: Json, finish_reason: string | null = null): Json => ({
    ...head,
    object: 'chat.completion.chunk',
    choices: [{ index: 0, delta, finish_reason }],
  })
  const said =
    call === null
      ? [...fragments(text).map((content) => chunk({ content })), chunk({}, 'stop')]
      : [
          chunk({ reasoning_content: 'I run ' }),
          chunk({ reasoning_content: 'the command.' }),
          chunk({ tool_calls: [{ ...calls?.[0], function: { name: call.name, arguments: '' } }] }),
          ...fragments(call.arguments).map((args) =>
            chunk({ tool_calls: [{ index: 0, function: { arguments: args } }] }),
          ),
          chunk({}, 'tool_calls'),
        ]
  const events = [chunk({ role: 'assistant', content: '' }), ...said, { ...chunk({}), choices: [], usage }]
  const lines = [...events.map((event) => JSON.stringify(event)), '[DONE]'].map((data) => `data: ${data}\n\n`)
  return new Response(lines.join(''), { headers: { 'content-type': 'text/event-stream' } })
}

function textOf(content: unknown): string {
  return typeof content === 'string'
    ? content
    : objects(content)
        .map((part) => String(part['text'] ?? ''))
        .join('')
}
