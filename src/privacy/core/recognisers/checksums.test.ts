import { describe, expect, test } from 'bun:test'
import {
  calendarDay,
  completeIban,
  completeLuhn,
  completeVerhoeff,
  isLuhn,
  isMod97,
  isVerhoeff,
  mod1110Digit,
  mod112Character,
  remainder,
} from './checksums.ts'
import { keccak256, sha256 } from './digests.ts'

/** A small generator with a seed, so that a failure can be seen again. */
function numbers(seed: number): (length: number) => string {
  let state = seed
  return (length) => {
    let digits = ''
    for (let index = 0; index < length; index++) {
      state = (state * 1103515245 + 12345) % 2147483648
      digits += Math.floor(state / 65536) % 10
    }
    return digits
  }
}

describe('a number that is completed', () => {
  const next = numbers(20261121)
  const bodies = Array.from({ length: 200 }, (_, index) => next(8 + (index % 11)))

  test('has the digit of Luhn, and no other digit passes', () => {
    for (const body of bodies) {
      const whole = completeLuhn(body)
      const passing = '0123456789'.split('').filter((digit) => isLuhn(body + digit))
      expect(passing).toEqual([whole.slice(-1)])
    }
  })

  test('has the digit of Verhoeff; a changed digit and two swapped ones are seen', () => {
    for (const body of bodies) {
      const whole = completeVerhoeff(body)
      expect(isVerhoeff(whole)).toBe(true)
      const at = whole.length >> 1
      const changed = `${whole.slice(0, at)}${(Number(whole[at]) + 3) % 10}${whole.slice(at + 1)}`
      expect(isVerhoeff(changed)).toBe(false)
      if (whole[at] === whole[at + 1]) continue
      expect(isVerhoeff(`${whole.slice(0, at)}${whole[at + 1]}${whole[at]}${whole.slice(at + 2)}`)).toBe(false)
    }
  })

  test('is an IBAN', () => {
    for (const body of bodies) {
      expect(isMod97(completeIban('DE', body))).toBe(true)
      expect(isMod97(completeIban('GB', `WEST${body}`))).toBe(true)
      expect(isMod97(completeIban('FR', body).replace(/^FR/, 'FI'))).toBe(false)
    }
  })
})

test('published examples of the checksums hold', () => {
  expect(completeLuhn('7992739871')).toBe('79927398713')
  expect(completeVerhoeff('236')).toBe('2363')
  expect(completeIban('GB', 'WEST12345698765432')).toBe('GB82WEST12345698765432')
  expect(mod1110Digit('0794')).toBe(5)
  expect(mod112Character('0794')).toBe('0')
  expect(remainder('123456789012345678901234567890', 97)).toBe(Number(123456789012345678901234567890n % 97n))
})

test('days that are in no calendar are none', () => {
  expect(calendarDay(2024, 2, 29)).toBe('2024-02-29')
  expect([
    calendarDay(2023, 2, 29),
    calendarDay(1900, 2, 29),
    calendarDay(2024, 4, 31),
    calendarDay(2024, 13, 1),
  ]).toEqual([null, null, null, null])
})

test('digests are those of the standards', () => {
  const hex = (bytes: Uint8Array) => [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')
  const bytes = (text: string) => new TextEncoder().encode(text)
  expect(hex(sha256(bytes('abc')))).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
  expect(hex(sha256(bytes('a'.repeat(200))))).toBe(new Bun.CryptoHasher('sha256').update('a'.repeat(200)).digest('hex'))
  expect(hex(keccak256(bytes('')))).toBe('c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470')
  expect(hex(keccak256(bytes('abc')))).toBe('4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45')
})
