import { expect, test } from 'bun:test'
import { ApiError } from './errors.ts'
import { type EventSink, eventStream } from './sse.ts'

const large = { text: 'x'.repeat(10_000) }

async function sendUntilAborted(sink: EventSink, abort: AbortController): Promise<number> {
  for (let count = 0; ; count++) {
    if (abort.signal.aborted) return count
    sink.send(large)
    await (sink.ready() ?? Bun.sleep(0))
  }
}

test('values, then [DONE]', async () => {
  const response = eventStream(async (sink) => sink.send({ a: 1 }), new AbortController())
  expect(await response.text()).toBe('data: {"a":1}\n\ndata: [DONE]\n\n')
})

test('an error after the beginning is the last event', async () => {
  const response = eventStream(async (sink) => {
    sink.send({ a: 1 })
    throw new ApiError(500, 'The engine broke.', { code: 'engine_error' })
  }, new AbortController())
  const text = await response.text()
  expect(text).toStartWith('data: {"a":1}\n\ndata: {"error":{"message":"The engine broke."')
  expect(text).not.toContain('[DONE]')
})

test('a reader that stalls stops the writing, and after a while is taken for gone', async () => {
  const abort = new AbortController()
  const sent = Promise.withResolvers<number>()
  const response = eventStream(async (sink) => sent.resolve(await sendUntilAborted(sink, abort)), abort, 30)
  expect(await sent.promise).toBeLessThan(12)
  await response.body?.cancel()
})

test('a hang-up wakes who waits for the reader', async () => {
  const abort = new AbortController()
  const sent = Promise.withResolvers<number>()
  const response = eventStream(async (sink) => sent.resolve(await sendUntilAborted(sink, abort)), abort)
  const reader = response.body?.getReader()
  await reader?.read()
  await reader?.cancel()
  expect(await sent.promise).toBeGreaterThan(0)
  expect(abort.signal.reason).toMatchObject({ message: 'The client hung up.' })
})
