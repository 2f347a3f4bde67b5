/**
 * Opens many streams at once and measures when each chunk arrives after the mock upstream sent it: every chunk carries
 * the machine's monotonic time of its sending.
 *
 *   bun bench/load/streams.ts '{"port": …, "count": …, "request": …}'
 */
import { percentile } from '../machine.ts'
import { machineMicros } from '../monotonic.ts'

const { port, count, request } = JSON.parse(Bun.argv[2] ?? '') as {
  readonly port: number
  readonly count: number
  readonly request: string
}
/** Opening all in one millisecond would measure the accept queue. */
const openedPerMs = 2
/** Chunks of the time in which streams are still being opened. */
const warmUpMs = 2_000
/** A time between two `@`, or `[DONE]`, may be cut by a packet's end. */
const longestMark = 30

const delays: number[] = []
const firstBytes: number[] = []
let ended = 0
let broken = 0
const all = Promise.withResolvers<void>()
const now = () => machineMicros() / 1000
const began = now()

async function open(): Promise<void> {
  let sentAt = 0
  let isFirst = true
  let tail = ''
  let isOver = false
  const over = (isBroken: boolean) => {
    if (isOver) return
    isOver = true
    if (isBroken) broken++
    if (++ended === count) all.resolve()
  }
  const socket = await Bun.connect({
    hostname: '127.0.0.1',
    port,
    socket: {
      data(each, bytes) {
        const at = now()
        if (isFirst) firstBytes.push(at - sentAt)
        isFirst = false
        const text = tail + bytes.toString('latin1')
        let rest = 0
        for (const match of text.matchAll(/@(\d+)@/g)) {
          if (at - began > warmUpMs) delays.push(at - Number(match[1]) / 1000)
          rest = match.index + match[0].length
        }
        tail = text.slice(rest).slice(-longestMark)
        if (!text.includes('[DONE]')) return
        over(false)
        each.terminate()
      },
      close: () => over(true),
      error() {},
    },
  })
  sentAt = now()
  socket.write(request)
}

for (let opened = 0; opened < count; opened += openedPerMs) {
  await Promise.all(Array.from({ length: openedPerMs }, open))
  await Bun.sleep(1)
}
await all.promise

const figures = (values: readonly number[]) => {
  const sorted = Float64Array.from(values)
  return { count: values.length, p50: percentile(sorted, 0.5), p99: percentile(sorted, 0.99) }
}
console.log(JSON.stringify({ chunks: figures(delays), firstByte: figures(firstBytes), broken }))
process.exit(0)
