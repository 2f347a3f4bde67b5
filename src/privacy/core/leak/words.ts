/**
 * Whether the bytes from `start` to `end` (UTF-8) stand as a word of their own: nothing that belongs to the same word
 * touches them. Letters beside digits, `_`, and a capital after a small letter begin a new word, as names in programs
 * have it; scripts that put no blanks between words have no such bounds.
 */
export function isOwnWord(bytes: Uint8Array, start: number, end: number): boolean {
  return (
    !isJoined(characterBefore(bytes, start), characterAt(bytes, start)) &&
    !isJoined(characterBefore(bytes, end), characterAt(bytes, end))
  )
}

/** Stricter: not as a part of an identifier either. `mark_as_read`, `markAll` and `mark2` are nobody called Mark. */
export function isLoneWord(bytes: Uint8Array, start: number, end: number): boolean {
  return (
    isOwnWord(bytes, start, end) &&
    !isOneName(characterBefore(bytes, start), characterAt(bytes, start)) &&
    !isOneName(characterBefore(bytes, end), characterAt(bytes, end))
  )
}

const isOneName = (left: string, right: string): boolean =>
  left === '_' || right === '_' || (inName.test(left) && inName.test(right))

const inName = /^[\p{Nd}\p{Script=Latin}]$/u

function isJoined(left: string, right: string): boolean {
  if (left === '' || right === '') return false
  const isLeftDigit = digit.test(left)
  const isRightDigit = digit.test(right)
  if (isLeftDigit || isRightDigit) return isLeftDigit && isRightDigit
  if (!letter.test(left) || !letter.test(right)) return false
  if (unspaced.test(left) || unspaced.test(right)) return false
  if (latin.test(left) !== latin.test(right)) return false
  return !(small.test(left) && capital.test(right))
}

const digit = /^\p{Nd}$/u
const letter = /^\p{L}$/u
const latin = /^\p{Script=Latin}$/u
const small = /^\p{Ll}$/u
const capital = /^\p{Lu}$/u
const unspaced = new RegExp(
  '^[\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\p{Script=Thai}\\p{Script=Lao}' +
    '\\p{Script=Khmer}\\p{Script=Myanmar}]$',
  'u',
)

/** '' where there is none, or none that is whole. */
function characterAt(bytes: Uint8Array, index: number): string {
  const first = bytes[index]
  if (first === undefined) return ''
  if (first < 0x80) return String.fromCharCode(first)
  const length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 0
  if (length === 0 || index + length > bytes.length) return ''
  let point = first & (0xff >> (length + 1))
  for (let at = index + 1; at < index + length; at++) point = (point << 6) | ((bytes[at] ?? 0) & 0x3f)
  return point > 0x10ffff ? '' : String.fromCodePoint(point)
}

function characterBefore(bytes: Uint8Array, index: number): string {
  let start = index - 1
  while (start > 0 && index - start < 4 && ((bytes[start] ?? 0) & 0xc0) === 0x80) start--
  return start < 0 ? '' : characterAt(bytes, start)
}
