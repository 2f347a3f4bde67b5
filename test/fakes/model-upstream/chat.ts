/**
 * Chat completions. It refuses what OpenAI's and the engines' servers refuse: unknown roles and kinds of parts, results
 * without their call and calls without their result, names and schemas of tools that are none, a choice without tools,
 * `stream_options` without a stream, JSON that nobody spoke of. As a vendor it also refuses members that it does not
 * know and the old name of the bound; as an engine it takes all of them and thinks as its template is told.
 */
import { objects, type Json } from '../scripted-turn.ts'
import {
  bad,
  bearer,
  isObject,
  openaiError,
  unknownMember,
  type AnswerFacts,
  type Fault,
  type PlayedApi,
} from './api.ts'
import { chatToolsFault, formatFault } from './openai-tools.ts'
import { mediumOf, tokensOf, type Medium, type PlayedCall, type PlayedTool, type Prompt, type Said } from './model.ts'

export function chatApi({ isVendor }: { readonly isVendor: boolean }): PlayedApi {
  return {
    path: '/chat/completions',
    entrance: bearer,
    fault: (body) => (isVendor ? vendorFault(body) : null) ?? fault(body),
    promptOf,
    whole: (said, facts) => whole(isVendor ? said : withEngineIds(said), facts, isVendor),
    events: (said, facts) => events(isVendor ? said : withEngineIds(said), facts, isVendor),
    errorBody: openaiError,
  }
}

const vendorMembers = new Set(
  ['model', 'messages', 'tools', 'tool_choice', 'parallel_tool_calls', 'stream', 'stream_options', 'n', 'user', 'store']
    .concat(['max_completion_tokens', 'temperature', 'top_p', 'stop', 'seed', 'presence_penalty', 'frequency_penalty'])
    .concat(['response_format', 'reasoning_effort', 'metadata', 'service_tier', 'safety_identifier', 'logprobs'])
    .concat(['top_logprobs', 'logit_bias', 'modalities', 'audio', 'prompt_cache_key', 'verbosity', 'functions']),
)

function vendorFault(body: Json): Fault | null {
  if ('max_tokens' in body)
    return bad("Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.", 'max_tokens')
  const odd = unknownMember(body, vendorMembers)
  return odd === undefined ? null : bad(`Unrecognized request argument supplied: ${odd}`, odd)
}

function fault(body: Json): Fault | null {
  const { messages, stop, stream_options: streamOptions, reasoning_effort: effort } = body
  if (!Array.isArray(messages) || messages.length === 0) return bad('messages: at least one is needed', 'messages')
  if (streamOptions !== undefined && streamOptions !== null && body['stream'] !== true)
    return bad("'stream_options' is only allowed when streaming.", 'stream_options')
  if (Array.isArray(stop) && stop.length > 4) return bad("'stop' holds more than 4 texts.", 'stop')
  if (effort !== undefined && !['none', 'minimal', 'low', 'medium', 'high', 'xhigh'].includes(String(effort)))
    return bad(`Invalid value: '${String(effort)}'.`, 'reasoning_effort')
  const most = body['max_completion_tokens'] ?? body['max_tokens']
  if (most !== undefined && (!Number.isInteger(most) || Number(most) < 1)) return bad('max_tokens must be at least 1.')
  return (
    messages.map(messageFault).find((found) => found !== null) ??
    sequenceFault(objects(messages)) ??
    chatToolsFault(body) ??
    formatFault(body['response_format'], JSON.stringify(messages))
  )
}

const partsOfRole: Readonly<Record<string, readonly string[]>> = {
  system: ['text'],
  developer: ['text'],
  user: ['text', 'image_url', 'input_audio', 'file'],
  assistant: ['text', 'refusal'],
  tool: ['text'],
}

