import { modelName } from '#kernel/ids.ts'
import type { Attempt, Charge, RequestRecord, RequestTrace, Usage } from '#kernel/words.ts'

/** Names and reasons longer than this are cut: a caller chooses them, a ledger keeps them for years. */
const maxTextLength = 500
/** More targets than these are tried for nobody; what is kept are the first and the last ones. */
const maxAttempts = 32
/** No request has a million million tokens: an upstream that says so is not believed, and must not spoil the sums. */
const maxCount = 1e12

/**
 * The record as every database takes it. Callers write any text as a model's name, upstreams any number as their usage:
 * PostgreSQL refuses zero characters and sums beyond 64 bits, and the journal has a longest line. Nearly always the
 * same object.
 */
export function storable(record: RequestRecord): RequestRecord {
  const { model, upstreamModel, reason, usage, costMicros } = record
  const isGood =
    isText(model) &&
    isText(upstreamModel) &&
    isText(reason) &&
    isUsage(usage) &&
    believable(costMicros) === costMicros &&
    isCharge(record.charge) &&
    isTrace(record.trace)
  if (isGood) return record
  return {
    ...record,
    model: modelName(cut(model)),
    upstreamModel: upstreamModel === null ? null : cut(upstreamModel),
    reason: reason === null ? null : cut(reason),
    usage: {
      promptTokens: believable(usage.promptTokens),
      completionTokens: believable(usage.completionTokens),
      cachedTokens: believable(usage.cachedTokens),
    },
    costMicros: believable(costMicros),
    ...(record.charge === undefined ? {} : { charge: mendedCharge(record.charge) }),
    ...(record.trace === undefined ? {} : { trace: mended(record.trace) }),
  }
}

function isCharge(charge: Charge | undefined): boolean {
  return charge === undefined || (isAmount(charge.tokens) && isAmount(charge.micros) && charge.models.every(isText))
}

const isAmount = (count: number): boolean => believable(count) === count

function mendedCharge({ tokens, micros, models }: Charge): Charge {
  return { tokens: amountOf(tokens), micros: amountOf(micros), models: models.map(cut) }
}

const amountOf = (count: number): number => Math.min(maxCount, Math.max(0, Math.ceil(count) || 0))

function isText(text: string | null): boolean {
  return text === null || (text.length <= maxTextLength && !text.includes('\0'))
}

function isTrace(trace: RequestTrace | undefined): boolean {
  if (trace === undefined) return true
  return isText(trace.route) && trace.attempts.length <= maxAttempts && trace.attempts.every(isAttempt)
}

const isAttempt = ({ model, failure }: Attempt): boolean => isText(model) && isText(failure)

function mended({ route, cache, attempts }: RequestTrace): RequestTrace {
  const half = maxAttempts / 2
  const kept = attempts.length <= maxAttempts ? attempts : [...attempts.slice(0, half), ...attempts.slice(-half)]
  return {
    route: route === null ? null : cut(route),
    cache,
    attempts: kept.map((attempt) => ({
      ...attempt,
      model: cut(attempt.model),
      failure: attempt.failure === null ? null : cut(attempt.failure),
    })),
  }
}

function isUsage({ promptTokens, completionTokens, cachedTokens }: Usage): boolean {
  return (
    believable(promptTokens) === promptTokens &&
    believable(completionTokens) === completionTokens &&
    believable(cachedTokens) === cachedTokens
  )
}

function believable(count: number | null): number | null {
  return count !== null && Number.isSafeInteger(count) && count >= 0 && count <= maxCount ? count : null
}

function cut(text: string): string {
  return text.slice(0, maxTextLength).replaceAll('\0', '\uFFFD')
}
