import { noCounts, type Json, type TokenCounts } from '../conversation/conversation.ts'
import { countOf, objectOf } from '../json/members.ts'

/**
 * `usage` of an answer. `input_tokens` are those that the cache had nothing to do with; the neutral count holds all.
 * `earlier` is what the same answer said before: the last event of a stream may leave out what did not change.
 */
export function readCounts(value: unknown, earlier: TokenCounts = noCounts): TokenCounts {
  const usage = objectOf(value)
  if (usage === null) return earlier
  const cached = countOf(usage.cache_read_input_tokens) ?? earlier.cachedTokens
  const written = countOf(usage.cache_creation_input_tokens) ?? earlier.cacheWriteTokens
  const plain = countOf(usage.input_tokens) ?? plainOf(earlier)
  return {
    promptTokens: plain === null ? null : plain + (cached ?? 0) + (written ?? 0),
    completionTokens: countOf(usage.output_tokens) ?? earlier.completionTokens,
    cachedTokens: cached,
    cacheWriteTokens: written,
    reasoningTokens: countOf(objectOf(usage.output_tokens_details)?.thinking_tokens) ?? earlier.reasoningTokens,
  }
}

export function writeCounts(counts: TokenCounts): Json {
  return {
    input_tokens: plainOf(counts) ?? 0,
    cache_creation_input_tokens: counts.cacheWriteTokens ?? 0,
    cache_read_input_tokens: counts.cachedTokens ?? 0,
    output_tokens: counts.completionTokens ?? 0,
    ...(counts.reasoningTokens === null ? {} : { output_tokens_details: { thinking_tokens: counts.reasoningTokens } }),
  }
}

function plainOf({ promptTokens, cachedTokens, cacheWriteTokens }: TokenCounts): number | null {
  return promptTokens === null ? null : Math.max(0, promptTokens - (cachedTokens ?? 0) - (cacheWriteTokens ?? 0))
}