function messageFault(message: unknown, index: number): Fault | null {
  const at = `messages[${index}]`
  if (!isObject(message)) return bad(`${at} is no object`)
  const { role, content } = message
  const known = partsOfRole[String(role)]
  if (known === undefined) return bad(`Invalid value: '${String(role)}'.`, `${at}.role`)
  const calls = objects(message['tool_calls'])
  if (role !== 'assistant' && calls.length > 0) return bad('tool_calls belong to the assistant', at)
  if ((content === undefined || content === null) && (role !== 'assistant' || calls.length === 0))
    return bad(`Invalid value for 'content': expected a string, got null.`, `${at}.content`)
  if (Array.isArray(content) && content.length === 0) return bad('content is an empty list', `${at}.content`)
  for (const part of objects(content)) {
    if (!known.includes(String(part['type']))) return bad(`Invalid value: '${String(part['type'])}'.`, `${at}.content`)
    if (part['type'] === 'text' && typeof part['text'] !== 'string') return bad('a text part without text', at)
    if (part['type'] === 'image_url' && typeof imageUrl(part) !== 'string') return bad('image_url without url', at)
  }
  for (const call of calls) {
    const { function: called, custom } = call
    if (typeof call['id'] !== 'string' || call['id'] === '') return bad('a call without an id', `${at}.tool_calls`)
    if (isObject(custom)) continue
    if (!isObject(called) || typeof called['arguments'] !== 'string') return bad('arguments are no text', at)
    if (!isJsonObject(called['arguments'])) return bad('arguments are no JSON object', `${at}.tool_calls`)
  }
  return null
}

function isJsonObject(text: string): boolean {
  try {
    return isObject(JSON.parse(text))
  } catch {
    return false
  }
}

/** Results stand right behind the calls that they answer, all of them. */
function sequenceFault(messages: readonly Json[]): Fault | null {
  let open = new Set<unknown>()
  for (const [index, message] of messages.entries()) {
    if (message['role'] === 'tool') {
      if (!open.delete(message['tool_call_id']))
        return bad("messages with role 'tool' must be a response to a preceeding message with 'tool_calls'.")
      continue
    }
    if (open.size > 0) return bad(`messages[${index}]: calls were not answered: ${[...open].join(', ')}`)
    open = new Set(objects(message['tool_calls']).map((call) => call['id']))
  }
  return open.size === 0 ? null : bad('the last calls were not answered')
}

const imageUrl = (part: Json): unknown => (isObject(part['image_url']) ? part['image_url']['url'] : undefined)

function promptOf(body: Json): Prompt {
  const messages = objects(body['messages'])
  const of = (...roles: readonly string[]) => messages.filter(({ role }) => roles.includes(String(role)))
  const afterAnswer = messages.slice(messages.findLastIndex(({ role }) => role === 'assistant') + 1)
  const format = body['response_format'] as Json | undefined
  const choice = body['tool_choice']
  return {
    system: of('system', 'developer').map(textOf).join('\n'),
    asked: of('user').map(textOf),
    results: afterAnswer.filter(({ role }) => role === 'tool').map(textOf),
    media: objects(of('user').at(-1)?.['content']).flatMap(mediaOf),
    tools: objects(body['tools']).map(toolOf),
    choice: isObject(choice)
      ? { name: String(((choice['function'] ?? choice['custom']) as Json)['name']) }
      : ((choice ?? 'auto') as 'auto'),
    isParallel: body['parallel_tool_calls'] !== false,
    format:
      format?.['type'] === 'json_schema'
        ? { schema: (format['json_schema'] as Json)['schema'] as Json }
        : format?.['type'] === 'json_object'
          ? 'json'
          : 'text',
    thinks: thinks(body),
    maxTokens: (body['max_completion_tokens'] ?? body['max_tokens'] ?? null) as number | null,
    stop: typeof body['stop'] === 'string' ? [body['stop']] : ((body['stop'] ?? []) as readonly string[]),
  }
}

function thinks({ reasoning_effort: effort, chat_template_kwargs: template }: Json): boolean {
  if (effort !== undefined && effort !== null) return effort !== 'none'
  return isObject(template) && template['enable_thinking'] === true
}

function toolOf(tool: Json): PlayedTool {
  const told = (tool['function'] ?? tool['custom']) as Json
  const schema = (told['parameters'] ?? {}) as Json
  return { name: String(told['name']), schema: tool['type'] === 'custom' ? null : schema }
}

function textOf({ content }: Json): string {
  if (typeof content === 'string') return content
  return objects(content)
    .map((part) => String(part['text'] ?? ''))
    .join('\n')
}

function mediaOf(part: Json): readonly Medium[] {
  if (part['type'] === 'image_url') return [mediumOf('image', String(imageUrl(part)))]
  if (part['type'] === 'file') return [mediumOf('file', String((part['file'] as Json)['file_data']))]
  if (part['type'] !== 'input_audio') return []
  const { data, format } = part['input_audio'] as Json
  return [mediumOf('sound', String(data), `audio/${String(format)}`)]
}

