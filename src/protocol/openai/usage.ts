import type { Usage } from '../../kernel/words.ts'
import { countOf, objectOf } from '../json/members.ts'

export const unknownUsage: Usage = { promptTokens: null, completionTokens: null, cachedTokens: null }

/**
 * The usage member of an OpenAI answer, of its embeddings and of rerank servers (which count under `usage` with
 * `total_tokens` only, or under `meta.tokens` as Cohere and Jina do). What is not said stays null.
 */
export function readUsage(body: unknown): Usage {
  const whole = objectOf(body)
  const usage = objectOf(whole?.usage) ?? objectOf(objectOf(whole?.meta)?.tokens)
  if (!usage) return unknownUsage
  const prompt = countOf(usage.prompt_tokens) ?? countOf(usage.input_tokens)
  return {
    promptTokens: prompt ?? (usage.completion_tokens === undefined ? countOf(usage.total_tokens) : null),
    completionTokens: countOf(usage.completion_tokens) ?? countOf(usage.output_tokens),
    cachedTokens: countOf(objectOf(usage.prompt_tokens_details)?.cached_tokens),
  }
}
