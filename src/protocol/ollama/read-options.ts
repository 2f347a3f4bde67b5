import type { AnswerFormat, Conversation, Json, ReasoningWish } from '../conversation/conversation.ts'
import { isObject, numberAt, objectAt, textsAt, tokenBound, wrong } from '../openai/chat/members.ts'

/**
 * `options` and its neighbours, as far as they are about the answer. What is about the engine (`num_ctx`, `num_gpu`,
 * `num_thread`, …) and `keep_alive` is decided in hearth.yaml, for all who use the model.
 */
export function readOptions(body: Json): Pick<Conversation, 'maxTokens' | 'sampling' | 'extras'> {
  const options = objectAt(body, 'options') ?? {}
  const at = (name: string): number | null => numberAt(options, name, `options.${name}`)
  return {
    // -1 and -2 mean "as long as it takes".
    maxTokens: tokenBound(options, 'num_predict', 'options.num_predict'),
    sampling: {
      temperature: at('temperature'),
      topP: at('top_p'),
      topK: at('top_k'),
      stop: textsAt(options, 'stop', 'options.stop'),
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
    const value = numberAt(options, name, `options.${name}`)
    return value === null ? [] : [[name, value] as const]
  })
  const repeat = numberAt(options, 'repeat_penalty', 'options.repeat_penalty')
  return { ...Object.fromEntries(kept), ...(repeat === null ? {} : { repetition_penalty: repeat }) }
}

const sameNames = ['min_p', 'typical_p', 'repeat_penalty', 'repeat_last_n', 'mirostat', 'mirostat_tau', 'mirostat_eta']

/** `"json"` or a JSON Schema: as it is, for vendors that call theirs strict take only some. */
export function readFormat(body: Json): AnswerFormat | null {
  const { format } = body
  if (format === undefined || format === null || format === '') return null
  if (format === 'json') return { kind: 'json' }
  if (!isObject(format)) throw wrong('format', '"json" or a JSON Schema', format)
  return { kind: 'schema', name: 'answer', description: null, schema: format, isStrict: null }
}

/** true, false, or how much: `low`, `medium`, `high`, `max`. */
export function readThink(body: Json): ReasoningWish | null {
  const { think } = body
  if (think === undefined || think === null) return null
  if (typeof think === 'boolean') return { isOn: think, effort: null, budgetTokens: null, summary: null }
  if (typeof think !== 'string' || !efforts.includes(think))
    throw wrong('think', 'true, false, "low", "medium", "high" or "max"', think)
  return { isOn: true, effort: think, budgetTokens: null, summary: null }
}

const efforts = ['low', 'medium', 'high', 'max']
