import { z } from 'zod'
import { parseBytes } from '#kernel/bytes.ts'
import { nearestNames } from '#kernel/nearest.ts'
import { parseDuration } from '#kernel/time.ts'
import { isAddressRange } from '#platform/egress/addresses.ts'

/**
 * Leaves of the configuration's schema. Each says in words what it wants and gives an example, so that every problem
 * reads the same: the value, what it must be, what to write. Its JSON Schema is told by hand, because what people
 * write (`60s`) is not what the program works with (60000).
 */
export interface LeafSpec<T> {
  /** `a time with its unit`: stands after `must be`. */
  readonly what: string
  readonly example: string
  readonly json: Readonly<Record<string, unknown>>
  /** Its value is never repeated in a sentence. */
  readonly isSecret?: boolean
  /** What exactly is wrong with a value, where that is not plain to see: `it holds |, …`. */
  why?(value: unknown): string | null
  /** What was probably meant: `Did you mean weighted?` instead of the example. */
  near?(value: unknown): readonly string[]
  /** undefined = it is none. */
  parse(value: unknown): T | undefined
}

export function leaf<T>(spec: LeafSpec<T>) {
  return z
    .unknown()
    .meta(spec.json)
    .transform((value, context): T => {
      const parsed = value === undefined ? undefined : spec.parse(value)
      if (parsed !== undefined) return parsed
      const given = spec.isSecret ? 'is set, but' : `is ${show(value)}, but`
      const shown = value === undefined ? 'is missing: it' : given
      const why = spec.why?.(value) ?? null
      const near = spec.near?.(value) ?? []
      context.addIssue({
        code: 'custom',
        message: `${shown} must be ${spec.what}${why ? `: ${why}` : ''}.`,
        params: { fix: near.length > 0 ? `Did you mean ${near.join(' or ')}?` : `Write, for example: ${spec.example}` },
      })
      return z.NEVER
    })
}

export const duration = () =>
  leaf({
    what: 'a time with its unit (ms, s, m, h, d)',
    example: '60s',
    json: { type: 'string', pattern: durationPattern, examples: ['60s', '10m', '1.5h'] },
    parse: (value) => (typeof value === 'string' ? (parseDuration(value) ?? undefined) : undefined),
  })

/** null = never. */
export const durationOrNever = () =>
  leaf<{ readonly ms: number | null }>({
    what: 'a time with its unit (ms, s, m, h, d), or never',
    example: '10m',
    json: { type: 'string', pattern: `${durationPattern}|^never$`, examples: ['10m', 'never'] },
    parse(value) {
      if (value === 'never') return { ms: null }
      const ms = typeof value === 'string' ? parseDuration(value) : null
      return ms === null ? undefined : { ms }
    },
  })

export const days = () =>
  leaf({
    what: 'a number of days with its unit',
    example: '90d',
    json: { type: 'string', pattern: '^\\d+d$', examples: ['90d'] },
    parse: (value) => (typeof value === 'string' && /^\d{1,5}d$/.test(value) ? Number(value.slice(0, -1)) : undefined),
  })

export const size = () =>
  leaf({
    what: 'a size with its unit (B, KiB, MiB, GiB, TiB, KB, MB, GB, TB)',
    example: '24GiB',
    json: { type: 'string', pattern: '^\\d+(\\.\\d+)?\\s*([KMGT]i?B|B)$', examples: ['512MiB', '24GiB'] },
    // A bare number is refused: nobody agrees whether 24 is bytes or gibibytes.
    parse: (value) =>
      typeof value === 'string' && /[a-z]/i.test(value) ? (parseBytes(value) ?? undefined) : undefined,
  })

/** As text too: what `${NAME}` takes from the environment is text. */
export const count = (range: { readonly min: number; readonly max: number; readonly example?: number }) =>
  leaf({
    what: `a whole number from ${range.min} to ${range.max}`,
    example: String(range.example ?? Math.max(range.min, 1)),
    json: { type: 'integer', minimum: range.min, maximum: range.max },
    parse(value) {
      const number = typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value
      return typeof number === 'number' && Number.isInteger(number) && number >= range.min && number <= range.max
        ? number
        : undefined
    },
  })

