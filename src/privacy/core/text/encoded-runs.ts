/**
 * Runs that are text as a whole in another form: base64, base64url, hexadecimal digits. A hit inside stands for the
 * whole run, since nobody can cut a value out of it.
 */
import { textOfBytes } from './bytes.ts'
import { Rewrites } from './reading.ts'

/** Of this many units at least, with padding. */
const leastRun = 16

export function base64Runs(text: string): Rewrites {
  const rewrites = new Rewrites()
  for (const match of text.matchAll(base64Run)) {
    const run = match[0]
    if (run.length < leastRun) continue
    const decoded = textOfBase64(run)
    if (decoded !== null) rewrites.add(match.index, match.index + run.length, decoded)
    else addParts(rewrites, run, { at: match.index, escaped: escapedUnits(text, match.index) })
  }
  return rewrites
}

export function hexRuns(text: string): Rewrites {
  const rewrites = new Rewrites()
  for (const match of text.matchAll(hexRun)) {
    const decoded = textOfBytes(bytesOfHex(match[0]))
    if (decoded !== null) rewrites.add(match.index, match.index + match[0].length, decoded)
  }
  return rewrites
}

const base64Run = /[A-Za-z0-9+/_-]{14,}={0,2}/g
const hexRun = /(?:0x)?[0-9a-f]{2}(?:[: -]?[0-9a-f]{2}){7,}/gi

/** What stands between two bytes says nothing, nor does `0x`. */
function bytesOfHex(run: string): Uint8Array {
  const bytes = new Uint8Array(run.length >> 1)
  let length = 0
  for (let index = /^0x/i.test(run) ? 2 : 0; index + 1 < run.length;) {
    const [high, low] = [hexOf(run.charCodeAt(index)), hexOf(run.charCodeAt(index + 1))]
    if (high >= 0 && low >= 0) {
      bytes[length++] = high * 16 + low
      index += 2
    } else index++
  }
  return bytes.subarray(0, length)
}

/** -1: no digit. */
function hexOf(unit: number): number {
  if (unit >= 48 && unit <= 57) return unit - 48
  const letter = unit | 32
  return letter >= 97 && letter <= 102 ? letter - 87 : -1
}

/**
 * What stands behind a slash may be encoded on its own: the last part of a path. So may what stands behind an escape,
 * whose end looks like the beginning of the run.
 */
function addParts(
  rewrites: Rewrites,
  run: string,
  { at, escaped }: { readonly at: number; readonly escaped: number },
): void {
  const behind = run.slice(escaped)
  const whole = escaped > 0 && behind.length >= leastRun ? textOfBase64(behind) : null
  if (whole !== null) {
    rewrites.add(at + escaped, at + run.length, whole)
    return
  }
  let from = at + escaped
  for (const part of behind.split('/')) {
    const decoded = part.length >= leastRun && part.length < run.length ? textOfBase64(part) : null
    if (decoded !== null) rewrites.add(from, from + part.length, decoded)
    from += part.length + 1
  }
}

/** How much of a run that begins at `at` belongs to an escape: `%20`, `=20`, `\n`, `\x20`, `\u0020`. */
function escapedUnits(text: string, at: number): number {
  const before = text[at - 1]
  const pattern = before === '%' || before === '=' ? bytePattern : before === '\\' ? signPattern : null
  return pattern?.exec(text.slice(at, at + longestEscape))?.[0].length ?? 0
}

const bytePattern = /^[0-9A-Fa-f]{2}/
const signPattern = /^(?:x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|[nrt])/
const longestEscape = 5

function textOfBase64(run: string): string | null {
  // A run of one letter, a ruler of dashes: nothing stands in it.
  if (textOfBytes(bytesOfBase64(run.slice(0, sampleUnits))) === null) return null
  return textOfBytes(bytesOfBase64(run))
}

/** A picture is known by its beginning. */
const sampleUnits = 64

function bytesOfBase64(run: string): Uint8Array {
  const bytes = new Uint8Array((run.length * 3) >> 2)
  let length = 0
  let bits = 0
  let held = 0
  for (let index = 0; index < run.length; index++) {
    const digit = digits[run.charCodeAt(index)] ?? none
    if (digit === none) break
    held = ((held << 6) | digit) & 0xffff
    bits += 6
    if (bits < 8) continue
    bits -= 8
    bytes[length++] = (held >> bits) & 0xff
  }
  return bytes.subarray(0, length)
}

const none = 255
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
const digits: Uint8Array = digitTable()

function digitTable(): Uint8Array {
  const table = new Uint8Array(128).fill(none)
  for (let index = 0; index < alphabet.length; index++) table[alphabet.charCodeAt(index)] = index
  table['-'.charCodeAt(0)] = 62
  table['_'.charCodeAt(0)] = 63
  return table
}