const finishes = {
  stop: 'stop',
  stop_sequence: 'stop',
  length: 'length',
  calls: 'tool_calls',
  refusal: 'stop',
} as const

/** Engines tell the thought, and the stop sequence that was met; OpenAI tells neither. */
function engineTells({ sequence }: Said, isVendor: boolean): Json {
  return isVendor ? {} : { stop_reason: sequence }
}

/** Some engines name calls so, which other servers refuse. */
const withEngineIds = (said: Said): Said => ({
  ...said,
  calls: said.calls.map((call) => ({ ...call, id: `functions.${call.name}:${call.id.replace('call_', '')}` })),
})

const callOf = (call: PlayedCall): Json =>
  call.isFree
    ? { id: call.id, type: 'custom', custom: { name: call.name, input: call.arguments } }
    : { id: call.id, type: 'function', function: { name: call.name, arguments: call.arguments } }

function whole(said: Said, { model, count }: AnswerFacts, isVendor: boolean): Json {
  const thought = said.thought === null || isVendor ? {} : { reasoning_content: said.thought }
  const message = {
    role: 'assistant',
    content: said.text === '' ? null : said.text,
    refusal: said.refusal,
    ...thought,
    ...(said.calls.length === 0 ? {} : { tool_calls: said.calls.map(callOf) }),
  }
  const choice = {
    index: 0,
    message,
    logprobs: null,
    finish_reason: finishes[said.end],
    ...engineTells(said, isVendor),
  }
  return { ...headOf(model, count), object: 'chat.completion', choices: [choice], usage: usageOf(said) }
}

const headOf = (model: string, count: number): Json => ({ id: `chatcmpl-${count}`, created: 1_700_000_000, model })

function usageOf({ usage: { prompt, cached, completion, reasoning } }: Said): Json {
  return {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: prompt + completion,
    prompt_tokens_details: { cached_tokens: cached },
    completion_tokens_details: { reasoning_tokens: reasoning },
  }
}

function events(said: Said, { model, count, body }: AnswerFacts, isVendor: boolean): readonly string[] {
  const line = (event: Json): string => `data: ${JSON.stringify(event)}\n\n`
  const head = { ...headOf(model, count), object: 'chat.completion.chunk' }
  const chunk = (delta: Json, end: Json = { finish_reason: null }): string =>
    line({ ...head, choices: [{ index: 0, delta, ...end }] })
  const wantsUsage = isObject(body['stream_options']) && body['stream_options']['include_usage'] === true
  return [
    chunk({ role: 'assistant', content: '' }),
    ...(isVendor ? [] : tokensOf(said.thought ?? '')).map((text) => chunk({ reasoning_content: text })),
    ...tokensOf(said.text).map((content) => chunk({ content })),
    ...tokensOf(said.refusal ?? '').map((refusal) => chunk({ refusal })),
    ...callPieces(said.calls, /\bmixed\b/.test(JSON.stringify(body['messages']))).map((delta) => chunk(delta)),
    chunk({}, { finish_reason: finishes[said.end], ...engineTells(said, isVendor) }),
    ...(wantsUsage ? [line({ ...head, choices: [], usage: usageOf(said) })] : []),
    'data: [DONE]\n\n',
  ]
}

/** One call after the other, as OpenAI and most servers send them, or the pieces of all side by side. */
function callPieces(calls: readonly PlayedCall[], isMixed: boolean): readonly Json[] {
  const begun = calls.map(({ id, name, isFree }, index) => ({
    tool_calls: [
      isFree
        ? { index, id, type: 'custom', custom: { name, input: '' } }
        : { index, id, type: 'function', function: { name, arguments: '' } },
    ],
  }))
  const third = (nth: number) => calls.map((call, index) => piece(call, index, nth))
  const thirds = [begun.map((each): readonly Json[] => [each]), ...[0, 1, 2].map(third)]
  return isMixed ? thirds.flat(2) : calls.flatMap((_, index) => thirds.flatMap((all) => all[index] ?? []))
}

function piece(call: PlayedCall, index: number, third: number): readonly Json[] {
  const size = Math.ceil(call.arguments.length / 3)
  const text = call.arguments.slice(third * size, (third + 1) * size)
  if (text === '') return []
  return [
    { tool_calls: [{ index, ...(call.isFree ? { custom: { input: text } } : { function: { arguments: text } }) }] },
  ]
}
