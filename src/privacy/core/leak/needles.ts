import type { EntityType } from '../words.ts'
import { formKinds, formsOf, type FormKind } from './forms.ts'
import { isLoneWord, isOwnWord } from './words.ts'

/**
 * Values that must not stand in bytes, in every form of theirs (forms.ts). Grows while it is used, at a cost that goes
 * with the length of what is added.
 *
 * How it looks: every form is known by eight bytes of it (by four, where it has no more), those that the fewest other
 * forms are known by. A set of bits over a hash of four bytes lets most places of a text go by; what is left is looked
 * up and compared in full. All forms that are known by the same bytes hang in one chain. Comparing is counted: where a
 * text was made to make it expensive the answer is `isWhole: false`, and nobody may take that for clean.
 */
export interface Needles {
  /** false: too short to be looked for, which whoever issues a placeholder for it must know. */
  add(value: string, type: EntityType): boolean
  /** How many values. */
  readonly size: number
  scan(bytes: Uint8Array): Scan
}

export interface Scan {
  /** In the order in which they stand there, at most `mostHits`. */
  readonly hits: readonly NeedleHit[]
  /** false: it was too much work, or there were more hits. */
  readonly isWhole: boolean
}

export interface NeedleHit {
  readonly type: EntityType
  readonly form: FormKind
  readonly start: number
  readonly end: number
}

export const mostHits = 1000
/** Comparisons for each byte of a text, and for a short one. */
const workPerByte = 64
const leastWork = 1_000_000
/** How many places of a form are looked at for the one that others share least. */
const mostPlaces = 16
const smallest = 256
/** Bits for each gram that there is room for: with half of them taken one place in sixteen is looked at in vain. */
const bitsPerGram = 8

export function createNeedles(): Needles {
  return new NeedleSet()
}

class NeedleSet implements Needles {
  #size = 0
  readonly #seen = new Set<string>()
  readonly #types: EntityType[] = []
  /** All forms one behind the other. */
  #bytes: Uint8Array = new Uint8Array(4096)
  #used = 0
  /** Of each form: where it begins, how long it is, where its gram is in it, the next in its chain + 1, what it is. */
  #forms = new Int32Array(smallest * fields)
  #formCount = 0
  /** The table of what forms are known by: open addressing; a head of 0 is an empty slot. */
  #keys = new Int32Array(smallest)
  /** The first four bytes of it. */
  #grams = new Int32Array(smallest)
  #heads = new Int32Array(smallest)
  #lengths = new Int32Array(smallest)
  #keyCount = 0
  #bits = new Uint32Array((smallest * bitsPerGram) / 32)

  get size(): number {
    return this.#size
  }

