/**
 * Requests and upstreams that are nearly right, against the data plane on real sockets. Whatever either of them sends,
 * of every case these must hold: the caller gets a well-formed end in its dialect or a well-formed error, never a fault
 * of Hearth's own; one row is written; and when all is over nothing is held, open, or at work.
 */
import { createLogger } from '#platform/log/logger.ts'
import { apis } from '#protocol/conversation/dialect.ts'
import { startRawServer, type RawAnswer, type RawServer } from '../fakes/raw-http.ts'
import { callers, endingOf, lastEndingOf, type CallerName } from './dialect-callers.ts'
import { fuzzCase, type FuzzCase } from './fuzz-cases.ts'
import { openGatewayAlone, type GatewayAlone } from './gateway-alone.ts'
import { numbersFrom } from './seed.ts'
import { until } from './until.ts'

export interface FuzzOptions {
  readonly seed: string
  readonly seconds: number
  /** Only this one, for a look at what failed. */
  readonly only?: number
  readonly onProgress?: (cases: number) => void
}

export interface FuzzReport {
  readonly cases: number
  /** How many ended how. */
  readonly endings: Readonly<Record<string, number>>
  readonly faults: readonly string[]
  /** What the process grew by after the first cases. */
  readonly grownBytes: number
}

const atOnce = 12
const warmUpCases = 300
const mostFaults = 20
/** An answer that takes longer hangs: deadlines are well below. */
const hangMs = 15_000
const deadlines = { firstByteMs: 800, idleMs: 800, totalMs: 8000 }

interface House {
  readonly gateway: GatewayAlone
  readonly cases: Map<string, FuzzCase>
  readonly faults: string[]
  readonly endings: Record<string, number>
}

export async function runFuzz({ seed, seconds, only, onProgress }: FuzzOptions): Promise<FuzzReport> {
  const cases = new Map<string, FuzzCase>()
  const faults: string[] = []
  const work = { inFlight: 0 }
  const servers = await Promise.all(apis.map(() => startUpstream(cases, work)))
  await using gateway = await openGatewayAlone({
    upstreams: servers.map(({ port }, index) => upstreamOf(apis[index] ?? 'chat', port)),
    limits: { requestBodyBytes: 200_000, responseBodyBytes: 200_000, deadlines },
    log: createLogger({
      level: 'error',
      format: 'lines',
      write: (line) => void faults.push(`the log says: ${line.slice(0, 1500)}`),
      now: () => 0,
    }),
  })
  const house: House = { gateway, cases, faults, endings: {} }
  const onStray = (error: unknown): void => void faults.push(`nobody caught: ${String(error)}`)
  process.on('unhandledRejection', onStray)
  try {
    const end = performance.now() + seconds * 1000
    let next = only ?? 0
    let count = 0
    let grownFrom = 0
    const isOver = () => (only === undefined ? performance.now() > end || faults.length >= mostFaults : count > 0)
    const lane = async (): Promise<void> => {
      while (!isOver()) {
        const index = next++
        count++
        await one(house, seed, index)
        if (count === warmUpCases) grownFrom = memory()
        if (count % 500 === 0) onProgress?.(count)
      }
    }
    await Promise.all(Array.from({ length: only === undefined ? atOnce : 1 }, lane))
    const isQuiet = () => gateway.held === 0 && gateway.open === 0 && work.inFlight === 0 && gateway.spooled === 0
    await until('nothing is in flight', isQuiet).catch(() => {
      faults.push(`left over: ${gateway.held} permits, ${gateway.open} exchanges, ${work.inFlight} at upstreams`)
    })
    faults.push(...rowFaults(gateway))
    const grownBytes = count > warmUpCases ? memory() - grownFrom : 0
    return { cases: count, endings: house.endings, faults, grownBytes }
  } finally {
    process.off('unhandledRejection', onStray)
    for (const server of servers) await server[Symbol.asyncDispose]()
  }
}

function memory(): number {
  Bun.gc(true)
  return process.memoryUsage.rss()
}

const upstreamOf = (api: (typeof apis)[number], port: number) =>
  ({
    name: api,
    baseUrl: `http://127.0.0.1:${port}/v1`,
    locality: 'lan',
    headers: {},
    models: ['*'],
    splitThink: false,
    apis: [api],
  }) as const

