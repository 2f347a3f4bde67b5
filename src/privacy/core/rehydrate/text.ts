import { isTag } from '../placeholder.ts'
import { entityTypes, tagAlphabet, tagLength, type LiveTags } from '../words.ts'
import { isOpener } from './brackets.ts'
import { isWordChar, maxPlaceholderLength, mayBegin, readPlaceholder } from './grammar.ts'
import { JsonDepth } from './json-depth.ts'

/**
 * How a value is written where it is put in: `none` = as it is; `json` = the text is JSON (arguments of a tool);
 * `auto` = it is JSON if it begins and goes on like JSON.
 */
export type Escape = 'none' | 'json' | 'auto'

export interface RehydrateCounts {
  readonly replaced: number
  /** Placeholders, as Hearth writes them, of nobody here: the model made them up, or the caller did. */
  readonly unknown: number
}

/** How much may still be put in: whoever answers with a long value a million times must not fill the memory. */
export interface Allowance {
  left: number
}

/** Characters of values in one answer. */
export const maxInsertedLength = 16 * 1024 * 1024

export interface TextRehydrator {
  /** What can be said for sure of the text so far: at most `maxPlaceholderLength` characters are held back. */
  push(text: string): string
  /** What is held, as it came: half a placeholder is no placeholder. The text may go on after it. */
  end(): string
  readonly isHolding: boolean
  readonly counts: RehydrateCounts
}

export interface RehydrateOptions {
  readonly escape: Escape
  readonly allowance?: Allowance
  /** Told of each placeholder that stays. */
  readonly onLeft?: (placeholder: string) => void
}

/** Puts values back into a text that comes in pieces, the same wherever it is cut. */
export function createTextRehydrator(live: LiveTags, options: RehydrateOptions): TextRehydrator {
  return new Rehydrator(live, options)
}

export interface RehydratedText {
  readonly text: string
  readonly replaced: number
  /** Placeholders that stay, each once: of nobody here, or not to be put back. */
  readonly unresolved: readonly string[]
}

/** A whole text. Values are put in as they are, whatever stands around them. */
export function rehydrateText(text: string, live: LiveTags): RehydratedText {
  const unresolved = new Set<string>()
  const onLeft = (placeholder: string): void => {
    if (unresolved.size < maxUnresolved) unresolved.add(placeholder)
  }
  const rehydrator = new Rehydrator(live, { escape: 'none', onLeft })
  const whole = rehydrator.push(text) + rehydrator.end()
  return { text: whole, replaced: rehydrator.counts.replaced, unresolved: [...unresolved] }
}

/** Whether a text has a live tag in it: without one nothing in it changes. */
export function hasLiveTag(text: string, live: LiveTags): boolean {
  if (live.size === 0) return false
  for (let at = nextTag(text, 0); at >= 0; at = nextTag(text, at + 1))
    if (live.forms(tagAt(text, at)).length > 0) return true
  return false
}

const maxUnresolved = 1000

/** So much of what was emitted is kept to see what stands before a name. */
const contextLength = 32

class Rehydrator implements TextRehydrator {
  readonly #live: LiveTags
  readonly #depth: JsonDepth | null
  readonly #allowance: Allowance
  readonly #onLeft: ((placeholder: string) => void) | undefined
  #replaced = 0
  #unknown = 0
  /** Some of what was emitted, and all that is held. */
  #buffer = ''
  /** Where what is held begins. */
  #floor = 0
  /** Up to where tags were looked for. */
  #scanned = 0
  /** What begins before is no placeholder. */
  #tried = 0

  constructor(live: LiveTags, { escape, allowance, onLeft }: RehydrateOptions) {
    this.#live = live
    this.#depth = escape === 'none' ? null : new JsonDepth({ isForced: escape === 'json' })
    this.#allowance = allowance ?? { left: maxInsertedLength }
    this.#onLeft = onLeft
  }

  get isHolding(): boolean {
    return this.#floor < this.#buffer.length
  }

