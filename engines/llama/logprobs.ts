import { type Body, optionalBoolean, optionalNumber } from './body.ts'
import { ApiError } from './errors.ts'
import type { Model, Sampled, Token } from './model.ts'

export interface TokenLogprob {
  readonly token: string
  readonly logprob: number
  readonly bytes: readonly number[] | null
  readonly top_logprobs: readonly {
    readonly token: string
    readonly logprob: number
    readonly bytes: readonly number[] | null
  }[]
}

const maxTop = 20
/** What OpenAI writes for a probability too small to tell. */
const leastLogprob = -9999

/** How many alternatives to tell beside each token; null = no logprobs. */
export function parseChatLogprobs(body: Body): number | null {
  const top = optionalNumber(body, 'top_logprobs', { min: 0, max: maxTop, isWhole: true })
  if (optionalBoolean(body, 'logprobs') === true) return top ?? 0
  if (top === null || top === 0) return null
  throw new ApiError(400, '"top_logprobs" needs "logprobs": true.', { param: 'top_logprobs' })
}

/**
 * The probabilities are those the token was drawn from: after temperature and after top_k, top_p and min_p took
 * tokens away.
 */
export function describeToken(model: Model, sampled: Sampled, top: number): TokenLogprob {
  const probabilities = sampled.probabilities ?? new Map<Token, number>()
  const describe = (token: Token) => {
    const text = model.detokenize([token], { withSpecial: true })
    const probability = probabilities.get(token) ?? 0
    const logprob = probability > 0 ? Math.max(leastLogprob, Math.log(probability)) : leastLogprob
    // Part of a character: its bytes cannot be told from its text.
    return { token: text, logprob, bytes: text.includes('\uFFFD') ? null : [...new TextEncoder().encode(text)] }
  }
  const best = [...probabilities].toSorted((a, b) => b[1] - a[1]).slice(0, top)
  return { ...describe(sampled.token), top_logprobs: best.map(([token]) => describe(token)) }
}