function startUpstream(cases: ReadonlyMap<string, FuzzCase>, work: { inFlight: number }): Promise<RawServer> {
  return startRawServer({
    onRequest(request, answer) {
      const model = /case-\d+/.exec(request.path + Buffer.from(request.body).toString())?.[0] ?? ''
      const found = cases.get(model)
      if (found === undefined) return answer.reset()
      work.inFlight++
      let isOver = false
      const over = (act: () => void) => () => {
        if (!isOver) work.inFlight--
        isOver = true
        act()
      }
      answer.onHangUp(over(() => {}))
      const { write, onHangUp } = answer
      const isClosed = { get: () => answer.isClosed }
      const told = { write, onHangUp, end: over(answer.end), done: over(answer.done), reset: over(answer.reset) }
      void found.play(Object.defineProperty(told, 'isClosed', isClosed) as RawAnswer)
    },
  })
}

async function one(house: House, seed: string, index: number): Promise<void> {
  const model = `case-${index}`
  const made = fuzzCase(numbersFrom(`${seed}:${index}`), model)
  house.cases.set(model, made)
  const leave = new AbortController()
  const hang = setTimeout(() => leave.abort('it hangs'), hangMs)
  const hangUp = made.hangUpMs === null ? null : setTimeout(() => leave.abort('hung up'), made.hangUpMs)
  const ending = await ask(house, made, leave.signal).catch((error: unknown) => {
    if (leave.signal.reason === 'hung up') return 'hung up'
    // Of bytes nothing but a broken connection tells a short recording from a whole one.
    if (made.way === 'speech' || made.way === 'proxy') return 'broken off'
    return `fault: ${String(leave.signal.reason ?? error)}`
  })
  clearTimeout(hang)
  if (hangUp !== null) clearTimeout(hangUp)
  const [kind = ''] = ending.split(':')
  house.endings[kind] = (house.endings[kind] ?? 0) + 1
  if (kind === 'fault' || kind === 'malformed')
    house.faults.push(`--seed=${seed} --case=${index} ${made.way} of ${made.api}: ${ending.slice(0, 500)}`)
  house.cases.delete(model)
}

async function ask({ gateway }: House, made: FuzzCase, signal: AbortSignal): Promise<string> {
  const body = made.body as Uint8Array<ArrayBuffer>
  const headers = { 'content-type': 'application/json' }
  const how = { redirect: 'manual', decompress: false } as const
  const response = await fetch(gateway.url + made.path, { method: 'POST', body, headers, signal, ...how })
  const { status } = response
  const error = response.headers.get('x-hearth-error')
  const text = await response.text()
  if (error === 'internal' || text.includes('a fault of its own')) return `fault: ${status} ${text}`
  // The row stands before the last byte does.
  const id = response.headers.get('x-request-id')
  if (gateway.rows.findLast((row) => row.id === id) === undefined) return `fault: no row for ${id}: ${status} ${text}`
  if (
    status >= 500 &&
    status !== 502 &&
    status !== 503 &&
    status !== 504 &&
    error !== 'upstream' &&
    made.way !== 'proxy'
  )
    return `fault: ${status} ${text}`
  return endingOfCase(made, { status, text, type: response.headers.get('content-type') ?? '', error })
}

interface Got {
  readonly status: number
  readonly text: string
  readonly type: string
  readonly error: string | null
}

function endingOfCase({ way, api }: FuzzCase, { status, text, type, error }: Got): string {
  const isStream = type.startsWith('text/event-stream')
  // As the upstream wrote it.
  if (way === 'proxy' || (way === 'speech' && status === 200)) return 'passed'
  if (error === 'upstream') return 'refused'
  const caller = way in callers ? (way as CallerName) : way === 'count' ? 'messages' : 'chat'
  if (status !== 200) return endingOf(caller, { isStream: false, status, text })
  if (!isStream) return way in callers ? endingOf(caller, { isStream, status, text, words: '' }) : jsonEnding(text)
  // Between those who speak the same dialect the bytes pass as they came; only their end is Hearth's.
  const isTranslated = way in callers && way !== api
  return isTranslated ? endingOf(caller, { isStream, status, text }) : lastEndingOf(caller, text)
}

function jsonEnding(text: string): string {
  try {
    return typeof JSON.parse(text) === 'object' ? 'complete' : `malformed: ${text.slice(0, 200)}`
  } catch {
    return `malformed: ${text.slice(0, 200)}`
  }
}

/** Each request has one row, and each row is of one request. */
function rowFaults({ rows }: GatewayAlone): readonly string[] {
  const seen = new Set<string>()
  return rows.flatMap((row) => {
    const isNew = !seen.has(row.id)
    seen.add(row.id)
    return isNew ? [] : [`two rows for ${row.id} (${row.model})`]
  })
}
