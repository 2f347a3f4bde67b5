import { afterEach, describe, expect, test } from 'bun:test'
import { createLiveConnection, type LiveConnection, type Surroundings } from './connection.ts'
import type { LiveEvent, LiveStatus } from './events.ts'

/** A real server that can be told to refuse, to break off and to remember what it was asked. */
function startHouse() {
  const seen: (string | null)[] = []
  const streams: ReadableStreamDefaultController<Uint8Array>[] = []
  let status = 200
  const server = Bun.serve({
    port: 0,
    idleTimeout: 0,
    fetch(request) {
      seen.push(request.headers.get('last-event-id'))
      if (status !== 200) return new Response('no', { status })
      const start = (controller: ReadableStreamDefaultController<Uint8Array>) => {
        streams.push(controller)
        // As the real house: the head leaves with the first byte only.
        controller.enqueue(new TextEncoder().encode(':\n\n'))
      }
      const body = new ReadableStream<Uint8Array>({ start })
      return new Response(body, { headers: { 'content-type': 'text/event-stream' } })
    },
  })
  return {
    server,
    seen,
    refuse: (code: number) => void (status = code),
    async send(text: string) {
      await until(() => streams.length > 0)
      streams.at(-1)?.enqueue(new TextEncoder().encode(text))
    },
    breakOff: () => streams.at(-1)?.close(),
  }
}

async function until(isTrue: () => boolean): Promise<void> {
  const deadline = performance.now() + 4_000
  while (!isTrue()) {
    if (performance.now() > deadline) throw new Error('It did not happen within 4 s.')
    await new Promise((resolve) => setImmediate(resolve))
  }
}

let opened: { house: ReturnType<typeof startHouse>; connection: LiveConnection } | null = null

function open() {
  const house = startHouse()
  const statuses: LiveStatus['kind'][] = []
  const events: LiveEvent[] = []
  let freshCount = 0
  const around: Surroundings = {
    fetch: (path, init) => fetch(new URL(path, house.server.url), init),
    now: () => Date.now(),
    after(ms, run) {
      // A test does not wait out a pause of seconds; the order stays.
      const timer = setTimeout(run, ms / 100)
      return () => clearTimeout(timer)
    },
    random: () => 0.5,
  }
  const connection = createLiveConnection(around, {
    onStatus: (status) => void statuses.push(status.kind),
    onFresh: () => void (freshCount += 1),
    onEvents: (batch) => void events.push(...batch),
  })
  opened = { house, connection }
  return { house, connection, statuses, events, fresh: () => freshCount }
}

afterEach(async () => {
  opened?.connection.stop()
  await opened?.house.server.stop(true)
  opened = null
})

describe('the live connection', () => {
  test('hands on what the house tells', async () => {
    const { house, connection, statuses, events, fresh } = open()
    connection.start()
    await house.send(
      'id: x-1\nevent: hello\ndata: {"version":"1"}\n\nid: x-2\nevent: model.removed\ndata: {"id":"a"}\n\n',
    )
    await until(() => events.length === 2)
    expect(events).toEqual([
      { type: 'hello', data: { version: '1' } },
      { type: 'model.removed', data: { id: 'a' } },
    ])
    expect(statuses).toEqual(['connecting', 'live'])
    expect(fresh()).toBe(1)
  })

  test('resumes by the last id when the stream breaks off, without reading everything anew', async () => {
    const { house, connection, statuses, events, fresh } = open()
    connection.start()
    await house.send('id: x-7\nevent: hello\ndata: {}\n\n')
    await until(() => events.length === 1)
    house.breakOff()
    await until(() => house.seen.length === 2)
    await until(() => statuses.at(-1) === 'live')
    expect(house.seen).toEqual([null, 'x-7'])
    expect(statuses).toEqual(['connecting', 'live', 'reconnecting', 'live'])
    expect(fresh()).toBe(1)
  })

  test('stops at a refused session, and starts again when asked', async () => {
    const { house, connection, statuses } = open()
    house.refuse(401)
    connection.start()
    await until(() => statuses.at(-1) === 'refused')
    house.refuse(200)
    connection.start()
    await until(() => statuses.at(-1) === 'live')
    expect(statuses).toEqual(['connecting', 'refused', 'connecting', 'live'])
  })

  test('goes on trying while the house restarts', async () => {
    const { house, connection, statuses } = open()
    house.refuse(503)
    connection.start()
    await until(() => house.seen.length >= 3)
    house.refuse(200)
    await until(() => statuses.at(-1) === 'live')
    expect(new Set(statuses.slice(1, -1))).toEqual(new Set(['reconnecting']))
  })

  test('passes over an event whose data is not JSON', async () => {
    const { house, connection, events } = open()
    connection.start()
    await house.send('data: {broken\n\ndata: 1\n\n')
    await until(() => events.length > 0)
    expect(events).toEqual([{ type: 'message', data: 1 }])
  })

  test('is silent after it was stopped', async () => {
    const { house, connection, statuses, events } = open()
    connection.start()
    await house.send('event: a\ndata: 1\n\n')
    await until(() => events.length === 1)
    connection.stop()
    expect(statuses.at(-1)).toBe('off')
    const told = statuses.length
    await until(() => true)
    expect(statuses.length).toBe(told)
  })
})
