import { randomBytes, randomFillSync } from 'node:crypto'

/** `length` characters of `alphabet` (2 to 256 single-byte ones), each equally likely. Fit for secrets. */
export function randomText(length: number, alphabet: string): string {
  // Bytes above the largest multiple of the alphabet's size are thrown away: `byte % size` alone favours its first
  // letters.
  const usable = 256 - (256 % alphabet.length)
  let text = ''
  while (text.length < length) {
    for (const byte of randomBytes(length - text.length + 8)) {
      if (byte >= usable) continue
      text += alphabet.charAt(byte % alphabet.length)
      if (text.length === length) break
    }
  }
  return text
}

/** `bytes` random bytes as lower-case hex digits, two for each. */
export function randomHex(bytes: number): string {
  return randomBytes(bytes).toString('hex')
}

/**
 * Makes texts of one length and alphabet from a pool of letters that is filled in one go, for ids on the hot path:
 * a system call for every 512 ids instead of one for each.
 */
export function createTextPool(length: number, alphabet: string): () => string {
  const letters = Buffer.allocUnsafeSlow(length * 512)
  const usable = 256 - (256 % alphabet.length)
  // Kept: 24 KB anew for every refill made the collector run in the middle of requests.
  const bytes = Buffer.allocUnsafeSlow(letters.length * 2)
  let next = letters.length
  const refill = () => {
    let filled = 0
    while (filled < letters.length) {
      randomFillSync(bytes)
      for (let index = 0; index < bytes.length && filled < letters.length; index++) {
        const byte = bytes[index] ?? 0
        if (byte < usable) letters[filled++] = alphabet.charCodeAt(byte % alphabet.length)
      }
    }
    next = 0
  }
  return () => {
    if (next === letters.length) refill()
    const text = letters.toString('latin1', next, next + length)
    next += length
    return text
  }
}

/** A number from 0 to below 1, fast and guessable: for spreading load and waits, never for secrets. */
export const chance = (): number => Math.random()
