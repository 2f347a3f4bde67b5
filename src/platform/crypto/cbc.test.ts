import { expect, test } from 'bun:test'
import { decryptCbc, encryptCbc, isCbcKey } from './cbc.ts'

const key = new TextEncoder().encode('WmZq4t7w!z%C&F)J')

test('what another system encrypted with the same key is read', () => {
  expect(decryptCbc(key, 'S184CMt9Drj7QaKQ21JTrpYzghnboTF9pn/neN8JME0=')).toBe('Chloë')
})

test.each([16, 24, 32])('a text comes back with a key of %d bytes, and is written in base64url', (bytes) => {
  const own = new Uint8Array(bytes).fill(7)
  for (const text of ['', 'a', 'sixteen letters.', 'Zoë 😀 '.repeat(50)]) {
    const encrypted = encryptCbc(own, text)
    expect(encrypted).toMatch(/^[\w-]+=*$/)
    expect(decryptCbc(own, encrypted)).toBe(text)
    expect(encryptCbc(own, text)).not.toBe(encrypted)
  }
})

test('what is not encrypted, or with another key, is told to be none', () => {
  expect(decryptCbc(key, 'x')).toBeNull()
  expect(decryptCbc(key, '')).toBeNull()
  expect(decryptCbc(new Uint8Array(16), 'S184CMt9Drj7QaKQ21JTrpYzghnboTF9pn/neN8JME0=')).toBeNull()
})

test.each([
  [0, false],
  [15, false],
  [16, true],
  [24, true],
  [32, true],
  [33, false],
])('%d bytes are a key: %p', (bytes, isKey) => {
  expect(isCbcKey(new Uint8Array(bytes))).toBe(isKey)
})
