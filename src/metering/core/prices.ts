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
  const priceOf = ({ upstream, model }: Place): Price | null => {
    const prices = byUpstream.get(upstream)
    return prices?.get(model) ?? prices?.get('*') ?? null
  }
  return {
    costMicros(target, usage) {
      const price = priceOf(target)
      return price === null ? null : costOf(price, usage)
    },
    boundMicros(target, { promptTokens, outputTokens }) {
      // Whoever may pass any request on to an upstream may ask for its dearest model.
      const candidates = target.model === '*' ? [...(byUpstream.get(target.upstream)?.values() ?? [])] : null
      if (candidates === null) {
        const price = priceOf(target)
        return price === null ? 0 : boundOf(price, promptTokens, outputTokens)
      }
      return Math.max(0, ...candidates.map((price) => boundOf(price, promptTokens, outputTokens)))
    },
  }
}

type Place = Parameters<Prices['costMicros']>[0]

const boundOf = ({ input, output, cached }: Price, promptTokens: number, outputTokens: number): number =>
  Math.ceil(promptTokens * Math.max(input, cached ?? 0) + outputTokens * output)

function costOf(price: Price, usage: Usage): number | null {
  const prompt = usage.promptTokens
  const isPromptFree = price.input === 0 && (price.cached ?? 0) === 0
  if (prompt === null && !isPromptFree) return null
  if (usage.completionTokens === null && price.output !== 0) return null
  const cached = Math.min(usage.cachedTokens ?? 0, prompt ?? 0)
  const input = ((prompt ?? 0) - cached) * price.input + cached * (price.cached ?? price.input)
  return Math.round(input + (usage.completionTokens ?? 0) * price.output)
}
