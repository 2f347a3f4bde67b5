import { noCounts, type Json, type TokenCounts } from '../../conversation/conversation.ts'
import { countOf, isObject, said } from '../../json/members.ts'

/** `usage` of an answer or a chunk, with the names that DeepSeek, OpenRouter and Groq use; null: it tells none. */
export function readCounts(body: Json): TokenCounts | null {
  const groq = isObject(body.x_groq) ? body.x_groq.usage : undefined
  const usage = isObject(body.usage) ? body.usage : groq
  if (!isObject(usage)) return null
  const prompt = isObject(usage.prompt_tokens_details) ? usage.prompt_tokens_details : {}
  const completion = isObject(usage.completion_tokens_details) ? usage.completion_tokens_details : {}
  return {
    promptTokens: countOf(usage.prompt_tokens),
    completionTokens: countOf(usage.completion_tokens),
    cachedTokens: countOf(prompt.cached_tokens) ?? countOf(usage.prompt_cache_hit_tokens),
    cacheWriteTokens: countOf(prompt.cache_write_tokens) ?? countOf(prompt.cache_creation_tokens),
    reasoningTokens: countOf(completion.reasoning_tokens),
  }
}

/** null: nothing is known, and a made-up zero would be billed somewhere. */
export function writeCounts(counts: TokenCounts): Json | null {
  const { promptTokens, completionTokens, cachedTokens, cacheWriteTokens, reasoningTokens } = counts
  if (promptTokens === null && completionTokens === null) return null
  const isWhole = promptTokens !== null && completionTokens !== null
  const prompt = said({ cached_tokens: cachedTokens, cache_write_tokens: cacheWriteTokens })
  const completion = said({ reasoning_tokens: reasoningTokens })
  return {
    ...said({ prompt_tokens: promptTokens, completion_tokens: completionTokens }),
    ...(isWhole ? { total_tokens: promptTokens + completionTokens } : {}),
    ...(Object.keys(prompt).length === 0 ? {} : { prompt_tokens_details: prompt }),
    ...(Object.keys(completion).length === 0 ? {} : { completion_tokens_details: completion }),
  }
}

export const countsOf = (body: Json): TokenCounts => readCounts(body) ?? noCounts
