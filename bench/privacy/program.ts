/**
 * What is measured of privacy in a process of its own, on its core: `bun bench/privacy/program.ts '<Wanted as JSON>'`
 * writes the figures as JSON.
 */
import { AppError } from '../../src/kernel/errors.ts'
import { findLeaks } from '../../src/privacy/core/leak/gate.ts'
import { createNeedles } from '../../src/privacy/core/leak/needles.ts'
import { createAnswerRehydrator } from '../../src/privacy/core/rehydrate/lanes/answer.ts'
import { apis, type Api } from '../../src/protocol/conversation/dialect.ts'
import { seeded } from '../chance.ts'
import { askOf, chatBody, createFinder, createScope, createScrub } from './parts.ts'
import { pathological } from './pathological.ts'
import { streamChunks } from './streams.ts'
import { kinds, textOf, type Kind } from './texts.ts'
import { megabytes, secondsOf, type Pace } from './timing.ts'

export interface Wanted extends Pace {
  readonly what: keyof typeof parts
  readonly seed: number
  readonly sizes: readonly number[]
}

export interface ScrubRow {
  readonly kind: Kind
  readonly size: number
  readonly spans: number
  /** MB/s: finding alone; from JSON to the bytes that may leave, in a new conversation. */
  readonly find: number
  readonly scrub: number
  readonly scrubMs: number
  /** The leak gate found something that was not replaced: nothing would leave. */
  readonly isBlocked: boolean
}

export interface RehydrateRow {
  readonly api: Api
  readonly isHiding: boolean
  readonly chunks: number
  readonly megabytesPerSecond: number
  readonly microsPerChunk: number
}

export interface PathologicalRow {
  readonly name: string
  /** The first run, when nothing is compiled, and the second. */
  readonly ms: readonly [cold: number, warm: number]
  readonly outcome: string
}

export interface GateRow {
  readonly values: number
  readonly size: number
  readonly megabytesPerSecond: number
}

const parts = { scrub, rehydrate, pathological: pathologicalRows, gate }

async function scrub({ sizes, seed, ...pace }: Wanted): Promise<readonly ScrubRow[]> {
  const finder = createFinder()
  const scrubbed = createScrub()
  const rows: ScrubRow[] = []
  for (const kind of kinds) {
    for (const size of sizes) {
      const text = textOf(kind, size, seed)
      const ask = askOf(text)
      const body = chatBody(text)
      const [spans = []] = finder.find(ask)
      const find = await secondsOf(() => finder.find(ask), pace)
      let isBlocked = false
      const run = async (): Promise<void> => {
        const outcome = await outcomeOf(scrubbed(body, createScope()))
        isBlocked = outcome !== null
      }
      const whole = await secondsOf(run, pace)
      const mb = megabytes(text)
      const facts = { kind, size, spans: spans.length, isBlocked }
      rows.push({ ...facts, find: mb / find, scrub: mb / whole, scrubMs: whole * 1000 })
    }
  }
  return rows
}

async function rehydrate({ sizes: [size = 0], seed, ...pace }: Wanted): Promise<readonly RehydrateRow[]> {
  const rows: RehydrateRow[] = []
  const scope = createScope()
  for (const api of apis) {
    for (const isHiding of [false, true]) {
      const chunks = streamChunks({ api, size, seed, scope: isHiding ? scope : null })
      // Somebody is hidden in either case: without that nothing would be looked at.
      if (scope.size === 0) streamChunks({ api, size: 1000, seed, scope })
      const bytes = chunks.reduce((sum, chunk) => sum + chunk.length, 0)
      const run = (): number => {
        const rehydrator = createAnswerRehydrator(api, scope.live)
        for (const chunk of chunks) rehydrator.push(chunk)
        rehydrator.end()
        return rehydrator.counts.replaced
      }
      if (run() > 0 !== isHiding) throw new Error(`${api}: ${run()} placeholders were put back.`)
      const seconds = await secondsOf(run, pace)
      const microsPerChunk = (seconds * 1e6) / chunks.length
      rows.push({ api, isHiding, chunks: chunks.length, megabytesPerSecond: bytes / 1e6 / seconds, microsPerChunk })
    }
  }
  return rows
}

/** Each once and once more: a request comes once, and what is slow then is slow for somebody. */
async function pathologicalRows({ sizes: [size = 0] }: Wanted): Promise<readonly PathologicalRow[]> {
  const scrubbed = createScrub()
  const rows: PathologicalRow[] = []
  for (const [name, make] of Object.entries(pathological)) {
    const body = chatBody(make(size))
    let outcome = ''
    const timed = async (): Promise<number> => {
      const before = process.cpuUsage()
      outcome = (await outcomeOf(scrubbed(body, createScope()))) ?? 'may leave'
      const { user, system } = process.cpuUsage(before)
      return (user + system) / 1000
    }
    rows.push({ name, ms: [await timed(), await timed()], outcome })
  }
  return rows
}

/** null: it may leave; otherwise why not. Throws what is no refusal. */
function outcomeOf(scrubbing: Promise<unknown>): Promise<string | null> {
  return scrubbing.then(
    () => null,
    (error: unknown) => {
      if (!(error instanceof AppError) || error.kind !== 'blocked') throw error
      return error.reason
    },
  )
}

async function gate({ sizes, seed, ...pace }: Wanted): Promise<readonly GateRow[]> {
  const rows: GateRow[] = []
  for (const values of [100, 1_000, 10_000]) {
    const needles = createNeedles()
    const chance = seeded(seed)
    const word = () => Math.floor(chance() * 36 ** 7).toString(36)
    for (let index = 0; index < values; index++) needles.add(`${word()}.${word()}@${word()}.example`, 'EMAIL')
    for (const size of sizes) {
      const body = new TextEncoder().encode(chatBody(textOf('English prose', size, seed)))
      const leaving = { url: '/v1/chat/completions', headers: {}, body }
      const seconds = await secondsOf(() => {
        if (findLeaks(leaving, [needles]).kind !== 'clean') throw new Error('There is nothing of it in this text.')
      }, pace)
      rows.push({ values, size, megabytesPerSecond: body.length / 1e6 / seconds })
    }
  }
  return rows
}

const wanted = JSON.parse(Bun.argv[2] ?? '') as Wanted
console.log(JSON.stringify(await parts[wanted.what](wanted)))
