import { AppError } from '../../../kernel/errors.ts'
import type {
  AnswerFormat,
  Conversation,
  Json,
  ReasoningWish,
  Sampling,
  Turn,
} from '../../conversation/conversation.ts'
import {
  flagOf,
  isMissing,
  isObject,
  objectsOf,
  optionalCount,
  optionalFlag,
  optionalList,
  optionalNumber,
  optionalObject,
  optionalText,
  textOf,
  wrong,
} from '../../json/members.ts'
import { cannotTranslate, readInput, toolsWithin } from './read-input.ts'
import { isAllowed, readToolChoice, toolTable, type ToolTable } from './tool-table.ts'

/** A Conversation that knows how it was asked: the answer repeats much of it. */
export interface AskedConversation extends Conversation {
  readonly asked: Json
  readonly table: ToolTable
}

export function isAsked(conversation: Conversation): conversation is AskedConversation {
  return 'asked' in conversation && 'table' in conversation
}

export function readRequest(body: Json): AskedConversation {
  if (typeof body.model !== 'string' || body.model === '') throw wrong('model', 'a model name (a text)', body.model)
  refuseConversation(body)
  const tools = optionalList(body.tools, 'tools') ?? []
  const table = toolTable([...objectsOf(tools), ...toolsWithin(body.input)])
  const items = readInput(body.input, table)
  const choice = readToolChoice(body.tool_choice, table)
  const instructions = optionalText(body.instructions, 'instructions')
  const system: readonly Turn[] =
    instructions === null || instructions === ''
      ? []
      : [{ role: 'system', parts: [{ kind: 'text', text: instructions }] }]
  const turns = [...system, ...items.turns]
  if (turns.length === 0)
    throw items.untranslatable ?? wrong('input', 'a text or a list with at least one item', body.input)
  const untranslatable =
    items.untranslatable ??
    (choice.hosted === null ? null : cannotTranslate('tool_choice', choice.hosted)) ??
    unknownElsewhere(body)
  return {
    asked: body,
    table,
    model: body.model,
    turns,
    tools: table.tools.filter((tool) => isAllowed(tool, choice.allowed)),
    toolChoice: choice.choice,
    isParallel: optionalFlag(body.parallel_tool_calls, 'parallel_tool_calls'),
    isStream: optionalFlag(body.stream, 'stream') ?? false,
    maxTokens: optionalCount(body.max_output_tokens, 'max_output_tokens'),
    sampling: samplingOf(body),
    reasoning: reasoningOf(body),
    format: formatOf(body),
    user: optionalText(body.safety_identifier, 'safety_identifier') ?? optionalText(body.user, 'user'),
    extras: {},
    ...(untranslatable === null ? {} : { untranslatable }),
  }
}

function refuseConversation({ conversation }: Json): void {
  if (isMissing(conversation)) return
  throw new AppError(
    'invalid',
    'Hearth keeps responses, not conversations; leave `conversation` out and send `previous_response_id` instead.',
    { reason: 'conversation_not_supported', param: 'conversation' },
  )
}

/** What the answer would lack if it were left out. */
function unknownElsewhere(body: Json): AppError | null {
  if (isObject(body.prompt)) return cannotTranslate('prompt', 'prompt')
  if (typeof body.top_logprobs === 'number' && body.top_logprobs > 0)
    return cannotTranslate('top_logprobs', 'top_logprobs')
  if (Array.isArray(body.include) && body.include.includes('message.output_text.logprobs'))
    return cannotTranslate('include', 'message.output_text.logprobs')
  if (isObject(body.moderation)) return cannotTranslate('moderation', 'moderation')
  return null
}

/** `top_k` and what follows are not OpenAI's; engines that speak this dialect take them all the same. */
function samplingOf(body: Json): Sampling {
  const { stop } = body
  const stops = typeof stop === 'string' ? [stop] : Array.isArray(stop) ? stop : []
  return {
    temperature: optionalNumber(body.temperature, 'temperature'),
    topP: optionalNumber(body.top_p, 'top_p'),
    topK: optionalNumber(body.top_k, 'top_k'),
    stop: stops.filter((text) => typeof text === 'string'),
    seed: optionalNumber(body.seed, 'seed'),
    presencePenalty: optionalNumber(body.presence_penalty, 'presence_penalty'),
    frequencyPenalty: optionalNumber(body.frequency_penalty, 'frequency_penalty'),
  }
}

function reasoningOf(body: Json): ReasoningWish | null {
  const wish = optionalObject(body.reasoning, 'reasoning')
  if (wish === null) return null
  const effort = textOf(wish.effort)
  return {
    isOn: effort === null ? null : effort !== 'none',
    effort: effort === 'none' ? null : effort,
    budgetTokens: null,
    summary: textOf(wish.summary) ?? textOf(wish.generate_summary),
  }
}

function formatOf(body: Json): AnswerFormat | null {
  const format = optionalObject(body.text, 'text')?.format
  if (!isObject(format)) return null
  switch (format.type) {
    case 'text':
      return { kind: 'text' }
    case 'json_object':
      return { kind: 'json' }
    case 'json_schema':
      if (!isObject(format.schema)) throw wrong('text.format.schema', 'a JSON Schema', format.schema)
      return {
        kind: 'schema',
        name: textOf(format.name) ?? 'answer',
        description: textOf(format.description),
        schema: format.schema,
        isStrict: flagOf(format.strict),
      }
    default:
      throw wrong('text.format.type', '"text", "json_object" or "json_schema"', format.type)
  }
}