export const amount = () =>
  leaf({
    what: 'a number, 0 or more',
    example: '0.25',
    json: { type: 'number', minimum: 0 },
    parse: (value) => (typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : undefined),
  })

/** As text too: what `${NAME}` takes from the environment is text. */
export const share = () =>
  leaf({
    what: 'a number from 0 to 1',
    example: '0.1',
    json: { type: 'number', minimum: 0, maximum: 1 },
    parse(value) {
      const number = typeof value === 'string' && /^[01](\.\d+)?$/.test(value) ? Number(value) : value
      return typeof number === 'number' && number >= 0 && number <= 1 ? number : undefined
    },
  })

/** One number for all, or one for each name. Comes out by name, `*` = all others. */
export const contextSizes = () =>
  leaf<Readonly<Record<string, number>>>({
    what: 'a whole number of tokens, or one for each model name',
    example: '32768',
    json: {
      anyOf: [
        { type: 'integer', minimum: 16, maximum: maxContext },
        { type: 'object', additionalProperties: { type: 'integer', minimum: 16, maximum: maxContext } },
      ],
    },
    parse(value) {
      if (isContext(value)) return { '*': value }
      if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
      const sizes = Object.entries(value as Readonly<Record<string, unknown>>)
      return sizes.every(([, size]) => isContext(size)) ? (value as Readonly<Record<string, number>>) : undefined
    },
  })

const maxContext = 100_000_000

const isContext = (value: unknown): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 16 && value <= maxContext

export const flag = () =>
  leaf({
    what: 'true or false',
    example: 'true',
    json: { type: 'boolean' },
    parse: (value) =>
      value === true || value === 'true' ? true : value === false || value === 'false' ? false : undefined,
  })

export const choice = <const Words extends readonly string[]>(words: Words) =>
  leaf<Words[number]>({
    what: words.length === 1 ? String(words[0]) : `one of ${words.join(', ')}`,
    example: words[0] ?? '',
    json: { type: 'string', enum: words },
    near: (value) => (typeof value === 'string' ? nearestNames(value, words) : []),
    parse: (value) => words.find((word) => word === value),
  })

const maxTextLength = 4096

interface TextSpec {
  readonly what: string
  readonly example: string
  readonly pattern?: RegExp
  readonly isSecret?: boolean
}

export const text = (spec: TextSpec) =>
  leaf({
    ...spec,
    json: { type: 'string', ...(spec.pattern ? { pattern: spec.pattern.source } : {}), examples: [spec.example] },
    parse(value) {
      if (typeof value !== 'string' || value === '' || value.length > maxTextLength) return undefined
      return spec.pattern === undefined || spec.pattern.test(value) ? value : undefined
    },
  })

/** `192.168.1.0/24`, `fd00::/8`, or one address. */
export const addressRange = () =>
  leaf({
    what: 'an address, or a range of addresses with the number of its fixed bits',
    example: '192.168.1.0/24',
    json: { type: 'string', examples: ['127.0.0.1', '192.168.1.0/24', 'fd00::/8'] },
    parse: (value) => (typeof value === 'string' && isAddressRange(value) ? value : undefined),
  })

/** `http://…` or `https://…` without credentials, query or fragment; comes out without a trailing slash. */
export const webAddress = (example: string) =>
  leaf({
    what: 'an address with http:// or https://, without user name, password, ? and #',
    example,
    json: { type: 'string', format: 'uri', examples: [example] },
    parse(value) {
      if (typeof value !== 'string' || !URL.canParse(value)) return undefined
      const url = new URL(value)
      if (!/^https?:$/.test(url.protocol) || url.username || url.password || url.search || url.hash) return undefined
      return url.href.replace(/\/+$/, '')
    },
  })

/** A value as it stands in a sentence: short, on one line. */
export function show(value: unknown): string {
  const shown = typeof value === 'string' ? `"${value}"` : (JSON.stringify(value) ?? String(value))
  const line = shown.replace(/\s+/g, ' ')
  return line.length > 80 ? `${line.slice(0, 77)}…` : line
}

const durationPattern = '^\\d+(\\.\\d+)?\\s*(ms|s|m|h|d)$'
