import type { AnswerFormat, Conversation, Json, ReasoningWish, Sampling } from '../../conversation/conversation.ts'
import {
  isObject,
  optionalBound,
  optionalFlag,
  optionalNumber,
  optionalObject,
  optionalText,
  optionalTexts,
  unsupported,
  wantedSomeText,
  wrong,
} from '../../json/members.ts'
import { readMessages } from './read-messages.ts'
import { readToolChoice, readTools } from './read-tools.ts'

/** A chat request in neutral form. What only one answer at a time cannot hold is refused, not left out. */
export function readRequest(body: Json): Conversation {
  refuseManyAnswers(body)
  return {
    model: wantedSomeText(body.model, 'model'),
    turns: readMessages(body),
    tools: readTools(body),
    toolChoice: readToolChoice(body),
    isParallel: optionalFlag(body.parallel_tool_calls, 'parallel_tool_calls'),
    isStream: optionalFlag(body.stream, 'stream') ?? false,
    maxTokens:
      optionalBound(body.max_completion_tokens, 'max_completion_tokens') ??
      optionalBound(body.max_tokens, 'max_tokens'),
    sampling: readSampling(body),
    reasoning: readReasoning(body),
    format: readFormat(body),
    user: optionalText(body.safety_identifier, 'safety_identifier') ?? optionalText(body.user, 'user'),
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
  const n = optionalNumber(body.n, 'n')
  if (n !== null && n !== 1)
    throw unsupported('n', `n is ${n}, but the model behind this name answers once; ask ${n} times, or leave n out.`)
  if (body.logprobs === true)
    throw unsupported('logprobs', 'logprobs: the model behind this name does not tell them in this dialect.')
  if (Array.isArray(body.modalities) && body.modalities.some((modality) => modality !== 'text'))
    throw unsupported('modalities', 'modalities: the model behind this name answers in text only.')
}

function readSampling(body: Json): Sampling {
  return {
    temperature: optionalNumber(body.temperature, 'temperature'),
    topP: optionalNumber(body.top_p, 'top_p'),
    topK: optionalNumber(body.top_k, 'top_k'),
    stop: optionalTexts(body.stop, 'stop'),
    seed: optionalNumber(body.seed, 'seed'),
    presencePenalty: optionalNumber(body.presence_penalty, 'presence_penalty'),
    frequencyPenalty: optionalNumber(body.frequency_penalty, 'frequency_penalty'),
  }
}

/**
 * How much to think has many names: OpenAI's `reasoning_effort`, OpenRouter's `reasoning`, DeepSeek's `thinking`,
 * Qwen's `enable_thinking`, and the arguments that vLLM and llama-server hand to the chat template.
 */
function readReasoning(body: Json): ReasoningWish | null {
  const reasoning = isObject(body.reasoning) ? body.reasoning : {}
  const thinking = isObject(body.thinking) ? body.thinking : {}
  const effort =
    optionalText(body.reasoning_effort, 'reasoning_effort') ?? optionalText(reasoning.effort, 'reasoning.effort')
  const isOn = effort === null ? readSwitch(body, reasoning, thinking) : effort !== 'none'
  const budgetTokens =
    optionalNumber(reasoning.max_tokens, 'reasoning.max_tokens') ??
    optionalNumber(thinking.budget_tokens, 'thinking.budget_tokens')
  const summary = optionalText(reasoning.summary, 'reasoning.summary')
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
  const format = optionalObject(body.response_format, 'response_format')
  if (format === null) return null
  if (format.type === 'text') return { kind: 'text' }
  if (format.type === 'json_object' && !isObject(format.schema)) return { kind: 'json' }
  const told = optionalObject(format.json_schema, 'response_format.json_schema') ?? format
  if ((format.type !== 'json_schema' && format.type !== 'json_object') || !isObject(told.schema))
    throw wrong('response_format', 'text, json_object, or json_schema with a schema', format.type)
  return {
    kind: 'schema',
    name: optionalText(told.name, 'response_format.json_schema.name') ?? 'answer',
    description: optionalText(told.description, 'response_format.json_schema.description'),
    schema: told.schema,
    isStrict: optionalFlag(told.strict, 'response_format.json_schema.strict'),
  }
}
