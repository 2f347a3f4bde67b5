/** Anthropic's Messages; messages-faults.ts says what it refuses. */
import { fragments, objects, type Json } from '../scripted-turn.ts'
import { isObject, named, type AnswerFacts, type Fault, type PlayedApi } from './api.ts'
import { messagesFault, signatureOf } from './messages-faults.ts'
import { mediumOf, tokensOf, type Medium, type Prompt, type Said } from './model.ts'

export const messagesApi: PlayedApi = {
  path: '/messages',
  entrance(headers, key) {
    if (headers.get('x-api-key') !== key || headers.has('authorization'))
      return { status: 401, code: 'authentication_error', message: 'invalid x-api-key' }
    if (headers.has('anthropic-version')) return null
    return { status: 400, code: 'invalid_request_error', message: 'anthropic-version: header is required' }
  },
  fault: messagesFault,
  promptOf,
  whole,
  events,
  errorBody,
}

const typeOfStatus: Readonly<Record<number, string>> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  404: 'not_found_error',
  429: 'rate_limit_error',
  529: 'overloaded_error',
}

function errorBody({ status, message, details }: Fault): Json {
  const error = { type: typeOfStatus[status] ?? 'api_error', message, ...(details === undefined ? {} : { details }) }
  return { type: 'error', error, request_id: 'req_model' }
}

function promptOf(body: Json): Prompt {
  const { system, tool_choice: choice, thinking, output_config: output } = body
  const messages = objects(body['messages'])
  const users = messages.filter(({ role }) => role === 'user')
  const after = messages.slice(messages.findLastIndex(({ role }) => role === 'assistant') + 1)
  const results = after
    .flatMap(({ content }) => objects(content))
    .filter(({ type }) => type === 'tool_result')
    .map(textOf)
  const wish = isObject(choice) ? choice : {}
  const format = isObject(output) && isObject(output['format']) ? output['format'] : null
  return {
    system: [textOf({ content: system }), ...messages.filter(({ role }) => role === 'system').map(textOf)].join('\n'),
    asked: users.map(textOf).filter((text) => text !== ''),
    results,
    media: objects(users.at(-1)?.['content']).flatMap(mediaOf),
    tools: objects(body['tools']).map((tool) => ({ name: String(tool['name']), schema: tool['input_schema'] as Json })),
    choice: choiceOf(wish),
    isParallel: wish['disable_parallel_tool_use'] !== true,
    format: format === null ? 'text' : { schema: format['schema'] as Json },
    thinks: isObject(thinking) && thinking['type'] !== 'disabled',
    maxTokens: body['max_tokens'] as number,
    stop: (body['stop_sequences'] ?? []) as readonly string[],
  }
}

function choiceOf({ type, name }: Json): Prompt['choice'] {
  if (type === 'tool') return { name: String(name) }
  return type === 'any' ? 'required' : type === 'none' ? 'none' : 'auto'
}

/** The words of a message or a result, without those of results within. */
function textOf({ content }: Json): string {
  if (typeof content === 'string') return content
  return objects(content)
    .flatMap((block) => (block['type'] === 'text' ? [String(block['text'])] : []))
    .join('\n')
}

function mediaOf({ type, source }: Json): readonly Medium[] {
  if ((type !== 'image' && type !== 'document') || !isObject(source)) return []
  const kind = type === 'image' ? 'image' : 'file'
  if (source['type'] === 'url') return [mediumOf(kind, String(source['url']))]
  return [mediumOf(kind, String(source['data']), String(source['media_type']))]
}

const stopReasons = {
  stop: 'end_turn',
  stop_sequence: 'stop_sequence',
  length: 'max_tokens',
  calls: 'tool_use',
  refusal: 'refusal',
} as const

/** Blocks, whole. A refusal is an end, with what was said until then. */
function blocksOf(said: Said, { body }: AnswerFacts): readonly Json[] {
  const words = said.refusal ?? said.text
  const { display } = (body['thinking'] ?? {}) as Json
  // Models that think as they see fit show their thoughts only to those who ask for it.
  const isShown = (body['thinking'] as Json | undefined)?.['type'] === 'enabled' || display === 'summarized'
  const thinking = isShown ? (said.thought ?? '') : ''
  const thought = { type: 'thinking', thinking, signature: signatureOf(thinking) }
  return [
    ...(said.thought === null ? [] : [thought]),
    ...(words === '' ? [] : [{ type: 'text', text: words }]),
    ...said.calls.map(({ id, name, arguments: input }) => ({ type: 'tool_use', id, name, input: JSON.parse(input) })),
  ]
}

function usageOf({ usage: { prompt, cached, completion, reasoning } }: Said): Json {
  return {
    input_tokens: prompt - cached,
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: cached,
    output_tokens: completion,
    ...(reasoning === 0 ? {} : { output_tokens_details: { thinking_tokens: reasoning } }),
  }
}

function whole(said: Said, facts: AnswerFacts): Json {
  return {
    id: `msg_${facts.count}`,
    type: 'message',
    role: 'assistant',
    model: facts.model,
    content: blocksOf(said, facts),
    stop_reason: stopReasons[said.end],
    stop_sequence: said.sequence,
    usage: usageOf(said),
  }
}

function events(said: Said, facts: AnswerFacts): readonly string[] {
  const { content: _, ...message } = whole(said, facts)
  const begun = { ...usageOf(said), output_tokens: 1 }
  const delta = { stop_reason: stopReasons[said.end], stop_sequence: said.sequence }
  return [
    {
      type: 'message_start',
      message: { ...message, content: [], stop_reason: null, stop_sequence: null, usage: begun },
    },
    { type: 'ping' },
    ...blocksOf(said, facts).flatMap((block, index) => blockEvents(block, index, facts.split)),
    { type: 'message_delta', delta, usage: usageOf(said) },
    { type: 'message_stop' },
  ].map((event) => named(event))
}

type Split = AnswerFacts['split']

function blockEvents(block: Json, index: number, split: Split): readonly { readonly type: string }[] {
  const [empty, deltas] = deltasOf(block, split)
  return [
    { type: 'content_block_start', index, content_block: empty } as { readonly type: string },
    ...deltas.map((delta) => ({ type: 'content_block_delta', index, delta })),
    { type: 'content_block_stop', index } as { readonly type: string },
  ]
}

function deltasOf(block: Json, split: Split): readonly [Json, readonly Json[]] {
  const words = split ?? tokensOf
  switch (block['type']) {
    case 'thinking': {
      const thoughts = words(String(block['thinking'])).map((thinking) => ({ type: 'thinking_delta', thinking }))
      const signature = { type: 'signature_delta', signature: block['signature'] }
      return [{ ...block, thinking: '', signature: '' }, [...thoughts, signature]]
    }
    case 'tool_use': {
      const parts = (split ?? fragments)(JSON.stringify(block['input']))
      return [{ ...block, input: {} }, parts.map((partial_json) => ({ type: 'input_json_delta', partial_json }))]
    }
    default:
      return [{ ...block, text: '' }, words(String(block['text'])).map((text) => ({ type: 'text_delta', text }))]
  }
}
