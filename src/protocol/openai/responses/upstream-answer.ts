import { AppError } from '../../../kernel/errors.ts'
import type { Finish, Json, OutputPart, Reply, TokenCounts } from '../../conversation/conversation.ts'
import { noCounts } from '../../conversation/conversation.ts'
import { isObject, objectsOf, textOf, textOrNull } from './members.ts'
import { openSealed } from './sealed-thought.ts'

/** Throws AppError `upstream` for an answer that says itself that it failed. */
export function readAnswer(body: Json): Reply | null {
  if (!Array.isArray(body.output)) return null
  const failure = failureIn(body)
  if (failure !== null) {
    throw new AppError('upstream', `The upstream's answer failed: ${failure.message}`, { reason: 'upstream_error' })
  }
  const parts = objectsOf(body.output).flatMap(partsOf)
  return {
    id: textOrNull(body.id),
    model: textOrNull(body.model),
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
        if (part.type === 'refusal') return [{ kind: 'refusal', text: textOf(part.refusal) }]
        return part.type === 'output_text' ? [{ kind: 'text', text: textOf(part.text) }] : []
      })
    case 'reasoning':
      return [{ kind: 'reasoning', text: thoughtOf(item), ...openSealed(textOrNull(item.encrypted_content)) }]
    case 'function_call':
      return [callOf(item, textOf(item.arguments))]
    case 'custom_tool_call':
      return [callOf(item, textOf(item.input))]
    default:
      return []
  }
}

const callOf = (item: Json, said: string): OutputPart => ({
  kind: 'tool_call',
  id: textOf(item.call_id) || textOf(item.id),
  name: textOf(item.name),
  arguments: said,
})

/** The thought in clear where it is given, its summary elsewhere. */
export function thoughtOf(item: Json): string {
  const texts = (member: unknown): string =>
    objectsOf(member)
      .map((part) => textOf(part.text))
      .filter((text) => text !== '')
      .join('\n\n')
  return texts(item.content) || texts(item.summary)
}

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
    promptTokens: tokens(usage.input_tokens),
    completionTokens: tokens(usage.output_tokens),
    cachedTokens: tokens(input.cached_tokens),
    cacheWriteTokens: tokens(input.cache_write_tokens),
    reasoningTokens: tokens(output.reasoning_tokens),
  }
}

const tokens = (value: unknown): number | null =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : null

/** The error that a Response or an `error` event tells of, in all forms that servers write. */
export function failureIn(body: Json): { readonly message: string; readonly code: string | null } | null {
  const { error } = body
  if (typeof error === 'string' && error !== '') return { message: error, code: null }
  if (isObject(error)) {
    return { message: textOf(error.message) || 'it does not say why', code: textOrNull(error.code) }
  }
  const hasFailed = body.status === 'failed' || body.status === 'cancelled'
  return hasFailed ? { message: `its status is ${textOf(body.status)}`, code: null } : null
}
