import { noCounts, type Json, type TokenCounts } from '../../conversation/conversation.ts'
import { isObject } from './members.ts'

/** `usage` of an answer or a chunk, with the names that DeepSeek, OpenRouter and Groq use; null: it tells none. */
export function readCounts(body: Json): TokenCounts | null {
  const groq = isObject(body.x_groq) ? body.x_groq.usage : undefined
  const usage = isObject(body.usage) ? body.usage : groq
  if (!isObject(usage)) return null
  const prompt = isObject(usage.prompt_tokens_details) ? usage.prompt_tokens_details : {}
  const completion = isObject(usage.completion_tokens_details) ? usage.completion_tokens_details : {}
  return {
    promptTokens: tokens(usage.prompt_tokens),
    completionTokens: tokens(usage.completion_tokens),
    cachedTokens: tokens(prompt.cached_tokens) ?? tokens(usage.prompt_cache_hit_tokens),
    cacheWriteTokens: tokens(prompt.cache_write_tokens) ?? tokens(prompt.cache_creation_tokens),
    reasoningTokens: tokens(completion.reasoning_tokens),
  }
}

/** null: nothing is known, and a made-up zero would be billed somewhere. */
export function writeCounts(counts: TokenCounts): Json | null {
  const { promptTokens, completionTokens, cachedTokens, cacheWriteTokens, reasoningTokens } = counts
  if (promptTokens === null && completionTokens === null) return null
  const isWhole = promptTokens !== null && completionTokens !== null
  const prompt = known({ cached_tokens: cachedTokens, cache_write_tokens: cacheWriteTokens })
  const completion = known({ reasoning_tokens: reasoningTokens })
  return {
    ...known({ prompt_tokens: promptTokens, completion_tokens: completionTokens }),
    ...(isWhole ? { total_tokens: promptTokens + completionTokens } : {}),
    ...(Object.keys(prompt).length === 0 ? {} : { prompt_tokens_details: prompt }),
    ...(Object.keys(completion).length === 0 ? {} : { completion_tokens_details: completion }),
  }
}

/** What a later event says, over what earlier ones said. */
export function mergeCounts(before: TokenCounts, now: TokenCounts): TokenCounts {
  return {
    promptTokens: now.promptTokens ?? before.promptTokens,
    completionTokens: now.completionTokens ?? before.completionTokens,
    cachedTokens: now.cachedTokens ?? before.cachedTokens,
    cacheWriteTokens: now.cacheWriteTokens ?? before.cacheWriteTokens,
    reasoningTokens: now.reasoningTokens ?? before.reasoningTokens,
  }
}

export const countsOf = (body: Json): TokenCounts => readCounts(body) ?? noCounts

const known = (members: Readonly<Record<string, number | null>>): Json =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== null))

const tokens = (value: unknown): number | null =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : null
