/**
 * A vendor's published form of a secret, as data: what is always the same, and runs of characters that are not.
 * compile.ts makes recognisers of them; examples.ts writes secrets of the same form.
 */
export interface Format {
  /** `<vendor>.<what>`; the recogniser is `secret.<vendor>.<what>`. */
  readonly id: string
  readonly parts: readonly Part[]
  /** Which part the secret begins with: what stands before it (an address, a member's name) stays readable. */
  readonly valueFrom?: number
  /**
   * For forms that many things have (32 hex digits): one of these words stands within `nearby` characters before the
   * secret, and a word or sign of giving between the two. Lower case.
   */
  readonly near?: readonly string[]
  /** The prefix is also the beginning of ordinary words: the rest must have a digit and a letter, and no words. */
  readonly isCommon?: boolean
  /** What tells a real one from one that only looks like it. */
  readonly proof?: Proof
}

/** A literal (as it is written, upper and lower case matter), one of several, or a run. */
export type Part = string | readonly string[] | Run

export interface Run {
  /** The inside of a character class: ranges and single characters, `-` at the end. */
  readonly of: string
  readonly min: number
  readonly max: number
}

/** A check digit, or a structure that can be read. */
export interface Proof {
  holds(value: string): boolean
  /** The same with its check digits put right. */
  complete(value: string): string
}

export function run(of: string, min: number, max: number = min): Run {
  return { of, min, max }
}

export const digit = '0-9'
export const hex = '0-9a-f'
export const anyHex = '0-9A-Fa-f'
export const lowerAlnum = 'a-z0-9'
export const upperAlnum = 'A-Z0-9'
export const base32 = 'A-Z2-7'
export const base62 = 'A-Za-z0-9'
export const word = 'A-Za-z0-9_'
export const base64 = 'A-Za-z0-9+/'
export const base64url = 'A-Za-z0-9_-'

export const uuid: readonly Part[] = [
  run(anyHex, 8),
  '-',
  run(anyHex, 4),
  '-',
  run(anyHex, 4),
  '-',
  run(anyHex, 4),
  '-',
  run(anyHex, 12),
]

/** `prefix` and then one run: what most vendors do. */
export function prefixed(id: string, prefix: string | readonly string[], rest: Run, more?: Partial<Format>): Format {
  return { id, parts: [prefix, rest], ...more }
}

/** A run that says nothing by itself, near one of these words. */
export function contextual(id: string, near: readonly string[], ...parts: readonly Part[]): Format {
  return { id, near, parts }
}

export function isRun(part: Part): part is Run {
  return typeof part === 'object' && 'of' in part
}
