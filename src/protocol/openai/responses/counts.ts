import { noCounts, type Json, type TokenCounts } from '../../conversation/conversation.ts'
import { countOf, isObject } from '../../json/members.ts'

/** `usage` of an answer. */
export function readCounts(usage: unknown): TokenCounts {
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

/** null where the upstream told no numbers: none are made up. The details are 0 where they were not told. */
export function writeCounts(counts: TokenCounts): Json | null {
  const { promptTokens, completionTokens } = counts
  if (promptTokens === null || completionTokens === null) return null
  return {
    input_tokens: promptTokens,
    input_tokens_details: {
      cached_tokens: counts.cachedTokens ?? 0,
      cache_write_tokens: counts.cacheWriteTokens ?? 0,
    },
    output_tokens: completionTokens,
    output_tokens_details: { reasoning_tokens: counts.reasoningTokens ?? 0 },
    total_tokens: promptTokens + completionTokens,
  }
}