  get counts(): RehydrateCounts {
    return { replaced: this.#replaced, unknown: this.#unknown }
  }

  push(text: string): string {
    if (text === '' || (this.#live.size === 0 && !this.isHolding)) return text
    this.#buffer += text
    return this.#run(false)
  }

  end(): string {
    return this.#run(true)
  }

  #run(isEnd: boolean): string {
    let emitted = ''
    for (;;) {
      const tag = this.#nextLiveTag(isEnd)
      if (tag < 0) break
      const step = this.#replaceBefore(tag, isEnd)
      emitted += step.emitted
      if (step.isHeld) return this.#trimmed(emitted)
    }
    return this.#trimmed(emitted + this.#emit(isEnd ? this.#buffer.length : this.#holdFrom()))
  }

  /** The joint before the next live tag; -1: there is none. Counts those of nobody on the way. */
  #nextLiveTag(isEnd: boolean): number {
    const text = this.#buffer
    for (;;) {
      const at = nextTag(text, this.#scanned)
      if (at < 0) {
        // The last characters may be the beginning of a tag.
        this.#scanned = Math.max(this.#scanned, text.length - tagLength)
        return -1
      }
      this.#scanned = at
      if (this.#live.forms(tagAt(text, at)).length > 0) {
        if (mayEndAt(text, at + 1 + tagLength)) return at
        this.#scanned = at + 1
        continue
      }
      if (at + tagLength + 1 >= text.length && !isEnd) return -1
      const name = unknownName(text, at)
      if (name !== null) {
        this.#unknown += 1
        this.#onLeft?.(name)
      }
      this.#scanned = at + 1
    }
  }

  /** Puts in the value of the placeholder whose tag stands at `tag`, if it is one. */
  #replaceBefore(tag: number, isEnd: boolean): { readonly emitted: string; readonly isHeld: boolean } {
    const reader = { live: this.#live, isEnd }
    /** An opening bracket was cut off from what follows: the name behind it may have gone on. */
    let isCut = false
    for (let at = Math.max(this.#floor, this.#tried, tag - maxPlaceholderLength); at < tag; at++) {
      if (!mayBegin(this.#buffer, at)) continue
      const reading = readPlaceholder(this.#buffer, at, reader)
      const isBracketed = isOpener(this.#buffer.charAt(at))
      if (reading.kind === 'none') {
        isCut ||= isEnd && isBracketed && this.#isOpenAt(at)
        continue
      }
      if (isCut && !isBracketed) break
      let emitted = this.#emit(at)
      if (reading.kind === 'open') return { emitted, isHeld: true }
      const value = this.#valueOf(reading.tag, reading.form)
      if (value === null) {
        this.#onLeft?.(this.#buffer.slice(at, reading.end))
        emitted += this.#emit(reading.end)
      } else {
        emitted += this.#put(reading.before, value, reading.after)
        this.#floor = reading.end
      }
      this.#scanned = reading.end
      return { emitted, isHeld: false }
    }
    this.#scanned = tag + 1
    this.#tried = tag
    return { emitted: '', isHeld: false }
  }

  #isOpenAt(at: number): boolean {
    return readPlaceholder(this.#buffer, at, { live: this.#live, isEnd: false }).kind === 'open'
  }

  #valueOf(tag: string, form: string): string | null {
    const value = this.#live.resolve(tag, form)
    if (value === null || value.length > this.#allowance.left) return null
    this.#allowance.left -= value.length
    this.#replaced += 1
    return value
  }

  #put(before: string, value: string, after: string): string {
    // What looked like a placeholder of somebody has brackets of its own.
    if (before === '[' && value.startsWith('[')) return this.#put('', value, after.slice(0, -1))
    if (this.#depth === null) return before + value + after
    this.#depth.take(before)
    const written = this.#depth.put(value)
    this.#depth.take(after)
    return before + written + after
  }

  #emit(end: number): string {
    const text = this.#buffer.slice(this.#floor, end)
    this.#floor = end
    this.#depth?.take(text)
    return text
  }

  /** Where what may be the beginning of a placeholder begins. */
  #holdFrom(): number {
    const text = this.#buffer
    for (let at = Math.max(this.#floor, text.length - maxPlaceholderLength - 1); at < text.length; at++)
      if (mayBegin(text, at) && this.#isOpenAt(at)) return at
    return text.length
  }

  #trimmed(emitted: string): string {
    const kept = Math.min(this.#scanned, this.#floor - contextLength)
    if (kept <= 0) return emitted
    this.#buffer = this.#buffer.slice(kept)
    this.#floor -= kept
    this.#scanned -= kept
    this.#tried = Math.max(0, this.#tried - kept)
    return emitted
  }
}

const tagChars = tagAlphabet + tagAlphabet.replace(/\d/g, '').toLowerCase()
/** Something that joins, and four characters of a tag. */
const joinedTag = new RegExp(`[_ \\u00a0\\u2010\\u2011-][${tagChars}]{${tagLength}}`, 'g')

/** Where the joint before the next text that could be a tag stands; -1: there is none. */
function nextTag(text: string, from: number): number {
  joinedTag.lastIndex = from
  while (joinedTag.test(text)) {
    const at = joinedTag.lastIndex - tagLength - 1
    if (isTag(tagAt(text, at))) return at
    joinedTag.lastIndex = at + 1
  }
  return -1
}

/** Whether a tag may end here: nothing follows it that belongs to a word, but an `s`. */
const mayEndAt = (text: string, at: number): boolean =>
  !isWordChar(text.charAt(at)) || (text.charAt(at) === 's' && !isWordChar(text.charAt(at + 1)))

const tagAt = (text: string, joint: number): string => text.slice(joint + 1, joint + 1 + tagLength).toUpperCase()

const endsInLabel = new RegExp(`(?:^|[^A-Za-z0-9])(${entityTypes.join('|')})$`)
const longestLabel = 14

/** The placeholder, as Hearth writes it, whose tag stands at `joint`; null: it is something else. */
function unknownName(text: string, joint: number): string | null {
  const end = joint + 1 + tagLength
  if (text.charAt(joint) !== '_' || isWordChar(text.charAt(end)) || !isTag(text.slice(joint + 1, end))) return null
  const label = endsInLabel.exec(text.slice(Math.max(0, joint - longestLabel), joint))?.[1]
  return label === undefined ? null : `[${label}${text.slice(joint, end)}]`
}
