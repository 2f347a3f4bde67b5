import type { AnswerFormat, Conversation, Json, ReasoningWish } from '../conversation/conversation.ts'
import {
  isMissing,
  isObject,
  optionalBound,
  optionalNumber,
  optionalObject,
  optionalTexts,
  wrong,
} from '../json/members.ts'

/**
 * `options` and its neighbours, as far as they are about the answer. What is about the engine (`num_ctx`, `num_gpu`,
 * `num_thread`, …) and `keep_alive` is decided in hearth.yaml, for all who use the model.
 */
export function readOptions(body: Json): Pick<Conversation, 'maxTokens' | 'sampling' | 'extras'> {
  const options = optionalObject(body.options, 'options') ?? {}
  const at = (name: string): number | null => optionalNumber(options[name], `options.${name}`)
  return {
    // -1 and -2 mean "as long as it takes".
    maxTokens: optionalBound(options.num_predict, 'options.num_predict'),
    sampling: {
      temperature: at('temperature'),
      topP: at('top_p'),
      topK: at('top_k'),
      stop: optionalTexts(options.stop, 'options.stop'),
      // -1 means "another one each time".
      seed: seedOf(at('seed')),
      presencePenalty: at('presence_penalty'),
      frequencyPenalty: at('frequency_penalty'),
    },
    extras: engineOptions(options),
  }
}

const seedOf = (seed: number | null): number | null => (seed === null || seed < 0 ? null : seed)

/** llama-server's names; vLLM and SGLang call the penalty for repetition differently. */
function engineOptions(options: Json): Json {
  const kept = sameNames.flatMap((name) => {
    const value = optionalNumber(options[name], `options.${name}`)
    return value === null ? [] : [[name, value] as const]
  })
  const repeat = optionalNumber(options.repeat_penalty, 'options.repeat_penalty')
  return { ...Object.fromEntries(kept), ...(repeat === null ? {} : { repetition_penalty: repeat }) }
}

const sameNames = ['min_p', 'typical_p', 'repeat_penalty', 'repeat_last_n', 'mirostat', 'mirostat_tau', 'mirostat_eta']

/** `"json"` or a JSON Schema: as it is, for vendors that call theirs strict take only some. */
export function readFormat(body: Json): AnswerFormat | null {
  const { format } = body
  if (isMissing(format) || format === '') return null
  if (format === 'json') return { kind: 'json' }
  if (!isObject(format)) throw wrong('format', '"json" or a JSON Schema', format)
  return { kind: 'schema', name: 'answer', description: null, schema: format, isStrict: null }
}

/** true, false, or how much: `low`, `medium`, `high`, `max`. */
export function readThink(body: Json): ReasoningWish | null {
  const { think } = body
  if (isMissing(think)) return null
  if (typeof think === 'boolean') return { isOn: think, effort: null, budgetTokens: null, summary: null }
  if (typeof think !== 'string' || !efforts.includes(think))
    throw wrong('think', 'true, false, "low", "medium", "high" or "max"', think)
  return { isOn: true, effort: think, budgetTokens: null, summary: null }
}

const efforts = ['low', 'medium', 'high', 'max']