  add(value: string, type: EntityType): boolean {
    const key = `${type} ${value}`
    if (this.#seen.has(key)) return true
    const forms = formsOf(value)
    if (forms.length === 0) return false
    this.#seen.add(key)
    this.#size++
    let typeIndex = this.#types.indexOf(type)
    if (typeIndex === -1) typeIndex = this.#types.push(type) - 1
    const alone = ofPeople.has(type) && oneWord.test(value) ? loneFlag : 0
    for (const { kind, bytes, isExact, isWord } of forms) {
      const word = isWord ? wordFlag | alone : 0
      const what = formKinds.indexOf(kind) | (isExact ? exactFlag : 0) | word | (typeIndex << 8)
      this.#addForm(isExact ? bytes : bytes.map((byte) => lower[byte] ?? 0), what)
    }
    return true
  }

  scan(bytes: Uint8Array): Scan {
    const hits: NeedleHit[] = []
    if (this.#formCount === 0 || bytes.length < 4) return { hits, isWhole: true }
    const bits = this.#bits
    const shift = 32 - Math.log2(bits.length * 32)
    let work = Math.max(leastWork, bytes.length * workPerByte)
    let gram = ((lower[bytes[0] ?? 0] ?? 0) << 16) | ((lower[bytes[1] ?? 0] ?? 0) << 8) | (lower[bytes[2] ?? 0] ?? 0)
    const length = bytes.length
    for (let index = 3; index < length; index++) {
      gram = (gram << 8) | (lower[bytes[index] as number] as number)
      const hash = Math.imul(gram, multiplier) >>> shift
      if ((((bits[hash >>> 5] as number) >>> (hash & 31)) & 1) === 0) continue
      work -= this.#compare(bytes, { gram, at: index - 3, hits })
      if (work < 0 || hits.length >= mostHits) return { hits, isWhole: false }
    }
    return { hits: hits.toSorted((a, b) => a.start - b.start || a.end - b.end), isWhole: true }
  }

  /** Answers how much work it was. */
  #compare(bytes: Uint8Array, place: Place): number {
    const { gram, at } = place
    const long = at + longGram <= bytes.length ? longKey(gram, gramOf(bytes, at + 4)) : gram
    return this.#compareChain(bytes, long, place) + (long === gram ? 0 : this.#compareChain(bytes, gram, place))
  }

  #compareChain(bytes: Uint8Array, key: number, { at, hits }: Place): number {
    let work = 1
    for (let next = this.#heads[this.#slotOf(key)] ?? 0; next !== 0 && hits.length < mostHits;) {
      const form = (next - 1) * fields
      const start = at - (this.#forms[form + 2] ?? 0)
      const end = start + (this.#forms[form + 1] ?? 0)
      const what = this.#forms[form + 4] ?? 0
      work++
      if (start >= 0 && end <= bytes.length) {
        const same = this.#sameFrom(bytes, { start, form, isExact: (what & exactFlag) !== 0 })
        work += same >> 2
        if (same === end - start && stands(what, bytes, start, end)) {
          const type = this.#types[what >> 8] ?? 'TERM'
          hits.push({ type, form: formKinds[what & kindMask] ?? 'raw', start, end })
        }
      }
      next = this.#forms[form + 3] ?? 0
    }
    return work
  }

  /** How many bytes are the same from the beginning of the form on. */
  #sameFrom(
    bytes: Uint8Array,
    place: { readonly start: number; readonly form: number; readonly isExact: boolean },
  ): number {
    const own = this.#bytes
    const from = this.#forms[place.form] ?? 0
    const length = this.#forms[place.form + 1] ?? 0
    let same = 0
    if (place.isExact) while (same < length && bytes[place.start + same] === own[from + same]) same++
    else while (same < length && lower[bytes[place.start + same] ?? 0] === own[from + same]) same++
    return same
  }

  #addForm(bytes: Uint8Array, what: number): void {
    const at = this.#leastShared(bytes)
    if (this.#used + bytes.length > this.#bytes.length) this.#bytes = grown(this.#bytes, this.#used + bytes.length)
    this.#bytes.set(bytes, this.#used)
    const form = this.#formCount++ * fields
    if (form + fields > this.#forms.length) {
      const larger = new Int32Array(this.#forms.length * 2)
      larger.set(this.#forms)
      this.#forms = larger
    }
    const key = keyOf(bytes, at)
    const slot = this.#slotOf(key)
    this.#forms.set([this.#used, bytes.length, at, this.#heads[slot] ?? 0, what], form)
    this.#used += bytes.length
    if (this.#heads[slot] === 0) this.#keyCount++
    this.#keys[slot] = key
    this.#grams[slot] = gramOf(bytes, at)
    this.#heads[slot] = this.#formCount
    this.#lengths[slot] = (this.#lengths[slot] ?? 0) + 1
    this.#mark(gramOf(bytes, at))
    if (this.#keyCount * 2 > this.#keys.length) this.#enlarge()
  }

  /** The place in it that the fewest forms are known by. */
  #leastShared(bytes: Uint8Array): number {
    let best = 0
    let fewest = Infinity
    const last = Math.max(0, bytes.length - longGram)
    const step = Math.max(1, Math.ceil((last + 1) / mostPlaces))
    for (let at = 0; at <= last && fewest > 0; at += step) {
      const shared = this.#lengths[this.#slotOf(keyOf(bytes, at))] ?? 0
      if (shared < fewest) {
        fewest = shared
        best = at
      }
    }
    return best
  }

  #slotOf(key: number): number {
    const mask = this.#keys.length - 1
    let slot = (Math.imul(key, multiplier) >>> 7) & mask
    while (this.#heads[slot] !== 0 && this.#keys[slot] !== key) slot = (slot + 1) & mask
    return slot
  }

  #mark(gram: number): void {
    const hash = Math.imul(gram, multiplier) >>> (32 - Math.log2(this.#bits.length * 32))
    this.#bits[hash >>> 5] = (this.#bits[hash >>> 5] ?? 0) | (1 << (hash & 31))
  }

  #enlarge(): void {
    const { keys, grams, heads, lengths } = {
      keys: this.#keys,
      grams: this.#grams,
      heads: this.#heads,
      lengths: this.#lengths,
    }
    const room = keys.length * 2
    this.#keys = new Int32Array(room)
    this.#grams = new Int32Array(room)
    this.#heads = new Int32Array(room)
    this.#lengths = new Int32Array(room)
    this.#bits = new Uint32Array((room * bitsPerGram) / 32)
    for (let old = 0; old < heads.length; old++) {
      if (heads[old] === 0) continue
      const slot = this.#slotOf(keys[old] ?? 0)
      this.#keys[slot] = keys[old] ?? 0
      this.#grams[slot] = grams[old] ?? 0
      this.#heads[slot] = heads[old] ?? 0
      this.#lengths[slot] = lengths[old] ?? 0
      this.#mark(grams[old] ?? 0)
    }
  }
}

interface Place {
  readonly gram: number
  readonly at: number
  readonly hits: NeedleHit[]
}

/** Names of one word: people are called like what programs do. */
const ofPeople: ReadonlySet<EntityType> = new Set<EntityType>(['PERSON', 'ORGANIZATION', 'ADDRESS', 'USERNAME'])
const oneWord = /^[\p{L}\p{M}\p{N}]+$/u

function stands(what: number, bytes: Uint8Array, start: number, end: number): boolean {
  if ((what & loneFlag) !== 0) return isLoneWord(bytes, start, end)
  return (what & wordFlag) === 0 || isOwnWord(bytes, start, end)
}

const longGram = 8
const fields = 5
const kindMask = 15
const exactFlag = 16
const wordFlag = 32
const loneFlag = 64
const multiplier = 0x9e3779b1 | 0

/** ASCII letters small, all else as it is. */
const lower = new Uint8Array(256).map((_, byte) => (byte >= 65 && byte <= 90 ? byte + 32 : byte))

function gramOf(bytes: Uint8Array, at: number): number {
  const byte = (index: number) => lower[bytes[index] ?? 0] ?? 0
  return (byte(at) << 24) | (byte(at + 1) << 16) | (byte(at + 2) << 8) | byte(at + 3)
}

/** Short forms are known by four bytes. Two keys that are the same by chance cost a comparison. */
function keyOf(bytes: Uint8Array, at: number): number {
  const gram = gramOf(bytes, at)
  return at + longGram <= bytes.length ? longKey(gram, gramOf(bytes, at + 4)) : gram
}

function longKey(first: number, second: number): number {
  return Math.imul(first, 0x85ebca6b) ^ Math.imul(second, 0xc2b2ae35) ^ (second >>> 15)
}

function grown(bytes: Uint8Array, needed: number): Uint8Array {
  let length = bytes.length
  while (length < needed) length *= 2
  const larger = new Uint8Array(length)
  larger.set(bytes)
  return larger
}
