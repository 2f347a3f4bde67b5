/**
 * What Anthropic refuses: no `max_tokens`, a first turn that is not the user's, empty texts and those that only hold
 * blanks, an answer to be carried on that ends in a blank, results that answer no call or do not stand first, calls
 * without a result, thoughts that it did not sign, a budget that is no less than `max_tokens`, thinking beside a forced
 * tool or another temperature, loose schemas; of its newer models also temperature and top_p at once, of its newest all
 * sampling and every budget.
 */
import { createHash } from 'node:crypto'
import { objects, type Json } from '../scripted-turn.ts'
import { bad, isObject, unknownMember, type Fault } from './api.ts'
import { looseness } from './fit-schema.ts'

/** Long and opaque like the vendor's, and of this thought alone: one that was changed is refused. */
export const signatureOf = (thought: string): string =>
  createHash('sha512').update(`signed by the model: ${thought}`).digest('base64')

const members = new Set(
  ['model', 'messages', 'max_tokens', 'system', 'metadata', 'stop_sequences', 'stream', 'temperature', 'top_p', 'top_k']
    .concat(['tools', 'tool_choice', 'thinking', 'service_tier', 'container', 'output_config', 'cache_control'])
    .concat(['context_management', 'inference_geo', 'speed', 'thread']),
)
const leastBudget = 1024

export function messagesFault(body: Json, headers: Headers): Fault | null {
  const odd = unknownMember(body, members)
  if (odd !== undefined) return bad(`${odd}: Extra inputs are not permitted`)
  const { max_tokens: most, messages, stop_sequences: stops } = body
  if (!Number.isInteger(most) || Number(most) < 1) return bad('max_tokens: Field required')
  if (!Array.isArray(messages) || messages.length === 0) return bad('messages: at least one message is required')
  if (objects(messages)[0]?.['role'] !== 'user') return bad('messages: first message must use the "user" role')
  if (Array.isArray(stops) && stops.some((stop: unknown) => String(stop).trim() === ''))
    return bad('stop_sequences: each stop sequence must contain non-whitespace')
  const lateSystem = headers.get('anthropic-beta')?.includes('mid-conversation-system') === true
  return (
    systemFault(body['system']) ??
    messages.map((message, index) => turnFault(message, index, lateSystem)).find((found) => found !== null) ??
    carriedOnFault(objects(messages)) ??
    callFault(objects(messages)) ??
    toolsFault(body) ??
    thinkingFault(body) ??
    samplingFault(body) ??
    formatFault(body)
  )
}

function systemFault(system: unknown): Fault | null {
  if (system === undefined || typeof system === 'string') return null
  const blocks = objects(system)
  if (blocks.length === 0) return bad('system: Input should be a valid list')
  return blocks.map((block, index) => textFault(block, `system.${index}`)).find((found) => found !== null) ?? null
}

function turnFault(message: unknown, index: number, lateSystem: boolean): Fault | null {
  const at = `messages.${index}`
  if (!isObject(message)) return bad(`${at}: Input should be an object`)
  const { role, content } = message
  if (role !== 'user' && role !== 'assistant' && !(role === 'system' && lateSystem))
    return bad(`${at}.role: Input should be 'user' or 'assistant'`)
  if (typeof content === 'string') return content.trim() === '' ? bad(`${at}: content must be non-empty`) : null
  if (!Array.isArray(content) || content.length === 0) return bad(`${at}: all messages must have non-empty content`)
  for (const block of objects(content)) {
    const found = blockFault(block, String(role), at)
    if (found !== null) return found
  }
  return null
}

const blocksOfRole: Readonly<Record<string, readonly string[]>> = {
  user: ['text', 'image', 'document', 'tool_result', 'search_result'],
  assistant: ['text', 'thinking', 'redacted_thinking', 'tool_use'],
  system: ['text'],
}
const imageTypes = ['image/jpeg', 'image/png', 'image/gif', 'image/webp']

function blockFault(block: Json, role: string, at: string): Fault | null {
  const { type, source } = block
  if (!blocksOfRole[role]?.includes(String(type)))
    return bad(`${at}.content: Input tag '${String(type)}' is not expected`)
  switch (type) {
    case 'text':
      return textFault(block, at)
    case 'thinking':
      return block['signature'] === signatureOf(String(block['thinking']))
        ? null
        : bad(`${at}: Invalid \`signature\` in \`thinking\` block`)
    case 'redacted_thinking':
      return bad(`${at}: Invalid \`data\` in \`redacted_thinking\` block`)
    case 'tool_use':
      if (!/^[a-zA-Z0-9_-]+$/.test(String(block['id']))) return bad(`${at}.tool_use.id: String should match pattern`)
      return isObject(block['input']) ? null : bad(`${at}.tool_use.input: Input should be a valid dictionary`)
    case 'image':
      if (!isObject(source)) return bad(`${at}.image.source: Field required`)
      return source['type'] !== 'base64' || imageTypes.includes(String(source['media_type']))
        ? null
        : bad(`${at}.image.source.base64.media_type: Input should be ${imageTypes.join(' or ')}`)
    case 'tool_result': {
      const odd = objects(block['content']).find(
        ({ type: kind }) => !['text', 'image', 'document'].includes(String(kind)),
      )
      return odd === undefined ? null : bad(`${at}.tool_result.content: '${String(odd['type'])}' is not expected`)
    }
    default:
      return null
  }
}

function textFault(block: Json, at: string): Fault | null {
  const { text } = block
  if (typeof text !== 'string') return bad(`${at}.text: Field required`)
  if (text === '') return bad('messages: text content blocks must be non-empty')
  return text.trim() === '' ? bad('messages: text content blocks must contain non-whitespace text') : null
}

