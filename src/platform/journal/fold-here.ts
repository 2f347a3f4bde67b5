import type { Clock } from '#kernel/time.ts'
import type { Folded, JournalFold, SegmentFold, Stretch } from './contract.ts'
import type { ReadLines } from './segments.ts'
import { createLineReader } from './segments.ts'

/** Rows of one transaction are halved down to this many when it takes too long. */
const fewestLines = 25

export interface Pace {
  /** A transaction is meant to take no longer: whoever else writes waits for it. */
  readonly mostMs: number
  readonly clock: Clock
}

/** Reads the lines and gives their records to `fold`, on this thread. */
export function foldHere<R>(fold: JournalFold<R>, pace: Pace | null = null): SegmentFold {
  const read = createLineReader()
  let mostLines = Infinity
  const atPace = async (work: () => Promise<void>, lines: number) => {
    const started = pace?.clock.mono() ?? 0
    await work()
    if (pace === null) return
    const tookMs = pace.clock.mono() - started
    if (tookMs > pace.mostMs) mostLines = Math.max(fewestLines, Math.floor(lines / 2))
    else if (tookMs < pace.mostMs / 2 && lines >= mostLines) mostLines *= 2
  }
  return {
    position: (journal) => fold.position(journal),
    async fold({ journal, stretch, maxLines, isSkip }) {
      const found = await linesOf(read, stretch, Math.min(maxLines, mostLines))
      const records = isSkip ? [] : found.texts.map(parsed<R>).filter((record) => record !== null)
      const upTo = { segment: stretch.segment, offset: found.end }
      await atPace(() => fold.fold({ journal, records, upTo }), records.length)
      return folded(found, records.length, isSkip)
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  }
}

interface Found {
  readonly texts: readonly string[]
  readonly end: number
  readonly isMissing: boolean
}

/** A segment that somebody deleted is stepped over: waiting for it would hold up all that came after it. */
async function linesOf(read: ReadLines, { file, from, to }: Stretch, max: number): Promise<Found> {
  try {
    return { ...(await read({ file, from, to, max })), isMissing: false }
  } catch (error) {
    if (!isMissing(error)) throw error
    return { texts: [], end: to, isMissing: true }
  }
}

function folded({ texts, end, isMissing }: Found, records: number, isSkip: boolean): Folded {
  const isDamage = texts.length === 0 && !isMissing
  const damaged = isSkip ? 0 : texts.length - records + (isDamage ? 1 : 0)
  return { lines: texts.length, end, isMissing, damaged, skipped: isSkip ? texts : [] }
}

function parsed<R>(text: string): R | null {
  try {
    return JSON.parse(text) as R
  } catch {
    return null
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}
