import { AppError } from '../../../kernel/errors.ts'
import type { Finish, Json, OutputPart, Reply, TokenCounts } from '../../conversation/conversation.ts'
import { noCounts } from '../../conversation/conversation.ts'
import { countOf, isObject, objectsOf, textOf, textOrEmpty } from '../../json/members.ts'
import { readThought } from './thought.ts'

/** Throws AppError `upstream` for an answer that says itself that it failed. */
export function readAnswer(body: Json): Reply | null {
  if (!Array.isArray(body.output)) return null
  const failure = failureIn(body)
  if (failure !== null) {
    throw new AppError('upstream', `The upstream's answer failed: ${failure.message}`, { reason: 'upstream_error' })
  }
  const parts = objectsOf(body.output).flatMap(partsOf)
  return {
    id: textOf(body.id),
    model: textOf(body.model),
    parts,
    finish: finishOf(body, parts),
    usage: countsOf(body.usage),
  }
}

/** One output item. What the upstream's own tools did is told in the message. */
export function partsOf(item: Json): readonly OutputPart[] {
  switch (item.type) {
    case 'message':
      return objectsOf(item.content).flatMap((part): readonly OutputPart[] => {
        if (part.type === 'refusal') return [{ kind: 'refusal', text: textOrEmpty(part.refusal) }]
        return part.type === 'output_text' ? [{ kind: 'text', text: textOrEmpty(part.text) }] : []
      })
    case 'reasoning':
      return [readThought(item)]
    case 'function_call':
      return [callOf(item, textOrEmpty(item.arguments))]
    case 'custom_tool_call':
      return [callOf(item, textOrEmpty(item.input))]
    default:
      return []
  }
}

const callOf = (item: Json, said: string): OutputPart => ({
  kind: 'tool_call',
  id: textOrEmpty(item.call_id) || textOrEmpty(item.id),
  name: textOrEmpty(item.name),
  arguments: said,
})

/** null: it does not say that it ended. */
export function finishOf(body: Json, parts: readonly { readonly kind: string }[]): Finish | null {
  const finish = (reason: Finish['reason']): Finish => ({ reason, sequence: null })
  if (body.status === 'incomplete') {
    const reason = isObject(body.incomplete_details) ? body.incomplete_details.reason : null
    return finish(reason === 'content_filter' ? 'content_filter' : 'length')
  }
  // Some servers leave the status out of an answer that is whole.
  if (body.status !== undefined && body.status !== null && body.status !== 'completed') return null
  if (parts.some((part) => part.kind === 'tool_call')) return finish('tool_calls')
  const isRefused = parts.some((part) => part.kind === 'refusal') && !parts.some((part) => part.kind === 'text')
  return finish(isRefused ? 'refusal' : 'stop')
}

export function countsOf(usage: unknown): TokenCounts {
  if (!isObject(usage)) return noCounts
  const input = isObject(usage.input_tokens_details) ? usage.input_tokens_details : {}
  const output = isObject(usage.output_tokens_details) ? usage.output_tokens_details : {}
  return {
    promptTokens: countOf(usage.input_tokens),
    completionTokens: countOf(usage.output_tokens),
    cachedTokens: countOf(input.cached_tokens),
    cacheWriteTokens: countOf(input.cache_write_tokens),
    reasoningTokens: countOf(output.reasoning_tokens),
  }
}

/** The error that a Response or an `error` event tells of, in all forms that servers write. */
export function failureIn(body: Json): { readonly message: string; readonly code: string | null } | null {
  const { error } = body
  if (typeof error === 'string' && error !== '') return { message: error, code: null }
  if (isObject(error)) {
    return { message: textOrEmpty(error.message) || 'it does not say why', code: textOf(error.code) }
  }
  const hasFailed = body.status === 'failed' || body.status === 'cancelled'
  return hasFailed ? { message: `its status is ${textOrEmpty(body.status)}`, code: null } : null
}
