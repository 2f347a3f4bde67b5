/**
 * What a model of this dialect takes, as far as its name tells. Anthropic's own models changed twice: since 4.6 they
 * decide themselves how long to think and no longer want a budget, and since 4.7 they refuse temperature and the like.
 * A name that is not Anthropic's is another server that speaks the dialect, and takes both.
 */
export interface ModelTraits {
  /** `adaptive`: how much is said as an effort; `budget`: as tokens. */
  readonly thinking: 'adaptive' | 'budget'
  readonly takesSampling: boolean
  /** Refuses temperature and top_p together. */
  readonly takesBothSamplers: boolean
  /** Knows tools whose arguments must follow their schema. */
  readonly takesStrictTools: boolean
  /** What is asked for where the caller said nothing: this dialect must be told. */
  readonly defaultMaxTokens: number
}

/** As much as Claude Code asks for when it does not know a model; every Claude since 4 can write it. */
const claudeMaxTokens = 32_000
/** Other servers refuse more than their context has left. */
const foreignMaxTokens = 8192

const foreign: ModelTraits = {
  thinking: 'budget',
  takesSampling: true,
  takesBothSamplers: true,
  takesStrictTools: false,
  defaultMaxTokens: foreignMaxTokens,
}

export const isClaude = (model: string): boolean => /claude/i.test(model)

export function traitsOf(model: string): ModelTraits {
  if (!isClaude(model)) return foreign
  const generation = /claude-(3|(?:opus|sonnet|haiku)-(\d+)(?:[-.](\d{1,2}))?(?!\d))/i.exec(model)
  if (generation?.[1] === '3') return { ...foreign, defaultMaxTokens: /claude-3-[57]/i.test(model) ? 8192 : 4096 }
  const version = generation === null ? Infinity : Number(generation[2]) + Number(generation[3] ?? 0) / 100
  return {
    thinking: version < 4.06 ? 'budget' : 'adaptive',
    takesSampling: version < 4.07,
    takesBothSamplers: version < 4.01,
    takesStrictTools: version >= 4.05,
    defaultMaxTokens: claudeMaxTokens,
  }
}
