/**
 * Sends at a fixed rate whatever the answers do, and counts each latency from the moment the request was due: a server
 * that stalls cannot make the generator wait and so hide the stall (coordinated omission). Requests are due on a grid
 * of 1 ms.
 *
 *   bun bench/load/open-loop.ts <port> <requests/s> <seconds> <file with the request>
 */
import { readFileSync } from 'node:fs'
import { percentile } from '../machine.ts'
import { openLane } from './sockets.ts'
import type { Lane } from './sockets.ts'

const [port = '', rate = '', seconds = '', file = ''] = Bun.argv.slice(2)
const request = readFileSync(file)
const connections = 64
/** Requests that found no free connection wait here: their latency grows, as it would for a caller. */
const mostWaiting = 20_000
const lastAnswerMs = 30_000

const total = Math.floor(Number(rate) * Number(seconds))
const lanes = await Promise.all(Array.from({ length: connections }, () => openLane(Number(port))))
const latencies = new Float64Array(total)
const waiting: number[] = []
const free: Lane[] = [...lanes]
const finished = Promise.withResolvers<void>()
let answered = 0
let failures = 0

const start = performance.now() + 5
const dueAt = (index: number) => start + Math.ceil((index * 1000) / Number(rate))

function dispatch(lane: Lane, index: number): void {
  lane.send(request, (isGood) => {
    latencies[index] = performance.now() - dueAt(index)
    if (!isGood) failures++
    if (++answered === total) finished.resolve()
    const next = waiting.shift()
    if (next === undefined) free.push(lane)
    else dispatch(lane, next)
  })
}

for (let index = 0; index < total;) {
  const now = performance.now()
  while (index < total && dueAt(index) <= now) {
    // The one that rested longest: a connection that rests for half a minute is closed by the other side.
    const lane = free.shift()
    if (lane) dispatch(lane, index)
    else if (waiting.length < mostWaiting) waiting.push(index)
    else throw new Error(`More than ${mostWaiting} requests wait: the rate of ${rate}/s is too high.`)
    index++
  }
  await Bun.sleep(1)
}
const deadline = setTimeout(() => {
  console.error(
    `${total - answered} of ${total} requests were not answered ${lastAnswerMs} ms after the last one was due.`,
  )
  process.exit(1)
}, lastAnswerMs)
await finished.promise
clearTimeout(deadline)
for (const lane of lanes) lane.close()

const [p50, p90, p99, max] = [0.5, 0.9, 0.99, 1].map((share) => percentile(latencies, share))
console.log(JSON.stringify({ total, failures, p50, p90, p99, max }))
process.exit(0)
