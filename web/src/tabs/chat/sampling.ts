/** How an answer is drawn. null and '' mean: as the model decides; nothing is sent then. */
export interface Sampling {
  readonly temperature: number | null
  readonly topP: number | null
  readonly maxTokens: number | null
  readonly seed: number | null
  /** Texts at which it ends. */
  readonly stop: readonly string[]
  readonly effort: Effort | ''
  readonly format: Format
  /** The JSON schema of `json_schema`, as it was written. */
  readonly schema: string
}

export const efforts = ['none', 'minimal', 'low', 'medium', 'high'] as const
export type Effort = (typeof efforts)[number]
export const formats = ['text', 'json_object', 'json_schema'] as const
export type Format = (typeof formats)[number]

export const plainSampling: Sampling = {
  temperature: null,
  topP: null,
  maxTokens: null,
  seed: null,
  stop: [],
  effort: '',
  format: 'text',
  schema: '',
}

/** The OpenAI API takes no more. */
const mostStops = 4

/** The members of a request that say it; what is left to the model is absent. */
export function samplingBody(sampling: Sampling): Readonly<Record<string, unknown>> {
  const { temperature, topP, maxTokens, seed, stop, effort } = sampling
  const format = formatBody(sampling)
  return {
    ...(temperature === null ? {} : { temperature }),
    ...(topP === null ? {} : { top_p: topP }),
    ...(maxTokens === null ? {} : { max_tokens: maxTokens }),
    ...(seed === null ? {} : { seed }),
    ...(stop.length === 0 ? {} : { stop: stop.slice(0, mostStops) }),
    ...(effort === '' ? {} : { reasoning_effort: effort }),
    ...(format === null ? {} : { response_format: format }),
  }
}

/** A schema that cannot be read is a problem of the form, told there; it is never sent half. */
export function readSchema(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null
  } catch {
    return null
  }
}

/** Lines; an empty one is none. `\n` written out is a line break. */
export function readStops(text: string): readonly string[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.replaceAll('\\n', '\n'))
}

export function writeStops(stops: readonly string[]): string {
  return stops.map((stop) => stop.replaceAll('\n', '\\n')).join('\n')
}

/** What was kept in the browser; members that are not what they should be go back to the model's choice. */
export function unpackSampling(value: unknown): Sampling {
  if (typeof value !== 'object' || value === null) return plainSampling
  const kept = value as Partial<Record<keyof Sampling, unknown>>
  const amount = (given: unknown) => (typeof given === 'number' && Number.isFinite(given) ? given : null)
  return {
    temperature: amount(kept.temperature),
    topP: amount(kept.topP),
    maxTokens: amount(kept.maxTokens),
    seed: amount(kept.seed),
    stop: Array.isArray(kept.stop) ? kept.stop.filter((stop) => typeof stop === 'string') : [],
    effort: efforts.find((effort) => effort === kept.effort) ?? '',
    format: formats.find((format) => format === kept.format) ?? 'text',
    schema: typeof kept.schema === 'string' ? kept.schema : '',
  }
}

function formatBody({ format, schema }: Sampling): unknown {
  if (format === 'text') return null
  if (format === 'json_object') return { type: 'json_object' }
  const read = readSchema(schema)
  if (!read) return null
  // A whole `json_schema` member may be pasted too: then it names itself.
  const isWhole = typeof read['name'] === 'string' && typeof read['schema'] === 'object'
  return { type: 'json_schema', json_schema: isWhole ? read : { name: 'answer', schema: read } }
}
