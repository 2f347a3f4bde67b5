import type { Usage } from '../../kernel/words.ts'

export const unknownUsage: Usage = { promptTokens: null, completionTokens: null, cachedTokens: null }

/**
 * The usage member of an OpenAI answer, of its embeddings and of rerank servers (which count under `usage` with
 * `total_tokens` only, or under `meta.tokens` as Cohere and Jina do). What is not said stays null.
 */
export function readUsage(body: unknown): Usage {
  const whole = asObject(body)
  const usage = asObject(whole?.usage) ?? asObject(asObject(whole?.meta)?.tokens)
  if (!usage) return unknownUsage
  const prompt = tokens(usage.prompt_tokens) ?? tokens(usage.input_tokens)
  return {
    promptTokens: prompt ?? (usage.completion_tokens === undefined ? tokens(usage.total_tokens) : null),
    completionTokens: tokens(usage.completion_tokens) ?? tokens(usage.output_tokens),
    cachedTokens: tokens(asObject(usage.prompt_tokens_details)?.cached_tokens),
  }
}

function asObject(value: unknown): Readonly<Record<string, unknown>> | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : null
}

const tokens = (value: unknown): number | null =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : null
