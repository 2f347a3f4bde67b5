/**
 * Chat completions. It refuses what OpenAI's and the engines' servers refuse: unknown roles and kinds of parts, results
 * without their call and calls without their result, names and schemas of tools that are none, a choice without tools,
 * `stream_options` without a stream, JSON that nobody spoke of. As a vendor it also refuses members that it does not
 * know and the old name of the bound; as an engine it takes all of them and thinks as its template is told.
 */
import { fragments, objects, type Json } from '../scripted-turn.ts'
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

function whole(said: Said, { model, count, body, others = [] }: AnswerFacts, isVendor: boolean): Json {
  const choices = [said, ...others].map((each, index) => choiceOf(each, { index, body, isVendor }))
  return { ...headOf(model, count), object: 'chat.completion', choices, usage: usageOf(said) }
}

interface ChoicePlace {
  readonly index: number
  readonly body: Json
  readonly isVendor: boolean
}

function choiceOf(said: Said, { index, body, isVendor }: ChoicePlace): Json {
  const thought = said.thought === null || isVendor ? {} : { reasoning_content: said.thought }
  const message = {
    role: 'assistant',
    content: said.text === '' ? null : said.text,
    refusal: said.refusal,
    ...thought,
    ...(said.calls.length === 0 ? {} : { tool_calls: said.calls.map(callOf) }),
  }
  return {
    index,
    message,
    logprobs: logprobsOf(said.text, body),
    finish_reason: finishes[said.end],
    ...engineTells(said, isVendor),
  }
}

/** One token a word, each as likely as the next. */
function logprobsOf(text: string, body: Json): Json | null {
  if (body['logprobs'] !== true) return null
  const content = tokensOf(text).map((token) => ({
    token,
    logprob: -0.5,
    bytes: [...Buffer.from(token)],
    top_logprobs: [],
  }))
  return { content, refusal: null }
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

function events(said: Said, facts: AnswerFacts, isVendor: boolean): readonly string[] {
  const { model, count, body, others = [] } = facts
  const line = (event: Json): string => `data: ${JSON.stringify(event)}\n\n`
  const head = { ...headOf(model, count), object: 'chat.completion.chunk' }
  const wantsUsage = isObject(body['stream_options']) && body['stream_options']['include_usage'] === true
  const choices = [said, ...others].map((each, index) =>
    piecesOf(each, facts, isVendor).map((piece) => line({ ...head, choices: [{ index, ...piece }] })),
  )
  return [
    ...sideBySide(choices),
    ...(wantsUsage ? [line({ ...head, choices: [], usage: usageOf(said) })] : []),
    'data: [DONE]\n\n',
  ]
}

/** The first of each, then the second of each. */
function sideBySide(lists: readonly (readonly string[])[]): readonly string[] {
  const longest = Math.max(...lists.map((list) => list.length))
  return Array.from({ length: longest }, (_, at) => lists.flatMap((list) => list[at] ?? [])).flat()
}

function piecesOf(said: Said, { body, split: cut }: AnswerFacts, isVendor: boolean): readonly Json[] {
  const split = cut ?? tokensOf
  const piece = (delta: Json): Json => ({ delta, finish_reason: null })
  const spoken = (content: string): Json => {
    const logprobs = logprobsOf(content, body)
    return { ...piece({ content }), ...(logprobs === null ? {} : { logprobs }) }
  }
  return [
    piece({ role: 'assistant', content: '' }),
    ...(isVendor ? [] : split(said.thought ?? '')).map((text) => piece({ reasoning_content: text })),
    ...split(said.text).map(spoken),
    ...split(said.refusal ?? '').map((refusal) => piece({ refusal })),
    ...callPieces(said.calls, cut ?? fragments, /\bmixed\b/.test(JSON.stringify(body['messages']))).map(piece),
    { delta: {}, finish_reason: finishes[said.end], ...engineTells(said, isVendor) },
  ]
}

/** One call after the other, as OpenAI and most servers send them, or the pieces of all side by side. */
function callPieces(
  calls: readonly PlayedCall[],
  cut: (text: string) => readonly string[],
  isMixed: boolean,
): readonly Json[] {
  const all = calls.map((call, index) => [
    { tool_calls: [begunOf(call, index)] },
    ...cut(call.arguments).map((text) => ({ tool_calls: [pieceOf(call, index, text)] })),
  ])
  if (!isMixed) return all.flat()
  const longest = Math.max(0, ...all.map((pieces) => pieces.length))
  return Array.from({ length: longest }, (_, at) => all.flatMap((pieces) => pieces[at] ?? [])).flat()
}

const begunOf = ({ id, name, isFree }: PlayedCall, index: number): Json =>
  isFree
    ? { index, id, type: 'custom', custom: { name, input: '' } }
    : { index, id, type: 'function', function: { name, arguments: '' } }

const pieceOf = ({ isFree }: PlayedCall, index: number, text: string): Json => ({
  index,
  ...(isFree ? { custom: { input: text } } : { function: { arguments: text } }),
})
