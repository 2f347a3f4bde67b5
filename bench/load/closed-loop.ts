/**
 * A number of requests over a number of connections, each of which asks anew when it has its answer. Every answer is
 * looked into: one without its words is an error.
 *
 *   bun bench/load/closed-loop.ts '<ClosedLoop as JSON>'
 */
import { percentile } from '../machine.ts'
import { isGood, type Prepared } from './answers.ts'
import { openLane } from './sockets.ts'

export interface ClosedLoop {
  readonly port: number
  readonly connections: number
  readonly count: number
  readonly prepared: Prepared
  /** Stands in the request: each has its own number there, in as many letters. Not said: all are the same. */
  readonly serial?: string
}

const { port, connections, count, prepared, serial } = JSON.parse(Bun.argv[2] ?? '') as ClosedLoop
const encoder = new TextEncoder()
const request = encoder.encode(prepared.request)
const serialAt = serial === undefined ? -1 : Buffer.from(request).indexOf(serial)
if (serial !== undefined && serialAt === -1) throw new Error(`The request does not hold ${serial}.`)
const latencies = new Float64Array(count)
/** What is told of answers that are wrong: the first of them, cut. */
const longestSample = 600
let begun = 0
let errors = 0
let sample: string | null = null

const start = performance.now()
await Promise.all(Array.from({ length: Math.min(connections, count) }, ask))
const seconds = (performance.now() - start) / 1000
const [p50, p99] = [0.5, 0.99].map((share) => percentile(latencies, share))
console.log(JSON.stringify({ requestsPerSecond: count / seconds, p50, p99, errors, sample }))
process.exit(0)

function numbered(index: number): Uint8Array {
  if (serial === undefined) return request
  const own = Uint8Array.from(request)
  const digits = String(index).padStart(serial.length, '0')
  own.set(encoder.encode(digits.replace(/\d/g, (digit) => 'abcdefghij'.charAt(Number(digit)))), serialAt)
  return own
}

async function ask(): Promise<void> {
  let lane = await openLane(port)
  while (begun < count) {
    const index = begun++
    if (!lane.isOpen) lane = await openLane(port)
    const { promise, resolve } = Promise.withResolvers<void>()
    const sentAt = performance.now()
    lane.send(numbered(index), {
      done(answer) {
        latencies[index] = performance.now() - sentAt
        if (!isGood(answer, prepared)) {
          errors++
          sample ??= `${answer.status} ${answer.isWhole ? 'whole' : 'cut'}: ${answer.body.slice(0, longestSample)}`
        }
        resolve()
      },
    })
    await promise
  }
  lane.close()
}
