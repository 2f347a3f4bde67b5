import { AppError } from '../../kernel/errors.ts'
import type { AnswerFormat, Conversation, Json, ReasoningWish, TextPart, Turn } from '../conversation/conversation.ts'
import {
  isMissing,
  listOf,
  numberOf,
  objectOf,
  textOf,
  wantedList,
  wantedObject,
  wantedText,
  wrong,
} from '../json/members.ts'
import { cacheOf, inputPart, inputParts, outputParts } from './read-blocks.ts'
import { changedTools, readToolChoice, readTools } from './read-tools.ts'
import { noThreadsCode } from './write-error.ts'

/**
 * Claude Code's first system block: it changes with every version and with every session and would make the cache of a
 * model's beginning worthless.
 */
const billing = /^x-anthropic-billing-header:/

/**
 * A request of `POST /v1/messages`. Unknown members and betas are left to the vendor: context management, service
 * tiers, caching and the like say how to serve, not what to answer.
 */
export function readRequest(body: Json): Conversation {
  const messages = wantedList(body.messages, 'messages')
  const { toolChoice, isParallel } = readToolChoice(body.tool_choice)
  const effort = effortOf(body, messages)
  const thread = objectOf(body.thread)
  return {
    model: wantedText(body.model, 'model'),
    turns: [
      ...systemTurns(body.system),
      ...messages.flatMap((message, index) => readMessage(messages, message, index)),
    ],
    tools: changedTools(readTools(body.tools), messages),
    toolChoice,
    isParallel,
    isStream: body.stream === true,
    maxTokens: readMaxTokens(body.max_tokens),
    sampling: {
      temperature: numberOf(body.temperature),
      topP: numberOf(body.top_p),
      topK: numberOf(body.top_k),
      stop: listOf(body.stop_sequences).filter((each): each is string => typeof each === 'string'),
      seed: null,
      presencePenalty: null,
      frequencyPenalty: null,
    },
    reasoning: readReasoning(body.thinking, effort),
    format: readFormat(objectOf(body.output_config)?.format ?? body.output_format),
    user: textOf(objectOf(body.metadata)?.user_id),
    extras: {},
    ...(thread === null ? {} : { untranslatable: noThreads() }),
  }
}

/**
 * What came before stands with the vendor: a model of another would answer without it. Clients that are told so by this
 * code send the whole conversation.
 */
function noThreads(): AppError {
  return new AppError(
    'invalid',
    'The model behind this name keeps no threads; leave `thread` out and send the whole conversation.',
    { reason: noThreadsCode, param: 'thread' },
  )
}

/** 0 only fills the vendor's cache; the smallest answer is the nearest that others have. */
function readMaxTokens(value: unknown): number | null {
  if (isMissing(value)) return null
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0) return Math.max(1, value)
  throw wrong('max_tokens', 'a whole number of at least 1', value)
}

function systemTurns(system: unknown): readonly Turn[] {
  if (system === undefined || system === null) return []
  const parts = systemParts(system, 'system').filter((part) => !billing.test(part.text))
  return parts.length === 0 ? [] : [{ role: 'system', parts }]
}

function systemParts(content: unknown, at: string): readonly TextPart[] {
  if (typeof content === 'string') return content === '' ? [] : [{ kind: 'text', text: content }]
  return wantedList(content, at).flatMap((entry, index): readonly TextPart[] => {
    const block = wantedObject(entry, `${at}.${index}`)
    // Tools that come and go are read with the tools.
    if (block.type === 'tool_addition' || block.type === 'tool_removal') return []
    const text = wantedText(block.text, `${at}.${index}.text`)
    return text === '' ? [] : [{ kind: 'text', text, ...cacheOf(block) }]
  })
}

function readMessage(messages: readonly unknown[], entry: unknown, index: number): readonly Turn[] {
  const at = `messages.${index}`
  const message = wantedObject(entry, at)
  switch (message.role) {
    case 'user':
      return userTurns(message.content, `${at}.content`)
    case 'assistant': {
      const parts = outputParts(message.content, `${at}.content`)
      return parts.length === 0 ? [] : [{ role: 'assistant', parts }]
    }
    case 'system': {
      if (message.clear_at === 'next_user_message' && hasUserAfter(messages, index)) return []
      const parts = message.content === undefined ? [] : systemParts(message.content, `${at}.content`)
      return parts.length === 0 ? [] : [{ role: 'system', parts }]
    }
    default:
      throw wrong(`${at}.role`, '"user", "assistant" or "system"', message.role)
  }
}

const hasUserAfter = (messages: readonly unknown[], index: number): boolean =>
  messages.slice(index + 1).some((message) => objectOf(message)?.role === 'user')

/** Results first: they answer the calls of the turn before, whatever else the user says stands behind them. */
function userTurns(content: unknown, at: string): readonly Turn[] {
  if (!Array.isArray(content)) {
    const parts = inputParts(content, at)
    return parts.length === 0 ? [] : [{ role: 'user', parts }]
  }
  const blocks = content.map((entry, index) => wantedObject(entry, `${at}.${index}`))
  const results = blocks.flatMap((block, index): readonly Turn[] =>
    block.type === 'tool_result' ? [toolTurn(block, `${at}.${index}`)] : [],
  )
  const parts = blocks.flatMap((block, index) =>
    block.type === 'tool_result' ? [] : inputPart(block, `${at}.${index}`),
  )
  return parts.length === 0 ? results : [...results, { role: 'user', parts }]
}

function toolTurn(block: Json, at: string): Turn {
  return {
    role: 'tool',
    callId: wantedText(block.tool_use_id, `${at}.tool_use_id`),
    parts: inputParts(block.content, `${at}.content`),
    isError: block.is_error === true,
  }
}

/** A system message may change the effort from its turn on: the last one counts. */
function effortOf(body: Json, messages: readonly unknown[]): string | null {
  const said = [body, ...messages].flatMap((entry) => textOf(objectOf(objectOf(entry)?.output_config)?.effort) ?? [])
  return said.at(-1) ?? null
}

function readReasoning(thinking: unknown, effort: string | null): ReasoningWish | null {
  const wish = objectOf(thinking)
  if (wish === null) return effort === null ? null : { isOn: null, effort, budgetTokens: null, summary: null }
  const summary = wish.display === 'summarized' || wish.display === 'updates' ? 'auto' : null
  if (wish.type === 'disabled') return { isOn: false, effort, budgetTokens: null, summary: null }
  if (wish.type !== 'enabled') return { isOn: null, effort, budgetTokens: null, summary }
  return { isOn: true, effort, budgetTokens: numberOf(wish.budget_tokens), summary }
}

/**
 * Forms of answers that are not known yet are left to who knows them. Not strict: OpenAI's strictness refuses schemas
 * with optional members, which are allowed here.
 */
function readFormat(value: unknown): AnswerFormat | null {
  const format = objectOf(value)
  const schema = objectOf(format?.schema)
  if (format?.type !== 'json_schema' || schema === null) return null
  return { kind: 'schema', name: 'answer', description: null, schema, isStrict: null }
}
