/** So many words in a row are taken for one passage. */
export const shingleWords = 8
/** A text with fewer words than a shingle counts as a whole, from so many on. */
export const leastWords = 3

/** The passages of a text: every run of eight words, or the whole text where it has three to seven. */
export interface Shingles {
  /** A quick digest of each, in order. Two with the same words have the same; the other way round nearly always. */
  readonly hashes: Uint32Array
  /** The words of one with a blank between them, for a digest that is sure. */
  text(index: number): string
}

/** What makes quick digests differ from house to house. */
export interface ShingleSeed {
  readonly start: number
  /** Odd. */
  readonly factor: number
}

/**
 * Reads a text as words of letters and digits, whatever their case and what stands between them; in scripts that are
 * written without blanks each character is a word. One pass, about 100 MB/s.
 */
export function shinglesOf(text: string, { start, factor }: ShingleSeed): Shingles {
  const folded = text.normalize('NFKC').toLowerCase()
  // A word has a separator behind it, but where each character is one.
  let starts = new Uint32Array((folded.length >> 2) + 16)
  const words = new Uint32Array(shingleWords)
  let count = 0
  let rolling = 0
  let hashes = new Uint32Array(starts.length)
  const leaving = power(factor, shingleWords)
  for (let index = 0; index < folded.length;) {
    if (kindAt(folded, index) === separator) {
      index++
      continue
    }
    if (count === starts.length) {
      starts = grown(starts)
      hashes = grown(hashes)
    }
    starts[count] = index
    let word = start
    const end = endOfWord(folded, index)
    for (; index < end; index++) word = Math.imul(word ^ folded.charCodeAt(index), 0x01000193)
    const slot = count % shingleWords
    rolling = (Math.imul(rolling, factor) + mixed(word) - Math.imul(words[slot] ?? 0, leaving)) | 0
    words[slot] = mixed(word)
    count++
    if (count >= shingleWords) hashes[count - shingleWords] = mixed(rolling)
  }
  // Its number of words goes in: four words are not the end of a longer text.
  if (count < shingleWords) hashes[0] = mixed(rolling ^ Math.imul(count, 0x9e3779b1))
  const length = count >= shingleWords ? count - shingleWords + 1 : count >= leastWords ? 1 : 0
  return {
    hashes: hashes.subarray(0, length),
    text: (index) => wordsFrom(folded, starts[index] ?? folded.length, Math.min(count, shingleWords)),
  }
}

function wordsFrom(folded: string, from: number, wanted: number): string {
  const words: string[] = []
  for (let index = from; words.length < wanted && index < folded.length;) {
    const end = kindAt(folded, index) === separator ? index : endOfWord(folded, index)
    if (end > index) words.push(folded.slice(index, end))
    index = Math.max(end, index + 1)
  }
  return words.join(' ')
}

function endOfWord(folded: string, from: number): number {
  let end = from
  while (end < folded.length) {
    const kind = kindAt(folded, end)
    if (kind === separator || (kind === alone && end > from)) return end
    end += isHighSurrogate(folded.charCodeAt(end)) ? 2 : 1
    if (kind === alone) return end
  }
  return Math.min(end, folded.length)
}

const separator = 1
const part = 2
const alone = 3
/** What each unit of UTF-16 is, as far as it was asked; 0 = not yet. */
const kinds = new Uint8Array(0x10000)

function kindAt(text: string, index: number): number {
  const unit = text.charCodeAt(index)
  if (isHighSurrogate(unit)) return kindOf(String.fromCodePoint(text.codePointAt(index) ?? unit))
  return (kinds[unit] ||= kindOf(String.fromCharCode(unit)))
}

function kindOf(character: string): number {
  if (!/[\p{L}\p{N}\p{M}]/u.test(character)) return separator
  return /[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}\p{sc=Thai}\p{sc=Laoo}\p{sc=Khmr}\p{sc=Mymr}]/u.test(character)
    ? alone
    : part
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit < 0xdc00
}

/** Every bit of the digest depends on every one of the number. */
function mixed(number: number): number {
  let bits = number ^ (number >>> 16)
  bits = Math.imul(bits, 0x7feb352d)
  bits ^= bits >>> 15
  bits = Math.imul(bits, 0x846ca68b)
  return (bits ^ (bits >>> 16)) >>> 0
}

function power(base: number, exponent: number): number {
  let result = 1
  for (let round = 0; round < exponent; round++) result = Math.imul(result, base)
  return result
}

function grown(numbers: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(numbers.length * 2)
  larger.set(numbers)
  return larger
}
