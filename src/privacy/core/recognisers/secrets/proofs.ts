import { decodeBase64 } from './base64.ts'
import type { Proof } from './format.ts'

/** GitHub's and npm's: the last six characters are the CRC-32 of those between the prefix and them, in base 62. */
export function crcProof(prefixLength: number): Proof {
  return {
    holds: (value) => crcDigits(value.slice(prefixLength, -checkLength)) === value.slice(-checkLength),
    complete: (value) => value.slice(0, -checkLength) + crcDigits(value.slice(prefixLength, -checkLength)),
  }
}

/** Bech32 of BIP-173: a word, `1`, data and six check characters. Upper or lower case, not mixed. */
export const bech32Proof: Proof = {
  holds: (value) => {
    const lower = value.toLowerCase()
    if (value !== lower && value !== value.toUpperCase()) return false
    const split = lower.lastIndexOf('1')
    const data = bech32Values(lower.slice(split + 1))
    return split > 0 && data !== null && bech32Remainder(lower.slice(0, split), data) === 1
  },
  complete: (value) => {
    const lower = value.toLowerCase()
    const split = lower.lastIndexOf('1')
    const body = lower.slice(split + 1, -checkLength)
    const remainder =
      bech32Remainder(lower.slice(0, split), [...(bech32Values(body) ?? []), ...Array<number>(checkLength).fill(0)]) ^ 1
    let check = ''
    for (let index = 0; index < checkLength; index++)
      check += bech32Alphabet.charAt((remainder >> (5 * (checkLength - 1 - index))) & 31)
    const whole = lower.slice(0, split + 1) + body + check
    return value === lower ? whole : whole.toUpperCase()
  },
}

/** What follows the prefix is JSON in base64 with this member: `{"iat":…` */
export function jsonProof(prefixLength: number, member: string): Proof {
  const begins = (value: string) => decodeBase64(value.slice(prefixLength, prefixLength + 24)) ?? ''
  return { holds: (value) => begins(value).startsWith(`{"${member}"`), complete: (value) => value }
}

/** A key of so many bytes, in base64. */
export function lengthProof(bytes: number): Proof {
  return { holds: (value) => decodeBase64(value)?.length === bytes, complete: (value) => value }
}

export const bech32Alphabet = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l'

const checkLength = 6
const base62Digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

function crcDigits(text: string): string {
  let rest = crc32(text)
  let digits = ''
  for (let index = 0; index < checkLength; index++) {
    digits = base62Digits.charAt(rest % 62) + digits
    rest = Math.floor(rest / 62)
  }
  return digits
}

/** CRC-32 of IEEE 802.3 over ASCII. */
function crc32(text: string): number {
  let crc = 0xffffffff
  for (let index = 0; index < text.length; index++) {
    crc ^= text.charCodeAt(index) & 255
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1
  }
  return (crc ^ 0xffffffff) >>> 0
}

function bech32Values(text: string): readonly number[] | null {
  const values = [...text].map((character) => bech32Alphabet.indexOf(character))
  return values.includes(-1) ? null : values
}

function bech32Remainder(name: string, data: readonly number[]): number {
  const codes = [...name].map((character) => character.charCodeAt(0))
  const all = [...codes.map((code) => code >> 5), 0, ...codes.map((code) => code & 31), ...data]
  let remainder = 1
  for (const value of all) {
    const top = remainder >> 25
    remainder = ((remainder & 0x1ffffff) << 5) ^ value
    for (const [bit, generator] of bech32Generators.entries()) if ((top >> bit) & 1) remainder ^= generator
  }
  return remainder
}

const bech32Generators = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3]
