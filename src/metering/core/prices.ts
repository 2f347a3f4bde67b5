import type { Usage } from '#kernel/words.ts'
import type { Prices } from '../contract.ts'

/** Dollars per million tokens. */
export interface Price {
  readonly input: number
  readonly output: number
  /** For the part of the prompt that the upstream had cached; null = the same as `input`. */
  readonly cached: number | null
}

export interface UpstreamPrices {
  readonly name: string
  /** By model name; `*` for all others. */
  readonly prices: Readonly<Record<string, Price>>
}

/**
 * Dollars per million tokens times tokens are millionths of a dollar. Null where no price is known, and where tokens
 * that cost something were not counted: unknown is never 0. Local models cost nothing that Hearth could know of: null.
 */
export function createPrices(upstreams: readonly UpstreamPrices[]): Prices {
  const byUpstream = new Map(upstreams.map(({ name, prices }) => [name, new Map(Object.entries(prices))]))
  return {
    costMicros({ upstream, model }, usage) {
      const prices = byUpstream.get(upstream)
      const price = prices?.get(model) ?? prices?.get('*')
      return price ? costOf(price, usage) : null
    },
  }
}

function costOf(price: Price, usage: Usage): number | null {
  const prompt = usage.promptTokens
  const isPromptFree = price.input === 0 && (price.cached ?? 0) === 0
  if (prompt === null && !isPromptFree) return null
  if (usage.completionTokens === null && price.output !== 0) return null
  const cached = Math.min(usage.cachedTokens ?? 0, prompt ?? 0)
  const input = ((prompt ?? 0) - cached) * price.input + cached * (price.cached ?? price.input)
  return Math.round(input + (usage.completionTokens ?? 0) * price.output)
}
