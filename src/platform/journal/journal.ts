import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Clock } from '#kernel/time.ts'
import { systemClock } from '#platform/clock.ts'
import { randomHex } from '#platform/crypto/random.ts'
import type { Logger } from '#platform/log/logger.ts'
import type { Journal } from './contract.ts'
import { lockFile } from './folder-lock.ts'
import { SegmentedJournal } from './segmented-journal.ts'
import { countLines, recoverSegments } from './segments.ts'

export interface JournalOptions {
  /** Made if it does not exist, readable by its owner alone. */
  readonly folder: string
  /** Begins the names of all its files: several journals may share a folder. */
  readonly name: string
  /** A file that is longer is followed by another. */
  readonly segmentBytes: number
  /** From this backlog on `isFull`; at twice as much `append` throws. */
  readonly maxBytes: number
  /** How long a record may be in the page cache only. */
  readonly syncMs: number
  readonly clock?: Clock
  readonly log: Logger
}

/**
 * Recovers what an earlier process left (a torn last line is cut and told) and begins a new segment. Throws an AppError
 * `conflict` while another process has this journal open.
 */
export async function openJournal<R extends { readonly id: string }>(options: JournalOptions): Promise<Journal<R>> {
  const { folder, name } = options
  const log = options.log.child({ journal: name })
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const lock = lockFile(join(folder, `${name}.lock`))
  try {
    const { segments, cut } = recoverSegments(folder, name)
    for (const torn of cut) log.warn('a line that broke off in the middle of a write was cut', { ...torn })
    let records = 0
    for (const segment of segments) records += await countLines(join(folder, segment.name), 0, segment.bytes)
    if (records > 0) log.info('an earlier process left records', { records, segments: segments.length })
    return new SegmentedJournal<R>({
      ...options,
      clock: options.clock ?? systemClock,
      log,
      id: identityOf(join(folder, `${name}.id`)),
      lock,
      recovered: { segments, records },
    })
  } catch (thrown) {
    lock[Symbol.dispose]()
    throw thrown
  }
}

function identityOf(path: string): string {
  try {
    const id = readFileSync(path, 'utf8').trim()
    if (/^[0-9a-f]{16}$/.test(id)) return id
  } catch {
    // A new journal.
  }
  const id = randomHex(8)
  writeFileSync(path, `${id}\n`, { mode: 0o600 })
  return id
}
