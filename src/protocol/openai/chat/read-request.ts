import type { AnswerFormat, Conversation, Json, ReasoningWish, Sampling } from '../../conversation/conversation.ts'
import {
  flagAt,
  isObject,
  neededText,
  numberAt,
  objectAt,
  textAt,
  textsAt,
  tokenBound,
  unsupported,
  wrong,
} from './members.ts'
import { readMessages } from './read-messages.ts'
import { readToolChoice, readTools } from './read-tools.ts'

/** A chat request in neutral form. What only one answer at a time cannot hold is refused, not left out. */
export function readChatRequest(body: Json): Conversation {
  refuseManyAnswers(body)
  return {
    model: neededText(body, 'model'),
    turns: readMessages(body),
    tools: readTools(body),
    toolChoice: readToolChoice(body),
    isParallel: flagAt(body, 'parallel_tool_calls'),
    isStream: flagAt(body, 'stream') ?? false,
    maxTokens: tokenBound(body, 'max_completion_tokens') ?? tokenBound(body, 'max_tokens'),
    sampling: readSampling(body),
    reasoning: readReasoning(body),
    format: readFormat(body),
    user: textAt(body, 'safety_identifier') ?? textAt(body, 'user'),
    extras: Object.fromEntries(Object.entries(body).filter(([name]) => !known.has(name))),
  }
}

/** Members with a place of their own in the neutral form. `functions` stays: who asked so is answered so. */
const known: ReadonlySet<string> = new Set(
  ['model', 'messages', 'tools', 'tool_choice', 'function_call', 'parallel_tool_calls', 'stream', 'stream_options', 'n']
    .concat(['max_tokens', 'max_completion_tokens', 'temperature', 'top_p', 'top_k', 'stop', 'seed', 'user'])
    .concat(['presence_penalty', 'frequency_penalty', 'reasoning_effort', 'reasoning', 'thinking', 'enable_thinking'])
    .concat(['response_format', 'safety_identifier', 'logprobs', 'top_logprobs', 'modalities', 'audio']),
)

function refuseManyAnswers(body: Json): void {
  const n = numberAt(body, 'n')
  if (n !== null && n !== 1)
    throw unsupported('n', `n is ${n}, but the model behind this name answers once; ask ${n} times, or leave n out.`)
  if (body.logprobs === true)
    throw unsupported('logprobs', 'logprobs: the model behind this name does not tell them in this dialect.')
  if (Array.isArray(body.modalities) && body.modalities.some((modality) => modality !== 'text'))
    throw unsupported('modalities', 'modalities: the model behind this name answers in text only.')
}

function readSampling(body: Json): Sampling {
  return {
    temperature: numberAt(body, 'temperature'),
    topP: numberAt(body, 'top_p'),
    topK: numberAt(body, 'top_k'),
    stop: textsAt(body, 'stop'),
    seed: numberAt(body, 'seed'),
    presencePenalty: numberAt(body, 'presence_penalty'),
    frequencyPenalty: numberAt(body, 'frequency_penalty'),
  }
}

/**
 * How much to think has many names: OpenAI's `reasoning_effort`, OpenRouter's `reasoning`, DeepSeek's `thinking`,
 * Qwen's `enable_thinking`, and the arguments that vLLM and llama-server hand to the chat template.
 */
function readReasoning(body: Json): ReasoningWish | null {
  const reasoning = isObject(body.reasoning) ? body.reasoning : {}
  const thinking = isObject(body.thinking) ? body.thinking : {}
  const effort = textAt(body, 'reasoning_effort') ?? textAt(reasoning, 'effort', 'reasoning.effort')
  const isOn = effort === null ? readSwitch(body, reasoning, thinking) : effort !== 'none'
  const budgetTokens =
    numberAt(reasoning, 'max_tokens', 'reasoning.max_tokens') ??
    numberAt(thinking, 'budget_tokens', 'thinking.budget_tokens')
  const summary = textAt(reasoning, 'summary', 'reasoning.summary')
  if (isOn === null && budgetTokens === null && summary === null) return null
  return { isOn: isOn ?? (budgetTokens === null ? null : true), effort: noneOr(effort), budgetTokens, summary }
}

const noneOr = (effort: string | null): string | null => (effort === 'none' ? null : effort)

function readSwitch(body: Json, reasoning: Json, thinking: Json): boolean | null {
  const template = isObject(body.chat_template_kwargs) ? body.chat_template_kwargs : {}
  if (thinking.type === 'enabled') return true
  if (thinking.type === 'disabled') return false
  const told = [reasoning.enabled, body.thinking, body.enable_thinking, template.enable_thinking, template.thinking]
  return told.find((value) => typeof value === 'boolean') ?? null
}

function readFormat(body: Json): AnswerFormat | null {
  const format = objectAt(body, 'response_format')
  if (format === null) return null
  if (format.type === 'text') return { kind: 'text' }
  if (format.type === 'json_object' && !isObject(format.schema)) return { kind: 'json' }
  const told = objectAt(format, 'json_schema', 'response_format.json_schema') ?? format
  if ((format.type !== 'json_schema' && format.type !== 'json_object') || !isObject(told.schema))
    throw wrong('response_format', 'text, json_object, or json_schema with a schema', format.type)
  return {
    kind: 'schema',
    name: textAt(told, 'name', 'response_format.json_schema.name') ?? 'answer',
    description: textAt(told, 'description', 'response_format.json_schema.description'),
    schema: told.schema,
    isStrict: flagAt(told, 'strict', 'response_format.json_schema.strict'),
  }
}
