import { describe, expect, test } from 'bun:test'
import { hmacSha256, keyBytes, openSealed, randomKey, sealBytes } from './seal.ts'

const text = (bytes: Uint8Array | null): string | null => (bytes === null ? null : Buffer.from(bytes).toString())
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

describe('a sealed value', () => {
  const key = randomKey()

  test.each(['', 'Alice', 'ü 💡 \u0000', 'x'.repeat(100_000)])('opens with its key at its place', (plain) => {
    expect(text(openSealed(key, sealBytes(key, plain, 'here'), 'here'))).toBe(plain)
    const bytes = new TextEncoder().encode(plain)
    expect(text(openSealed(key, sealBytes(key, bytes, 'here'), 'here'))).toBe(plain)
  })

  test('stays closed with another key, at another place, cut or changed in any byte', () => {
    const sealed = sealBytes(key, 'Alice', 'here')
    expect(openSealed(randomKey(), sealed, 'here')).toBeNull()
    expect(openSealed(key, sealed, 'there')).toBeNull()
    for (let length = 0; length < sealed.length; length++)
      expect(openSealed(key, sealed.subarray(0, length), 'here')).toBeNull()
    for (let index = 0; index < sealed.length; index++) {
      const changed = Uint8Array.from(sealed)
      changed[index] = (changed[index] ?? 0) ^ 1
      expect(openSealed(key, changed, 'here')).toBeNull()
    }
  })

  test('looks different each time', () => {
    expect(hex(sealBytes(key, 'Alice', ''))).not.toBe(hex(sealBytes(key, 'Alice', '')))
  })
})

describe('a keyed digest', () => {
  test('is HMAC-SHA-256 over its parts and their lengths, as OpenSSL has it', () => {
    // printf '\x00\x00\x00\x08Hi There' | openssl dgst -sha256 -mac HMAC -macopt hexkey:0b0b… (20 bytes)
    expect(hex(hmacSha256(new Uint8Array(20).fill(0x0b), 'Hi There'))).toBe(
      '9f9434ff5fba252b4b6d8cd08ea7901067fd90471fb57ad05f0e7d1e7886fb31',
    )
  })

  test('tells where one part ends and the next begins', () => {
    const key = new Uint8Array(keyBytes)
    expect(hex(hmacSha256(key, 'ab', 'c'))).not.toBe(hex(hmacSha256(key, 'a', 'bc')))
    expect(hex(hmacSha256(key, 'ab', ''))).not.toBe(hex(hmacSha256(key, 'ab')))
    expect(hex(hmacSha256(key, 'ü'))).toBe(hex(hmacSha256(key, new TextEncoder().encode('ü'))))
  })
})
