import { describe, expect, test } from 'bun:test'
import { estimateMemoryBytes } from './memory.ts'
import { type GgufInfo, readGguf } from '#protocol/gguf/reader.ts'
import { smokeModel } from './smoke.ts'
import { smokeVocabulary } from './smoke-vocabulary.ts'
import { toHalf, writeGguf } from '#protocol/gguf/writer.ts'

const sha256 = (bytes: Uint8Array) => new Bun.CryptoHasher('sha256').update(bytes).digest('hex')
const chat = smokeModel('chat')
const rank = smokeModel('rank')

const infoOf = (bytes: Uint8Array): GgufInfo => {
  const reading = readGguf(bytes, bytes.length)
  if (reading.kind !== 'ok') throw new Error(`unexpected ${JSON.stringify(reading)}`)
  return reading.info
}

describe('the smoke models', () => {
  test('are the same to the byte on every machine', () => {
    expect(sha256(chat)).toBe('13338f4a447ad21ac7a114c669ecf0ce66516abc134d54c596ef168434d530cf')
    expect(sha256(rank)).toBe('032c653cbb2c08022a687eceb551bc0f8b8ed5e9452c388143eed525501d458b')
    expect(sha256(smokeModel('chat'))).toBe(sha256(chat))
  })

  test('are smaller than a megabyte', () => {
    expect(Math.max(chat.length, rank.length)).toBeLessThan(1e6)
  })

  test('tell what they are', () => {
    expect(infoOf(chat)).toMatchObject({
      architecture: 'llama',
      name: 'Hearth Smoke',
      contextLength: 8192,
      layers: 2,
      heads: 4,
      kvHeads: 2,
      keyLength: 16,
      quantization: 'F16',
      hasChatTemplate: true,
      chatTemplateHasTools: true,
      hasRankHead: false,
      isPooled: false,
      parts: 1,
      completeBytes: chat.length,
    })
    expect(infoOf(rank)).toMatchObject({
      architecture: 'qwen3',
      hasRankHead: true,
      isPooled: true,
      hasChatTemplate: false,
    })
  })

  test('have one token for each byte and no token twice', () => {
    const { tokens, specials } = smokeVocabulary()
    expect(new Set(tokens).size).toBe(tokens.length)
    expect(tokens.slice(specials, specials + 256).every((token) => token.length === 1)).toBe(true)
    expect(infoOf(chat).vocabulary).toBe(tokens.length)
  })
})

describe('the reader', () => {
  test('asks for more until the head is complete, and never says ok too early', () => {
    let length = 4
    let steps = 0
    for (;;) {
      const reading = readGguf(chat.subarray(0, length), chat.length)
      if (reading.kind === 'ok') break
      expect(reading.kind).toBe('short')
      if (reading.kind !== 'short') break
      expect(reading.wantBytes).toBeGreaterThan(length)
      length = reading.wantBytes
      steps++
    }
    expect(steps).toBeLessThan(8)
    expect(length).toBeLessThan(chat.length)
  })

  const damaged = (change: (bytes: Uint8Array) => void): Uint8Array => {
    const copy = chat.slice()
    change(copy)
    return copy
  }
  for (const [name, bytes, reason] of [
    ['an empty file', new Uint8Array(), /^is empty$/],
    ['a text', new TextEncoder().encode('<html>404</html>'), /^is not a GGUF file: it begins with "<htm"$/],
    ['two bytes', new TextEncoder().encode('GG'), /^is truncated: its 2 bytes end inside the header$/],
    [
      'a file cut in its tensors',
      chat.subarray(0, chat.length - 1000),
      /^is truncated: it has \d+ of \d+ bytes; fetch it again$/,
    ],
    ['a file cut in its header', chat.subarray(0, 5000), /^is truncated: its 5000 bytes end inside the header$/],
    ['a version of the future', damaged((copy) => (copy[4] = 9)), /^has GGUF version 9; versions 2 and 3 are known$/],
    ['an impossible tensor count', damaged((copy) => copy.fill(0xff, 8, 16)), /^is corrupt: it claims \d+ tensors$/],
    ['an impossible key', damaged((copy) => copy.fill(0xff, 24, 32)), /^is corrupt: a metadata key claims \d+ bytes$/],
  ] as const) {
    test(`says of ${name} what is wrong`, () => {
      const reading = readGguf(bytes, bytes.length)
      expect(reading.kind === 'bad' ? reading.reason : JSON.stringify(reading)).toMatch(reason)
    })
  }

  test('survives any single damaged byte of the head', () => {
    for (let at = 0; at < 20_000; at += 7) {
      const copy = chat.slice()
      copy[at] = (copy[at] ?? 0) ^ 0xa5
      expect(['ok', 'bad', 'short']).toContain(readGguf(copy, copy.length).kind)
    }
  })
})

test('a memory estimate grows with context and sequences by what their caches need', () => {
  const perToken = 2 * 2 * 32 * 2
  const estimate = (kind: 'chat' | 'rank', parallel: number, more: { context?: number; withVectors?: boolean } = {}) =>
    estimateMemoryBytes({
      info: infoOf(kind === 'chat' ? chat : rank),
      context: 1024,
      parallel,
      withVectors: false,
      ...more,
    })
  const small = estimate('chat', 1)
  expect(estimate('chat', 4, { context: 2048 }) - small).toBe(perToken * (2048 * 4 - 1024))
  expect(estimate('chat', 1, { withVectors: true }) - small).toBe(perToken * 1024)
  expect(estimate('rank', 4, { withVectors: true })).toBe(estimate('rank', 1))
})

test('half precision rounds to nearest, ties to even', () => {
  const cases = [
    [0, 0],
    [1, 0x3c00],
    [-2, 0xc000],
    [65504, 0x7bff],
    [1e9, 0x7c00],
    [2 ** -24, 1],
    [1 + 2 ** -11, 0x3c00],
    [0.1, 0x2e66],
  ] as const
  for (const [value, bits] of cases) expect(toHalf(value)).toBe(bits)
})

test('a written file can be read', () => {
  const values = new Float32Array(6)
  const bytes = writeGguf({
    metadata: [['general.architecture', { type: 'string', value: 'x' }]],
    tensors: [{ name: 'w', shape: [3, 2], type: 'F32', values }],
  })
  expect(infoOf(bytes)).toMatchObject({ architecture: 'x', parameters: 6, tensorBytes: 24, contextLength: null })
})
