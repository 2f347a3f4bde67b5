import type { EntityType } from '../words.ts'
import { formKinds, formsOf, type FormKind } from './forms.ts'
import { isOwnWord } from './words.ts'

/**
 * Values that must not stand in bytes, in every form of theirs (forms.ts). Grows while it is used, at a cost that goes
 * with the length of what is added.
 *
 * How it looks: every form is known by four bytes of it, those that the fewest other forms are known by. A set of bits
 * over a hash of four bytes lets most places of a text go by; what is left is looked up and compared in full. All forms
 * of a value that share their four bytes hang in one chain. Comparing is counted: where a text was made to make it
 * expensive the answer is `isWhole: false`, and nobody may take that for clean.
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
  /** The table of grams: open addressing; a head of 0 is an empty slot. */
  #grams = new Int32Array(smallest)
  #heads = new Int32Array(smallest)
  #lengths = new Int32Array(smallest)
  #gramCount = 0
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
    for (const { kind, bytes, isExact, isWord } of forms) {
      const what = formKinds.indexOf(kind) | (isExact ? exactFlag : 0) | (isWord ? wordFlag : 0) | (typeIndex << 8)
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
  #compare(
    bytes: Uint8Array,
    place: { readonly gram: number; readonly at: number; readonly hits: NeedleHit[] },
  ): number {
    const slot = this.#slotOf(place.gram)
    let work = 1
    for (let next = this.#heads[slot] ?? 0; next !== 0 && place.hits.length < mostHits;) {
      const form = (next - 1) * fields
      const start = place.at - (this.#forms[form + 2] ?? 0)
      const end = start + (this.#forms[form + 1] ?? 0)
      const what = this.#forms[form + 4] ?? 0
      work++
      if (start >= 0 && end <= bytes.length) {
        const same = this.#sameFrom(bytes, { start, form, isExact: (what & exactFlag) !== 0 })
        work += same >> 2
        if (same === end - start && ((what & wordFlag) === 0 || isOwnWord(bytes, start, end))) {
          const type = this.#types[what >> 8] ?? 'TERM'
          place.hits.push({ type, form: formKinds[what & kindMask] ?? 'raw', start, end })
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
    const gram = gramOf(bytes, at)
    const slot = this.#slotOf(gram)
    this.#forms.set([this.#used, bytes.length, at, this.#heads[slot] ?? 0, what], form)
    this.#used += bytes.length
    if (this.#heads[slot] === 0) this.#gramCount++
    this.#grams[slot] = gram
    this.#heads[slot] = this.#formCount
    this.#lengths[slot] = (this.#lengths[slot] ?? 0) + 1
    this.#mark(gram)
    if (this.#gramCount * 2 > this.#grams.length) this.#enlarge()
  }

  /** The place in it whose gram the fewest forms are known by. */
  #leastShared(bytes: Uint8Array): number {
    let best = 0
    let fewest = Infinity
    const step = Math.max(1, Math.floor((bytes.length - 3) / mostPlaces))
    for (let at = 0; at + 4 <= bytes.length && fewest > 0; at += step) {
      const shared = this.#lengths[this.#slotOf(gramOf(bytes, at))] ?? 0
      if (shared < fewest) {
        fewest = shared
        best = at
      }
    }
    return best
  }

  #slotOf(gram: number): number {
    const mask = this.#grams.length - 1
    let slot = (Math.imul(gram, multiplier) >>> 7) & mask
    while (this.#heads[slot] !== 0 && this.#grams[slot] !== gram) slot = (slot + 1) & mask
    return slot
  }

  #mark(gram: number): void {
    const hash = Math.imul(gram, multiplier) >>> (32 - Math.log2(this.#bits.length * 32))
    this.#bits[hash >>> 5] = (this.#bits[hash >>> 5] ?? 0) | (1 << (hash & 31))
  }

  #enlarge(): void {
    const [grams, heads, lengths] = [this.#grams, this.#heads, this.#lengths]
    this.#grams = new Int32Array(grams.length * 2)
    this.#heads = new Int32Array(grams.length * 2)
    this.#lengths = new Int32Array(grams.length * 2)
    this.#bits = new Uint32Array((grams.length * 2 * bitsPerGram) / 32)
    for (let old = 0; old < heads.length; old++) {
      const gram = grams[old] ?? 0
      if (heads[old] === 0) continue
      const slot = this.#slotOf(gram)
      this.#grams[slot] = gram
      this.#heads[slot] = heads[old] ?? 0
      this.#lengths[slot] = lengths[old] ?? 0
      this.#mark(gram)
    }
  }
}

const fields = 5
const kindMask = 15
const exactFlag = 16
const wordFlag = 32
const multiplier = 0x9e3779b1 | 0

/** ASCII letters small, all else as it is. */
const lower = new Uint8Array(256).map((_, byte) => (byte >= 65 && byte <= 90 ? byte + 32 : byte))

function gramOf(bytes: Uint8Array, at: number): number {
  const byte = (index: number) => lower[bytes[index] ?? 0] ?? 0
  return (byte(at) << 24) | (byte(at + 1) << 16) | (byte(at + 2) << 8) | byte(at + 3)
}

function grown(bytes: Uint8Array, needed: number): Uint8Array {
  let length = bytes.length
  while (length < needed) length *= 2
  const larger = new Uint8Array(length)
  larger.set(bytes)
  return larger
}
