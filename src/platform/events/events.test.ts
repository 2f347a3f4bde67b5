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

const feed = (bus: ReturnType<typeof createEventBus>, lastId: string | null, maxUnreadBytes = 65_536) =>
  eventFeed({
    bus,
    lastId,
    hello: { version: 'x' },
    maxUnreadBytes,
    heartbeatMs: 60_000,
    signal: new AbortController().signal,
    onRevoke: () => ({ [Symbol.dispose]: () => {} }),
    filter: () => true,
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
