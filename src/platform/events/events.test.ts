import { expect, test } from 'bun:test'
import { createEventBus } from './bus.ts'
import { eventFeed } from './sse.ts'

const clock = { now: () => 1000, mono: () => 0 }

async function readUntil(response: Response, done: (text: string) => boolean): Promise<string> {
  let text = ''
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader()
  while (!done(text)) {
    const { value, done: ended } = await reader.read()
    if (ended) break
    text += value
  }
  await reader.cancel()
  return text
}

const feed = (
  bus: ReturnType<typeof createEventBus>,
  lastId: string | null,
  maxUnreadBytes = 65_536,
  more: Partial<Parameters<typeof eventFeed>[0]> = {},
) =>
  eventFeed({
    bus,
    lastId,
    hello: { version: 'x' },
    maxUnreadBytes,
    heartbeatMs: 60_000,
    signal: new AbortController().signal,
    onRevoke: () => ({ [Symbol.dispose]: () => {} }),
    filter: () => true,
    ...more,
  })

test('a listener that comes back gets what it missed, and nothing twice', async () => {
  const bus = createEventBus({ clock, capacity: 10 })
  for (const n of [1, 2, 3]) bus.publish({ type: 'count', data: n })
  const text = await readUntil(feed(bus, 'rs-1'), (seen) => seen.includes('data: 3'))
  expect(text).toContain('event: hello')
  expect(text.match(/^data: \d$/gm)).toEqual(['data: 2', 'data: 3'])
})

test.each([
  ['of an earlier process', 'abc-1'],
  ['that fell out of the ring', 'rs-1'],
  ['from the future', 'rs-99'],
  ['that is no id', 'hello'],
])('an id %s is answered with reset', async (_case, lastId) => {
  const bus = createEventBus({ clock, capacity: 2 })
  for (const n of [1, 2, 3, 4]) bus.publish({ type: 'count', data: n })
  expect(await readUntil(feed(bus, lastId), (seen) => seen.includes('reset'))).toContain('event: reset')
})

test('a listener that does not read is dropped instead of filling the memory', async () => {
  const bus = createEventBus({ clock, capacity: 10 })
  const response = feed(bus, null, 1000)
  for (let n = 0; n < 100; n++) bus.publish({ type: 'big', data: 'x'.repeat(100) })
  const text = await response.text()
  expect(text.length).toBeLessThan(2000)
})

test('a listener that throws does not stop the others', () => {
  const bus = createEventBus({ clock, capacity: 2 })
  const seen: unknown[] = []
  bus.subscribe(() => {
    throw new Error('broken reader')
  })
  bus.subscribe((event) => seen.push(event.data))
  bus.publish({ type: 'a', data: 1 })
  bus.publish({ type: 'a', data: 2 })
  expect(seen).toEqual([1, 2])
})

const idsIn = (text: string) => [...text.matchAll(/^id: (.*)$/gm)].map((match) => match[1])

test('a listener that is lost before its first event comes back without a gap', async () => {
  const bus = createEventBus({ clock, capacity: 10 })
  bus.publish({ type: 'count', data: 1 })
  const [place] = idsIn(await readUntil(feed(bus, null), (seen) => seen.includes('hello')))
  bus.publish({ type: 'count', data: 2 })
  const text = await readUntil(feed(bus, place ?? null), (seen) => seen.includes('data: 2'))
  expect(text.match(/^data: \d$/gm)).toEqual(['data: 2'])
})

test('a listener that wants little keeps its place while much happens', async () => {
  const bus = createEventBus({ clock, capacity: 2 })
  const quiet = { filter: ({ type }: { type: string }) => type === 'rare', heartbeatMs: 5 }
  const first = feed(bus, null, 65_536, quiet)
  for (let n = 0; n < 10; n++) bus.publish({ type: 'often', data: n })
  const place = idsIn(await readUntil(first, (seen) => seen.includes('still here'))).at(-1)
  bus.publish({ type: 'rare', data: 'now' })
  const text = await readUntil(feed(bus, place ?? null, 65_536, quiet), (seen) => /now|reset/.test(seen))
  expect(text).toContain('data: "now"')
  expect(text).not.toContain('reset')
})

test('what a returning listener missed keeps its order, and its place moves only with it', async () => {
  const bus = createEventBus({ clock, capacity: 10 })
  for (const n of [1, 2, 3]) bus.publish({ type: 'count', data: n })
  expect(idsIn(await readUntil(feed(bus, 'rs-1'), (seen) => seen.includes('data: 3')))).toEqual([
    'rs-1',
    'rs-2',
    'rs-3',
  ])
  expect(idsIn(await readUntil(feed(bus, 'abc-1'), (seen) => seen.includes('reset')))).toEqual(['rs-3'])
})

test.each(['its listener goes', 'its key is revoked', 'the house closes', 'its listener does not read'])(
  'the end of a feed is told once when %s',
  async (why) => {
    const bus = createEventBus({ clock, capacity: 10 })
    const closing = new AbortController()
    let ends = 0
    let revoke = () => {}
    const onRevoke = (listener: () => void) => {
      revoke = listener
      return { [Symbol.dispose]: () => {} }
    }
    const response = feed(bus, null, 1000, { signal: closing.signal, onRevoke, onEnd: () => void (ends += 1) })
    if (why === 'its listener goes') await response.body?.cancel()
    if (why === 'its key is revoked') revoke()
    if (why === 'the house closes') closing.abort()
    if (why === 'its listener does not read')
      for (let n = 0; n < 20; n++) bus.publish({ type: 'big', data: 'x'.repeat(100) })
    revoke()
    closing.abort()
    expect(ends).toBe(1)
  },
)
