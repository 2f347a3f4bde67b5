/** null: there is no such character. */
export function codePointOf(number: number): string | null {
  return number >= 0 && number <= 0x10ffff ? String.fromCodePoint(number) : null
}

/** The character that begins at `at`; a byte that is no UTF-8 is one of Latin-1, and `isValid` is false. */
export function readUtf8(
  bytes: ArrayLike<number>,
  at: number,
): { readonly codePoint: number; readonly length: number; readonly isValid: boolean } {
  const first = bytes[at] ?? 0
  if (first < 0x80) return { codePoint: first, length: 1, isValid: true }
  const length = first >= 0xf0 && first < 0xf5 ? 4 : first >= 0xe0 ? 3 : first >= 0xc2 ? 2 : 1
  let codePoint = first & (0xff >> (length + 1))
  for (let index = 1; index < length; index++) {
    const next = bytes[at + index] ?? 0
    if ((next & 0xc0) !== 0x80) return { codePoint: first, length: 1, isValid: false }
    codePoint = codePoint * 64 + (next & 0x3f)
  }
  const isValid = length > 1 && first < 0xf5 && codePoint >= (leastOf[length] ?? 0) && codePoint <= 0x10ffff
  return isValid ? { codePoint, length, isValid } : { codePoint: first, length: 1, isValid }
}

const leastOf: readonly number[] = [0, 0, 0x80, 0x800, 0x10000]

/**
 * Bytes as text, where they are text: UTF-8, or UTF-16 as Windows writes it. null: mostly they are something else
 * (a hash, a picture, an identifier that only looked encoded).
 */
export function textOfBytes(bytes: Uint8Array): string | null {
  const wide = utf16Of(bytes)
  if (wide !== null) return wide
  let good = 0
  let characters = 0
  for (let index = 0; index < bytes.length; characters++) {
    const byte = bytes[index] ?? 0
    if (byte < 0x80) {
      index++
      if (isPrintable(byte)) good++
      continue
    }
    const { length, isValid } = readUtf8(bytes, index)
    index += length
    if (isValid) good++
  }
  return good >= leastGood * characters ? new TextDecoder().decode(bytes) : null
}

const leastGood = 0.85

/** Every second byte is zero in text of Western languages. */
function utf16Of(bytes: Uint8Array): string | null {
  let zeros = 0
  let good = 0
  const pairs = bytes.length >> 1
  for (let index = 0; index < pairs; index++) {
    if (bytes[2 * index + 1] === 0) zeros++
    if (isPrintable(bytes[2 * index] ?? 0)) good++
  }
  if (pairs === 0 || zeros < leastGood * pairs || good < leastGood * pairs) return null
  const units: string[] = []
  for (let index = 0; index < pairs; index++)
    units.push(String.fromCharCode((bytes[2 * index] ?? 0) + 256 * (bytes[2 * index + 1] ?? 0)))
  return units.join('')
}

function isPrintable(byte: number): boolean {
  return (byte >= 0x20 && byte < 0x7f) || byte === 9 || byte === 10 || byte === 13
}
