/**
 * Sends at a fixed rate whatever the answers do, and counts each latency from the moment the request was due: a server
 * that stalls cannot make the generator wait and so hide the stall (coordinated omission). Requests are due on a grid
 * of 1 ms. A whole answer's latency ends with it, a stream's with its first byte.
 *
 *   bun bench/load/open-loop.ts '<OpenLoop as JSON>'
 */
import { seeded } from '../chance.ts'
import { percentile } from '../machine.ts'
import { isGood, noAnswer, type Prepared } from './answers.ts'
import { openLane, type Lane } from './sockets.ts'

export interface OpenLoop {
  readonly port: number
  readonly rate: number
  readonly seconds: number
  readonly connections: number
  /** In turn. */
  readonly requests: readonly (Prepared & { readonly isStream: boolean })[]
  /** The share of callers who hang up: of a whole answer at once, of a stream within `withinMs`. */
  readonly hangUps: { readonly share: number; readonly withinMs: number; readonly seed: number }
}

const { port, rate, seconds, connections, requests, hangUps } = JSON.parse(Bun.argv[2] ?? '') as OpenLoop
/** Requests that found no free connection wait here: their latency grows, as it would for a caller. */
const mostWaiting = 20_000
const lastAnswerMs = 30_000
const longestSample = 600

const total = Math.floor(rate * seconds)
const random = seeded(hangUps.seed)
const prepared = requests.map((each) => ({ ...each, bytes: new TextEncoder().encode(each.request) }))
const free: Lane[] = await Promise.all(Array.from({ length: connections }, () => openLane(port)))
const latencies = new Float64Array(total)
const waiting: number[] = []
const finished = Promise.withResolvers<void>()
let ended = 0
let failures = 0
let hungUp = 0
let sample: string | null = null

const start = performance.now() + 5
const dueAt = (index: number) => start + Math.ceil((index * 1000) / rate)

function dispatch(lane: Lane, index: number): void {
  const what = prepared[index % prepared.length]
  if (what === undefined) throw new Error('no requests')
  const told = () => (latencies[index] = performance.now() - dueAt(index))
  let timer: Timer | null = null
  lane.send(what.bytes, {
    ...(what.isStream && { first: told }),
    done(answer) {
      if (timer !== null) clearTimeout(timer)
      if (!what.isStream || answer === noAnswer) told()
      if (!isGood(answer, what)) {
        failures++
        sample ??= `${answer.status} ${answer.isWhole ? 'whole' : 'cut'}: ${answer.body.slice(0, longestSample)}`
      }
      over(lane)
    },
  })
  if (random() >= hangUps.share) return
  const hangUp = () => {
    hungUp++
    latencies[index] = Number.NaN
    lane.close()
    over(lane)
  }
  if (what.isStream) timer = setTimeout(hangUp, random() * hangUps.withinMs)
  else hangUp()
}

function over(lane: Lane): void {
  if (++ended === total) finished.resolve()
  if (lane.isOpen) next(lane)
  else void reopen()
}

async function reopen(): Promise<void> {
  next(await openLane(port))
}

function next(lane: Lane): void {
  const index = waiting.shift()
  if (index === undefined) free.push(lane)
  else dispatch(lane, index)
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
    `${total - ended} of ${total} requests were not answered ${lastAnswerMs} ms after the last one was due.`,
  )
  process.exit(1)
}, lastAnswerMs)
await finished.promise
clearTimeout(deadline)

const known = latencies.filter((latency) => !Number.isNaN(latency))
const [p50, p90, p99, max] = [0.5, 0.9, 0.99, 1].map((share) => percentile(known, share))
const perMinute = 60 * rate
const minutes = Array.from({ length: Math.ceil(total / perMinute) }, (_, at) =>
  percentile(
    latencies.slice(at * perMinute, (at + 1) * perMinute).filter((latency) => !Number.isNaN(latency)),
    0.99,
  ),
)
console.log(JSON.stringify({ total, failures, hungUp, p50, p90, p99, max, minutes, sample }))
process.exit(0)
