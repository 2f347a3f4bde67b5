import { describe, expect, test } from 'bun:test'
import { equalConstantTime, sha256, sha256Hex } from './hash.ts'
import { newKeyId, newRequestId } from './ids.ts'
import { randomHex, randomText } from './random.ts'

describe('chance', () => {
  test('a random text has the wanted length and only letters of its alphabet', () => {
    for (const length of [0, 1, 12, 1000]) expect(randomText(length, 'ab0')).toMatch(new RegExp(`^[ab0]{${length}}$`))
  })

  test('every letter of an alphabet that does not divide 256 is about equally likely', () => {
    const counts = new Map<string, number>()
    for (const letter of randomText(100_000, 'abcdefghij')) counts.set(letter, (counts.get(letter) ?? 0) + 1)
    expect(counts.size).toBe(10)
    // 10,000 are expected with a standard deviation of 95; ten of those never happen by chance.
    for (const count of counts.values()) expect(Math.abs(count - 10_000)).toBeLessThan(950)
  })

  test('random hex has two digits for every byte', () => {
    expect(randomHex(24)).toMatch(/^[0-9a-f]{48}$/)
    expect(randomHex(24)).not.toBe(randomHex(24))
  })

  test('ids keep their form and do not repeat when their pool is refilled', () => {
    const ids = Array.from({ length: 3000 }, () => newRequestId())
    expect(new Set(ids).size).toBe(3000)
    for (const id of ids) expect(id).toMatch(/^req_[a-z0-9]{24}$/)
    expect(newKeyId()).toMatch(/^[a-z0-9]{12}$/)
  })
})

describe('digests', () => {
  test('SHA-256 of a text is that of its UTF-8 bytes', () => {
    expect(sha256Hex('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
    expect(sha256Hex('ü')).toBe(sha256Hex(new TextEncoder().encode('ü')))
    expect(Buffer.from(sha256('abc')).toString('hex')).toBe(sha256Hex('abc'))
  })

  test.each([
    ['same', 'same', true],
    ['same', 'sama', false],
    ['short', 'longer', false],
    ['', '', true],
  ])('comparing %p with %p gives %p', (a, b, isEqual) => {
    expect(equalConstantTime(a, b)).toBe(isEqual)
    expect(equalConstantTime(Buffer.from(a), Buffer.from(b))).toBe(isEqual)
  })
})
