import { type Body, optionalBoolean, optionalNumber, optionalObject, textList, shown } from './body.ts'
import { ApiError } from './errors.ts'
import type { Bias, Model, Token } from './model.ts'

/** How tokens are chosen and when to end: the members that chat and text completions share. */
export interface Sampling {
  readonly temperature: number
  readonly topP: number
  readonly topK: number
  readonly minP: number
  readonly seed: number
  /** null = nothing is penalised. */
  readonly penalties: {
    readonly penalty: number
    readonly frequencyPenalty: number
    readonly presencePenalty: number
    readonly lastTokens: number
  } | null
  readonly bias: Bias | null
  /** null = as many as fit. */
  readonly maxTokens: number | null
  readonly stops: readonly string[]
}

const maxStops = 32
const maxBiases = 1024
const lastTokensDefault = 64

/** llama-server's defaults. */
export function parseSampling(model: Model, body: Body): Sampling {
  const number = (name: string, otherwise: number, min: number, max: number): number =>
    optionalNumber(body, name, { min, max }) ?? otherwise
  const whole = (name: string, min: number, max: number): number | null =>
    optionalNumber(body, name, { min, max, isWhole: true })
  const count = optionalNumber(body, 'n', { min: 1, max: 128, isWhole: true }) ?? 1
  if (count > 1) throw new ApiError(400, `"n" is ${count}; this engine gives one answer per request.`, { param: 'n' })
  const penalty = number('repeat_penalty', 1, 0, 10)
  const frequencyPenalty = number('frequency_penalty', 0, -2, 2)
  const presencePenalty = number('presence_penalty', 0, -2, 2)
  const isPenalised = penalty !== 1 || frequencyPenalty !== 0 || presencePenalty !== 0
  const seed = whole('seed', Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER)
  const stops = textList(body, 'stop', maxStops).filter((stop) => stop !== '')
  const longest = whole('max_completion_tokens', -1, 1e9) ?? whole('max_tokens', -1, 1e9) ?? whole('n_predict', -1, 1e9)
  if (longest === 0) throw new ApiError(400, '"max_tokens" must be at least 1, not 0.', { param: 'max_tokens' })
  return {
    temperature: number('temperature', 0.8, 0, 100),
    topP: number('top_p', 0.95, 0, 1),
    topK: whole('top_k', -1, 1e9) ?? 40,
    minP: number('min_p', 0.05, 0, 1),
    // The library takes 32 bits without a sign; −1 means chance, as llama-server has it.
    seed: seed === null || seed === -1 ? randomSeed() : Number(BigInt.asUintN(32, BigInt(seed))),
    penalties: isPenalised
      ? { penalty, frequencyPenalty, presencePenalty, lastTokens: whole('repeat_last_n', 0, 1e6) ?? lastTokensDefault }
      : null,
    bias: parseBias(model, body),
    maxTokens: longest === -1 ? null : longest,
    stops,
  }
}

/** As both of the library's ways to write want it. */
export function samplingOptions({ temperature, topP, topK, minP, seed, bias }: Sampling) {
  return { temperature, topP, topK, minP, seed, ...(bias === null ? {} : { tokenBias: bias }) }
}

function randomSeed(): number {
  return crypto.getRandomValues(new Uint32Array(1))[0] ?? 0
}

function parseBias(model: Model, body: Body): Bias | null {
  const entries: (readonly [Token, number | 'never'])[] = []
  for (const [key, by] of Object.entries(optionalObject(body, 'logit_bias') ?? {})) {
    const token = Number(key)
    const isToken = Number.isInteger(token) && token >= 0 && token < model.facts.vocabulary
    if (!isToken || typeof by !== 'number' || by < -100 || by > 100) {
      const message = `"logit_bias" maps token numbers below ${model.facts.vocabulary} to −100…100, not ${shown({ [key]: by })}.`
      throw new ApiError(400, message, { param: 'logit_bias' })
    }
    entries.push([token, by === -100 ? 'never' : by])
  }
  if (entries.length > maxBiases) {
    throw new ApiError(400, `"logit_bias" has ${entries.length} entries; the limit is ${maxBiases}.`, {
      param: 'logit_bias',
    })
  }
  if (optionalBoolean(body, 'ignore_eos') === true)
    for (const token of model.endTokens()) entries.push([token, 'never'])
  return entries.length === 0 ? null : model.bias(entries)
}
