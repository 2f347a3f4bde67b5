import { modelName } from '#kernel/ids.ts'
import type { RequestRecord, Usage } from '#kernel/words.ts'

/** Names and reasons longer than this are cut: a caller chooses them, a ledger keeps them for years. */
const maxTextLength = 500
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
    isText(model) && isText(upstreamModel) && isText(reason) && isUsage(usage) && believable(costMicros) === costMicros
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
  }
}

function isText(text: string | null): boolean {
  return text === null || (text.length <= maxTextLength && !text.includes('\0'))
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