function carriedOnFault(messages: readonly Json[]): Fault | null {
  const last = messages.at(-1)
  if (last?.['role'] !== 'assistant') return null
  const text = typeof last['content'] === 'string' ? last['content'] : String(objects(last['content']).at(-1)?.['text'])
  return text === text.trimEnd() ? null : bad('final assistant content cannot end with trailing whitespace')
}

function callFault(messages: readonly Json[]): Fault | null {
  let open = new Set<unknown>()
  for (const [index, { role, content }] of messages.entries()) {
    if (role === 'system') continue
    const blocks = objects(content)
    const results = blocks.filter(({ type }) => type === 'tool_result')
    if (blocks.slice(0, results.length).some(({ type }) => type !== 'tool_result'))
      return bad(`messages.${index}: tool_result blocks must come first`)
    const odd = results.find((result) => !open.delete(result['tool_use_id']))
    if (odd !== undefined) return bad(`messages.${index}: unexpected \`tool_use_id\` ${String(odd['tool_use_id'])}`)
    if (open.size > 0)
      return bad(`messages.${index}: \`tool_use\` ids without \`tool_result\` blocks: ${[...open].join(', ')}`)
    const ids = blocks.filter(({ type }) => type === 'tool_use').map(({ id }) => id)
    open = new Set(ids)
    if (open.size < ids.length) return bad(`messages.${index}: \`tool_use\` ids must be unique`)
  }
  return open.size === 0 ? null : bad('the last turn calls tools')
}

function toolsFault({ tools, tool_choice: choice }: Json): Fault | null {
  for (const [index, tool] of objects(tools).entries()) {
    if (tool['type'] !== undefined && tool['type'] !== 'custom') continue
    if (!/^[a-zA-Z0-9_-]{1,128}$/.test(String(tool['name'])))
      return bad(`tools.${index}.name: String should match pattern`)
    const schema = tool['input_schema']
    if (!isObject(schema) || schema['type'] !== 'object')
      return bad(`tools.${index}.input_schema.type: Input should be 'object'`)
    const loose = tool['strict'] === true ? looseness(schema, 'anthropic') : null
    if (loose !== null) return bad(`tools.${index}.input_schema: ${loose}`)
  }
  if (choice === undefined) return null
  if (!isObject(choice) || !['auto', 'any', 'tool', 'none'].includes(String(choice['type'])))
    return bad('tool_choice: Input tag is not expected')
  if (objects(tools).length === 0) return bad('tool_choice may only be specified while providing tools')
  if (choice['type'] !== 'tool' || objects(tools).some(({ name }) => name === choice['name'])) return null
  return bad(`Tool '${String(choice['name'])}' not found in provided tools`)
}

/** Models that no longer take a budget, nor sampling. */
const isNewest = (model: unknown): boolean => /opus-4-[789]|opus-5/.test(String(model))

function thinkingFault({ model, thinking, max_tokens: most, tool_choice: choice, messages }: Json): Fault | null {
  if (thinking === undefined) return null
  const { type, budget_tokens: budget } = thinking as Json
  if (type === 'disabled') return null
  const wanted = isNewest(model) ? 'adaptive' : 'enabled'
  if (type !== wanted) return bad(`thinking.type: "${String(type)}" is not supported for this model; use "${wanted}"`)
  if (isObject(choice) && (choice['type'] === 'any' || choice['type'] === 'tool'))
    return bad('Thinking may not be enabled when tool_choice forces tool use.')
  if (type === 'adaptive') return null
  if (typeof budget !== 'number' || budget < leastBudget)
    return bad('thinking.enabled.budget_tokens: Input should be greater than or equal to 1024')
  if (budget >= Number(most)) return bad('`max_tokens` must be greater than `thinking.budget_tokens`')
  const turns = objects(messages)
  const isAnswered = objects(turns.at(-1)?.['content']).some((block) => block['type'] === 'tool_result')
  const first = objects(turns.findLast(({ role }) => role === 'assistant')?.['content'])[0]?.['type']
  return !isAnswered || first === 'thinking'
    ? null
    : bad('Expected `thinking` or `redacted_thinking`, but found `tool_use` in the last assistant message')
}

function samplingFault(body: Json): Fault | null {
  const { model, temperature, top_p: topP, top_k: topK, thinking } = body
  const said = [temperature, topP, topK].filter((value) => value !== undefined && value !== null)
  if (isNewest(model) && said.length > 0)
    return bad('`temperature`, `top_p` and `top_k` are not supported by this model')
  if (typeof temperature === 'number' && (temperature < 0 || temperature > 1)) return bad('temperature: range: 0..1')
  if (temperature !== undefined && topP !== undefined)
    return bad('`temperature` and `top_p` cannot both be specified for this model. Please use only one.')
  const thinks = isObject(thinking) && thinking['type'] === 'enabled'
  return thinks && temperature !== undefined && temperature !== 1
    ? bad('`temperature` may only be set to 1 when thinking is enabled.')
    : null
}

function formatFault({ output_config: config, model }: Json): Fault | null {
  if (!isObject(config)) return null
  const { effort, format } = config
  if (effort !== undefined && !isNewest(model)) return bad('output_config.effort: not supported by this model')
  if (effort !== undefined && !['low', 'medium', 'high', 'xhigh', 'max'].includes(String(effort)))
    return bad('output_config.effort: Input should be low, medium, high, xhigh or max')
  if (format === undefined || format === null) return null
  if (!isObject(format) || format['type'] !== 'json_schema') return bad('output_config.format.type: json_schema')
  const loose = looseness(format['schema'], 'anthropic')
  return loose === null ? null : bad(`output_config.format.schema: ${loose}`)
}
