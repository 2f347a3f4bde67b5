/**
 * OpenAI's Responses. It refuses what OpenAI refuses: members that it does not know, kinds of items and parts, the
 * words of one role said by another, outputs without their call and calls without their output, a bound below 16,
 * thoughts that it did not seal, an earlier response (it keeps none).
 */
import { objects, type Json } from '../scripted-turn.ts'
import {
  bad,
  bearer,
  isObject,
  named,
  openaiError,
  unknownMember,
  type AnswerFacts,
  type Fault,
  type PlayedApi,
} from './api.ts'
import { mediumOf, type Medium, type Prompt, type Said } from './model.ts'
import { flatToolsFault, formatFault } from './openai-tools.ts'
import { itemsOf, ResponseEvents, sealedThought } from './responses-events.ts'

export const responsesApi: PlayedApi = {
  path: '/responses',
  entrance: bearer,
  fault,
  promptOf,
  whole: (said, facts) => responseOf(said, facts, itemsOf(said, facts)),
  events: (said, facts) => events(said, facts),
  errorBody: openaiError,
}

const members = new Set(
  ['model', 'input', 'instructions', 'max_output_tokens', 'metadata', 'parallel_tool_calls', 'previous_response_id']
    .concat(['prompt_cache_key', 'prompt_cache_retention', 'reasoning', 'safety_identifier', 'service_tier', 'store'])
    .concat(['stream', 'stream_options', 'temperature', 'text', 'tool_choice', 'tools', 'top_logprobs', 'top_p'])
    .concat(['truncation', 'user', 'include', 'background', 'max_tool_calls', 'prompt', 'conversation']),
)

/** The least that OpenAI takes for `max_output_tokens`. */
const leastBound = 16

function fault(body: Json): Fault | null {
  const odd = unknownMember(body, members)
  if (odd !== undefined) return bad(`Unknown parameter: '${odd}'.`, odd, 'unknown_parameter')
  const { input, max_output_tokens: most, previous_response_id: previous, text } = body
  if (typeof most === 'number' && most < leastBound)
    return bad(
      `Invalid 'max_output_tokens': integer below minimum value. Expected a value >= ${leastBound}, but got ${most}.`,
      'max_output_tokens',
      'integer_below_min_value',
    )
  if (typeof previous === 'string')
    return { ...bad(`Previous response with id '${previous}' not found.`, 'previous_response_id'), code: 'not_found' }
  if (typeof input !== 'string' && (!Array.isArray(input) || input.length === 0))
    return bad("One of 'input' or 'previous_response_id' must be provided.", 'input')
  return (
    (typeof input === 'string' ? null : inputFault(input as readonly unknown[])) ??
    reasoningFault(body) ??
    flatToolsFault(body) ??
    formatFault(isObject(text) ? text['format'] : null, JSON.stringify(input))
  )
}

function reasoningFault({ reasoning, include }: Json): Fault | null {
  const { effort, summary } = isObject(reasoning) ? reasoning : {}
  if (effort !== undefined && effort !== null)
    if (!['none', 'minimal', 'low', 'medium', 'high', 'xhigh'].includes(String(effort)))
      return bad(`Invalid value: '${String(effort)}'.`, 'reasoning.effort')
  if (summary !== undefined && summary !== null && !['auto', 'concise', 'detailed'].includes(String(summary)))
    return bad(`Invalid value: '${String(summary)}'.`, 'reasoning.summary')
  const known = ['reasoning.encrypted_content', 'message.output_text.logprobs', 'message.input_image.image_url']
  const odd = Array.isArray(include) ? include.find((each: unknown) => !known.includes(String(each))) : undefined
  return odd === undefined ? null : bad(`Invalid value: '${String(odd)}'.`, 'include')
}

const userParts = ['input_text', 'input_image', 'input_file']
const partsOfRole: Readonly<Record<string, readonly string[]>> = {
  user: userParts,
  system: userParts,
  developer: userParts,
  assistant: ['output_text', 'refusal'],
}

function inputFault(items: readonly unknown[]): Fault | null {
  const open = new Set<unknown>()
  const answered = new Set<unknown>()
  for (const [index, item] of items.entries()) {
    if (!isObject(item)) return bad(`input[${index}] is no object`)
    const found = itemFault(item, `input[${index}]`)
    if (found !== null) return found
    if (item['type'] === 'function_call' || item['type'] === 'custom_tool_call') open.add(item['call_id'])
    if (item['type'] !== 'function_call_output' && item['type'] !== 'custom_tool_call_output') continue
    if (!open.has(item['call_id']))
      return bad(`No tool call found for function call output with call_id ${call(item)}.`)
    answered.add(item['call_id'])
  }
  const left = [...open].find((id) => !answered.has(id))
  return left === undefined ? null : bad(`No tool output found for function call ${String(left)}.`)
}

const call = (item: Json): string => String(item['call_id'])

function itemFault(item: Json, at: string): Fault | null {
  switch (item['type']) {
    case undefined:
    case 'message':
      return messageFault(item, at)
    case 'function_call':
      return typeof item['arguments'] === 'string' ? null : bad('arguments are no text', `${at}.arguments`)
    case 'custom_tool_call':
      return typeof item['input'] === 'string' ? null : bad('input is no text', `${at}.input`)
    case 'function_call_output':
    case 'custom_tool_call_output':
      return outputFault(item, at)
    case 'reasoning':
      if (!Array.isArray(item['summary'])) return bad(`Missing required parameter: '${at}.summary'.`)
      return item['encrypted_content'] === sealedThought
        ? null
        : bad('The encrypted content could not be verified.', at, 'invalid_encrypted_content')
    default:
      return bad(`Invalid value: '${String(item['type'])}'.`, `${at}.type`)
  }
}

