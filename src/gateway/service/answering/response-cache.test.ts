import { expect, test } from 'bun:test'
import { keyId, modelName } from '#kernel/ids.ts'
import { cacheHeaders, ResponseCache, type CacheAsk, type KeptAnswer, type Looked } from './response-cache.ts'

const encode = (text: string) => new TextEncoder().encode(text)
const answer = (text: string): KeptAnswer => ({ contentType: 'application/json', bytes: encode(text) })

function setUp(limits: { maxBytes?: number; maxEntryBytes?: number } = {}) {
  let now = 0
  const cache = new ResponseCache({
    limits: () => ({ maxBytes: 100_000, maxEntryBytes: 10_000, ...limits }),
    clock: { now: () => now, mono: () => now },
  })
  const look = (question: string, more: Partial<CacheAsk> & { readonly cacheControl?: string } = {}): Looked =>
    cache.look({
      route: { name: modelName('m'), cacheTtlMs: 60_000 },
      caller: { key: keyId('k1') },
      endpoint: 'chat/completions',
      body: encode(JSON.stringify({ model: 'm', messages: [{ role: 'user', content: question }] })),
      headers: new Headers(more.cacheControl === undefined ? {} : { 'cache-control': more.cacheControl }),
      ...more,
    })
  const store = (question: string, text: string, more: Parameters<typeof look>[1] = {}) => {
    const looked = look(question, more)
    if (looked.kind !== 'miss') throw new Error(`no miss but ${looked.kind}`)
    looked.store(answer(text))
  }
  const given = (question: string, more: Parameters<typeof look>[1] = {}) => {
    const looked = look(question, more)
    return looked.kind === 'hit' ? new TextDecoder().decode(looked.answer.bytes) : looked.kind
  }
  return { cache, look, store, given, pass: (ms: number) => void (now += ms) }
}

test('a route without a ttl keeps nothing and answers no header', () => {
  const { look } = setUp()
  const looked = look('Hi', { route: { name: modelName('m'), cacheTtlMs: null } })
  expect([looked.kind, cacheHeaders(looked)]).toEqual(['off', {}])
})

test('what was stored is given back with its age until its time is over', () => {
  const { look, store, given, pass, cache } = setUp()
  expect(cacheHeaders(look('Hi'))).toEqual({ 'x-hearth-cache': 'miss' })
  store('Hi', 'Ho')
  pass(59_999)
  expect(given('Hi')).toBe('Ho')
  expect(cacheHeaders(look('Hi'))).toEqual({ 'x-hearth-cache': 'hit', age: '59' })
  pass(1)
  expect(given('Hi')).toBe('miss')
  expect(cache.counts).toEqual({ entries: 0, bytes: 0, evictions: 0 })
})

test('nobody gets the answer of another key, route or form', () => {
  const { store, given } = setUp()
  store('Hi', 'Ho')
  expect(given('Hi', { caller: { key: keyId('k2') } })).toBe('miss')
  expect(given('Hi', { route: { name: modelName('n'), cacheTtlMs: 60_000 } })).toBe('miss')
  const asked = { model: 'm', messages: [{ role: 'user', content: 'Hi' }] }
  expect(given('', { body: encode(JSON.stringify({ ...asked, stream: true })) })).toBe('miss')
  expect(given('', { body: encode(JSON.stringify({ ...asked, model: 'alias' })) })).toBe('Ho')
})

test.each([
  ['no-store', 'bypass'],
  ['private, No-Store', 'bypass'],
  ['no-cache', 'miss'],
  ['max-age=5', 'miss'],
  ['max-age=11', 'Ho'],
  ['max-age=nonsense', 'Ho'],
])('a caller who says cache-control: %s gets %s after ten seconds', (cacheControl, expected) => {
  const { store, given, pass } = setUp()
  store('Hi', 'Ho')
  pass(10_000)
  expect(given('Hi', { cacheControl })).toBe(expected)
})

test('no-cache brings a fresh answer for all', () => {
  const { store, given } = setUp()
  store('Hi', 'old')
  store('Hi', 'new', { cacheControl: 'no-cache' })
  expect(given('Hi')).toBe('new')
})

test.each([['{'], ['[]'], ['null'], ['\xff'], [JSON.stringify({ messages: [], tools: [{}] })]])(
  'the request %s passes by',
  (text) => {
    const { look } = setUp()
    const looked = look('', { body: Uint8Array.from(text, (letter) => letter.charCodeAt(0)) })
    expect(cacheHeaders(looked)).toEqual({ 'x-hearth-cache': 'bypass' })
  },
)

test('a question that is too long is not looked at', () => {
  const { look } = setUp({ maxEntryBytes: 50 })
  expect(look('x'.repeat(100))).toEqual({ kind: 'bypass', why: 'size' })
})

test('the least recently used make room, and the memory stays within its limit', () => {
  const { store, given, cache } = setUp({ maxBytes: 5000, maxEntryBytes: 2000 })
  for (const question of ['a', 'b', 'c']) store(question, 'x'.repeat(1000))
  expect(given('a')).toHaveLength(1000)
  store('d', 'x'.repeat(1000))
  expect(['a', 'b', 'c', 'd'].map((question) => given(question).length > 10)).toEqual([true, false, true, true])
  for (let n = 0; n < 1000; n++) {
    store(`n${n}`, 'x'.repeat(n % 1500))
    expect(cache.counts.bytes).toBeLessThanOrEqual(5000)
  }
  cache.clear()
  expect(cache.counts).toMatchObject({ entries: 0, bytes: 0 })
})

test('an answer that is longer than an entry may be is not kept', () => {
  const { store, given } = setUp({ maxEntryBytes: 100 })
  store('Hi', 'x'.repeat(101))
  expect(given('Hi')).toBe('miss')
})

test('a stream is gathered and kept only when it is complete', () => {
  const { look, given } = setUp({ maxEntryBytes: 100 })
  const record = () => {
    const looked = look('Hi')
    if (looked.kind !== 'miss') throw new Error(looked.kind)
    return looked.record()
  }
  const broken = record()
  broken.push(encode('data: a\n\n'))
  expect(given('Hi')).toBe('miss')
  const long = record()
  for (let n = 0; n < 20; n++) long.push(encode('data: a\n\n'))
  long.complete('text/event-stream')
  expect(given('Hi')).toBe('miss')
  const whole = record()
  whole.push(encode('data: a\n\n'))
  whole.push(encode('data: [DONE]\n\n'))
  whole.complete('text/event-stream')
  expect(given('Hi')).toBe('data: a\n\ndata: [DONE]\n\n')
  const looked = look('Hi')
  expect(looked.kind === 'hit' && looked.answer.contentType).toBe('text/event-stream')
})

test('what was asked before the cache was emptied is not stored after', () => {
  const { cache, look, given } = setUp()
  const before = look('Hi')
  cache.clear()
  if (before.kind === 'miss') before.store(answer('of the old model'))
  expect(given('Hi')).toBe('miss')
})

test('an entry holds its own bytes, not the buffer they came in', () => {
  const { look } = setUp()
  const buffer = encode('....Ho....')
  const looked = look('Hi')
  if (looked.kind === 'miss') looked.store({ contentType: 'text/plain', bytes: buffer.subarray(4, 6) })
  buffer.fill(0)
  const again = look('Hi')
  expect(again.kind === 'hit' && [...again.answer.bytes]).toEqual([...encode('Ho')])
  expect(again.kind === 'hit' && again.answer.bytes.buffer.byteLength).toBe(2)
})
