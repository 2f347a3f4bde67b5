import type { EntityType } from '#kernel/entity-types.ts'
import type { EpochMs } from '#kernel/time.ts'
import type { WordList } from './text/word-beginnings.ts'

export { entityTypes, type EntityType } from '#kernel/entity-types.ts'

/** A piece of text that stands for somebody or something. Offsets are UTF-16 units of the text as it was given. */
export interface Span {
  readonly start: number
  readonly end: number
  readonly type: EntityType
  /** Who found it, for example `email`, `id.de.tax`, `secret.github.pat`, `directory`, `vault`, `deny`, `ner`. */
  readonly recogniser: string
  /** 0 to 1. */
  readonly score: number
  /** A check digit, a checksum or a list said so: not only its looks. */
  readonly isValidated: boolean
  /**
   * What it is whatever way it is written: an address in lower case, a telephone number as E.164, an IBAN without
   * blanks. Two spans of one type with the same canonical value are the same thing.
   */
  readonly canonical: string
  /** In which reading of the text it was seen, for explanations: `raw`, `folded`, `percent`, `base64` … */
  readonly view: ViewKind
}

export type ViewKind = 'raw' | 'folded' | 'percent' | 'html' | 'unicode' | 'base64' | 'hex' | 'quoted-printable'

/**
 * A reading of a text: the text as a recogniser reads it, with the way back. `folded` has what is invisible taken out,
 * look-alikes and full-width letters made plain, digits of other scripts made 0 to 9; a decoded view is what stands
 * inside an encoded run.
 */
export interface View {
  readonly kind: ViewKind
  readonly text: string
  /** `text` in lower case, unit by unit: the same length. */
  readonly lower: string
  /** Where the unit at `index` begins in the raw text; for a decoded view the beginning of the encoded run. */
  rawStart(index: number): number
  /** Where what ends before `index` ends in the raw text (exclusive); for a decoded view the end of the run. */
  rawEnd(index: number): number
}

/**
 * What makes a recogniser look at a place. One pass over a text finds all triggers of all recognisers, so that ordinary
 * words cost next to nothing.
 */
export type Trigger =
  /**
   * One of these stands there, whatever its case. ASCII, lower case; one character alone only where it is rare (`@`).
   */
  | { readonly kind: 'literal'; readonly literals: readonly string[] }
  /**
   * A longest run of ASCII digits with single or double separators between them (blank . - / ( ) + : ,), of at least
   * and at most so many digits. The run begins at a digit, or at `+` or `(` before it.
   */
  | { readonly kind: 'digits'; readonly min: number; readonly max: number; readonly only?: RunHints }
  /**
   * A longest run of ASCII letters and digits and `_` of this length that has a digit and a letter in it. What else is
   * in a token (`-`, `+`, `/`, `=`) is for the recogniser to look at.
   */
  | { readonly kind: 'token'; readonly min: number; readonly max: number }

/** Where asking about a run of digits is in vain: what is found never depends on it, only how long it takes. */
export interface RunHints {
  /** One of its groups (digits without anything between them) has to be as long as one of these. */
  readonly groups?: readonly number[]
  /** It has to have so many groups. */
  readonly leastGroups?: number
  /** Everything that is found lies within the run. */
  readonly isInside?: boolean
  /** A word of this list has to stand within `nearRun` units of the run; `single`: only where it is one group. */
  readonly near?: { readonly list: WordList; readonly when: 'always' | 'single' }
}

/** As far as recognisers look for words around a number, and a bit more. */
export const nearRun = { before: 96, after: 128 } as const

/** Where a trigger stood in `view.text`. */
export interface Place {
  readonly view: View
  readonly start: number
  readonly end: number
}

/**
 * Knows one kind of value. Pure; stateless; looks at no more than `reach` characters to either side of the place, with
 * sticky or sliced patterns that are linear (no nested quantifiers, no backreferences, no lookarounds that scan on).
 */
export interface Recogniser {
  /** Unique; with dots between its families. */
  readonly id: string
  readonly type: EntityType
  readonly trigger: Trigger
  /**
   * null: there is none here. Offsets of the answer are those of `place.view.text`. A run of digits may hold several
   * (a row of a table): when what was found ends before the place does, the engine asks again for what is left of it,
   * `place.start` moved to that end, until the answer is null.
   */
  match(place: Place): Found | null
}

export interface Found {
  readonly start: number
  readonly end: number
  readonly score: number
  readonly isValidated: boolean
  readonly canonical: string
}

/** How far from its place a recogniser may look, in either direction; long secrets (PEM) may look further ahead. */
export const reach = 256

/** A value that is known: found wherever it stands, however it is written. */
export interface Term {
  readonly value: string
  readonly type: EntityType
  readonly canonical: string
  readonly source: 'directory' | 'deny' | 'vault'
}

/** Where a value came from; what is known of a value's worst origin stays. */
export type Origin = 'system' | 'user' | 'assistant' | 'tool' | 'document' | 'api'

/** `[LABEL_TAG]` or `[LABEL_TAG_FORM]`; see placeholder.ts. */
export interface Placeholder {
  readonly type: EntityType
  /** Four of `tagAlphabet`, at least one digit and one letter among them. */
  readonly tag: string
  /**
   * '' = the first surface; `F`, `L` = a person's first or last name; `2` … = another way of writing the same value.
   */
  readonly form: string
}

/** Digits and consonants that nobody mistakes for each other and no word is made of. */
export const tagAlphabet = '0123456789BCDFGHJKMNPQRSTVWXYZ'
export const tagLength = 4

/** What may be put back into an answer: the placeholders of one scope. Reading is synchronous. */
export interface LiveTags {
  readonly size: number
  /** Every label that is in use, upper case: for what may be the beginning of a placeholder. */
  readonly labels: ReadonlySet<string>
  /** Whether a live tag begins with this (upper case, 0 to 4 characters). */
  isTagPrefix(prefix: string): boolean
  /**
   * The value for a tag and its form; null: there is none here, or it must not be put back. An unknown form of a live
   * tag is answered with its first surface.
   */
  resolve(tag: string, form: string): string | null
  /** The forms that are live for a tag, '' among them; empty: none. */
  forms(tag: string): readonly string[]
}

/** One surface of one value in a vault. */
export interface VaultEntry extends Placeholder {
  readonly canonical: string
  /** As it was written: this is what is put back. */
  readonly value: string
  readonly origin: Origin
  readonly isRestorable: boolean
  readonly createdAt: EpochMs
}