function outputFault({ output }: Json, at: string): Fault | null {
  if (typeof output === 'string') return null
  if (!Array.isArray(output)) return bad('the output is neither a text nor a list', `${at}.output`)
  const odd = objects(output).find((part) => !userParts.includes(String(part['type'])))
  return odd === undefined ? null : bad(`Invalid value: '${String(odd['type'])}'.`, `${at}.output`)
}

function messageFault({ role, content }: Json, at: string): Fault | null {
  const known = partsOfRole[String(role)]
  if (known === undefined) return bad(`Invalid value: '${String(role)}'.`, `${at}.role`)
  if (typeof content === 'string') return null
  if (!Array.isArray(content)) return bad(`Missing required parameter: '${at}.content'.`)
  const odd = objects(content).find((part) => !known.includes(String(part['type'])))
  return odd === undefined ? null : bad(`Invalid value: '${String(odd['type'])}'.`, `${at}.content`)
}

function promptOf(body: Json): Prompt {
  const { input, instructions, reasoning, text, tool_choice: choice } = body
  const items = typeof input === 'string' ? [{ role: 'user', content: input }] : objects(input)
  const said = (...roles: readonly string[]) => items.filter((item: Json) => roles.includes(String(item['role'])))
  const isModels = (item: Json): boolean =>
    item['role'] === 'assistant' || ['function_call', 'custom_tool_call', 'reasoning'].includes(String(item['type']))
  const after = items.slice(items.findLastIndex(isModels) + 1)
  const format = isObject(text) && isObject(text['format']) ? text['format'] : {}
  const effort = isObject(reasoning) ? reasoning['effort'] : undefined
  return {
    system: [String(instructions ?? ''), ...said('system', 'developer').map(textOf)].join('\n'),
    asked: said('user').map(textOf),
    results: after.flatMap((item: Json) => ('output' in item ? [textOf({ content: item['output'] })] : [])),
    media: objects(said('user').at(-1)?.['content']).flatMap(mediaOf),
    tools: objects(body['tools']).map((tool) => ({
      name: String(tool['name']),
      schema: tool['type'] === 'custom' ? null : ((tool['parameters'] ?? {}) as Json),
    })),
    choice: isObject(choice) ? { name: String(choice['name']) } : ((choice ?? 'auto') as 'auto'),
    isParallel: body['parallel_tool_calls'] !== false,
    format:
      format['type'] === 'json_schema'
        ? { schema: format['schema'] as Json }
        : format['type'] === 'json_object'
          ? 'json'
          : 'text',
    thinks: typeof effort === 'string' && effort !== 'none',
    maxTokens: (body['max_output_tokens'] ?? null) as number | null,
    stop: [],
  }
}

function textOf({ content }: Json): string {
  if (typeof content === 'string') return content
  return objects(content)
    .map((part) => String(part['text'] ?? part['refusal'] ?? ''))
    .join('\n')
}

function mediaOf(part: Json): readonly Medium[] {
  if (part['type'] === 'input_image') return [mediumOf('image', String(part['image_url']))]
  return part['type'] === 'input_file' ? [mediumOf('file', String(part['file_data'] ?? part['file_url']))] : []
}

function responseOf(said: Said, facts: AnswerFacts, output: readonly Json[] | null): Json {
  const { model, count, body } = facts
  const isCut = said.end === 'length'
  const status = output === null ? 'in_progress' : isCut ? 'incomplete' : 'completed'
  const { prompt, cached, completion, reasoning } = said.usage
  const usage = {
    input_tokens: prompt,
    input_tokens_details: { cached_tokens: cached },
    output_tokens: completion,
    output_tokens_details: { reasoning_tokens: reasoning },
    total_tokens: prompt + completion,
  }
  return {
    id: `resp_${count}`,
    object: 'response',
    created_at: 1_700_000_000,
    status,
    error: null,
    incomplete_details: isCut && output !== null ? { reason: 'max_output_tokens' } : null,
    model,
    output: output ?? [],
    usage: output === null ? null : usage,
    instructions: body['instructions'] ?? null,
    metadata: body['metadata'] ?? {},
    parallel_tool_calls: body['parallel_tool_calls'] ?? true,
    previous_response_id: null,
    store: body['store'] ?? true,
    temperature: body['temperature'] ?? 1,
    text: body['text'] ?? { format: { type: 'text' } },
    tool_choice: body['tool_choice'] ?? 'auto',
    tools: body['tools'] ?? [],
    top_p: body['top_p'] ?? 1,
  }
}

function events(said: Said, facts: AnswerFacts): readonly string[] {
  const written = new ResponseEvents()
  const begun = responseOf(said, facts, null)
  written.add('response.created', { response: begun })
  written.add('response.in_progress', { response: begun })
  const items = itemsOf(said, facts)
  for (const [index, item] of items.entries()) written.item(item, index, facts.split)
  const response = responseOf(said, facts, items)
  written.add(response['status'] === 'incomplete' ? 'response.incomplete' : 'response.completed', { response })
  return written.events.map((event) => named(event))
}
