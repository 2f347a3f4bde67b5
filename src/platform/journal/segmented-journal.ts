import { closeSync, fdatasync, ftruncateSync, openSync, unlinkSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { AppError, assert, messageOf } from '#kernel/errors.ts'
import type { Clock, MonoMs } from '#kernel/time.ts'
import type { Logger } from '#platform/log/logger.ts'
import type { Backlog, Folding, FoldSource, Journal, SegmentFold } from './contract.ts'
import { createFolding } from './folding.ts'
import type { JournalOptions } from './journal.ts'
import { SegmentReader } from './segment-reader.ts'
import type { Segment } from './segments.ts'
import { segmentName } from './segments.ts'

/** One record; longer ones are refused: the reader's chunk must hold a whole line. */
const maxLineBytes = 64 * 1024
/** After a refused write new work is turned away this long; then the next record tries the disk again. */
const writeRetryMs = 1000
/** Records that the database refuses are kept for people up to this size of their file. */
const maxAsideBytes = 16 * 1024 * 1024

export interface SegmentedJournalParts extends JournalOptions {
  readonly clock: Clock
  readonly log: Logger
  readonly id: string
  readonly lock: Disposable
  readonly recovered: { readonly segments: readonly Segment[]; readonly records: number }
}

/**
 * Owns the files. Writing goes to the last segment; the reader follows behind; a segment is deleted when the one after
 * it is in the database whole: SQLite may lose its last commits when the machine fails, and then these are read again.
 */
export class SegmentedJournal<R extends { readonly id: string }> implements Journal<R> {
  readonly id: string
  readonly #parts: SegmentedJournalParts
  readonly #segments: Segment[]
  readonly #reader: SegmentReader
  /** One buffer for all lines: encoding into it is a third faster than writing strings. */
  readonly #line = Buffer.allocUnsafeSlow(maxLineBytes)
  #head: Segment
  #file: number
  #records: number
  #bytes: number
  #refusedUntil: MonoMs = 0
  #onAppend: () => void = () => {}
  #folding: Folding | null = null
  #syncTimer: ReturnType<typeof setTimeout> | null = null
  /** What happens to files off the hot path, in order. */
  #background: Promise<void> = Promise.resolve()
  #asideBytes = 0
  #isClosed = false

  constructor(parts: SegmentedJournalParts) {
    this.id = parts.id
    this.#parts = parts
    this.#segments = [...parts.recovered.segments]
    this.#records = parts.recovered.records
    this.#bytes = this.#segments.reduce((sum, segment) => sum + segment.bytes, 0)
    this.#head = this.#nextSegment()
    this.#segments.push(this.#head)
    this.#file = this.#create(this.#head)
    this.#reader = new SegmentReader({ folder: parts.folder, segments: this.#segments, log: parts.log })
  }

  get backlog(): Backlog {
    return { records: this.#records, bytes: this.#bytes }
  }

  get isFull(): boolean {
    return (
      this.#bytes >= this.#parts.maxBytes || (this.#refusedUntil !== 0 && this.#parts.clock.mono() < this.#refusedUntil)
    )
  }

  append(record: R): void {
    assert(!this.#isClosed, 'a closed journal takes no records')
    const text = `${JSON.stringify(record)}\n`
    // A character takes three bytes at most: only long texts are worth counting.
    assert(
      text.length * 3 <= maxLineBytes || Buffer.byteLength(text) <= maxLineBytes,
      `a journal record has at most ${maxLineBytes} bytes`,
    )
    this.#write(this.#line.write(text, 0))
    this.#records++
    this.#onAppend()
    this.#syncTimer ??= setTimeout(() => this.#sync(), this.#parts.syncMs)
  }

  startFolding(fold: SegmentFold): Folding {
    assert(this.#folding === null, 'a journal folds into one database')
    this.#folding = createFolding({ source: this.#source(), fold, log: this.#parts.log })
    return this.#folding
  }

  /** Folds what it can for a moment, syncs, gives the lock back. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isClosed) return
    await this.#folding?.[Symbol.asyncDispose]()
    this.#isClosed = true
    this.#sync()
    await this.#background
    closeSync(this.#file)
    if (this.#head.bytes === 0) this.#remove(this.#head)
    this.#parts.lock[Symbol.dispose]()
  }

  #write(length: number): void {
    const { maxBytes, segmentBytes, folder } = this.#parts
    if (this.#bytes + length > maxBytes * 2) {
      const message = `The journal in ${folder} holds ${this.#records} records that the database did not take yet.`
      throw new AppError('unavailable', `${message} See why the database does not answer.`, { reason: 'journal_full' })
    }
    try {
      if (this.#head.bytes > 0 && this.#head.bytes + length > segmentBytes) this.#rotate()
      const written = writeSync(this.#file, this.#line, 0, length, this.#head.bytes)
      if (written !== length) throw new Error(`the disk took ${written} of ${length} bytes`)
    } catch (thrown) {
      throw this.#refused(thrown)
    }
    this.#refusedUntil = 0
    this.#head.bytes += length
    this.#bytes += length
  }

  /** The next record overwrites what a short write left; recovery cuts it if there is no next. */
  #refused(thrown: unknown): AppError {
    this.#refusedUntil = this.#parts.clock.mono() + writeRetryMs
    try {
      ftruncateSync(this.#file, this.#head.bytes)
    } catch {
      // The first failure is the one to tell.
    }
    const message = `The journal in ${this.#parts.folder} cannot be written: ${messageOf(thrown)}. Free disk space.`
    this.#parts.log.error('the journal could not be written', { error: thrown })
    return new AppError('unavailable', message, { reason: 'journal_failed', cause: thrown })
  }

  #rotate(): void {
    const next = this.#nextSegment()
    const file = this.#create(next)
    const before = this.#file
    this.#file = file
    this.#head = next
    this.#segments.push(next)
    this.#inBackground(async () => {
      await synced(before)
      closeSync(before)
    })
  }

  #nextSegment(): Segment {
    const number = (this.#segments.at(-1)?.number ?? 0) + 1
    return { name: segmentName(this.#parts.name, number, this.#parts.clock.now()), number, bytes: 0 }
  }

  #create(segment: Segment): number {
    return openSync(join(this.#parts.folder, segment.name), 'wx', 0o600)
  }

  #sync(): void {
    if (this.#syncTimer) clearTimeout(this.#syncTimer)
    this.#syncTimer = null
    const file = this.#file
    this.#inBackground(() => (file === this.#file ? synced(file) : Promise.resolve()))
  }

  #inBackground(work: () => Promise<void>): void {
    this.#background = this.#background
      .then(work)
      .catch((error: unknown) => this.#parts.log.error('the journal could not be synced to disk', { error }))
  }

  #source(): FoldSource {
    return {
      id: this.id,
      resume: async (position) => this.#took(await this.#reader.resume(position)),
      here: () => this.#reader.head,
      next: (goal) => this.#reader.next(goal),
      done: (stretch, folded) => this.#took(this.#reader.done(stretch, folded)),
      setAside: (line) => this.#setAside(line),
      onAppend: (listener) => {
        this.#onAppend = listener
      },
    }
  }

  #took(folded: Backlog): void {
    // Counted down, and set right when all is folded: lines of a segment that somebody deleted are never folded.
    this.#records = this.#reader.isAtHead ? 0 : this.#records - folded.records
    this.#bytes = this.#reader.isAtHead ? 0 : this.#bytes - folded.bytes
    for (const segment of this.#reader.takeFinished()) this.#remove(segment)
  }

  #remove(segment: Segment): void {
    try {
      unlinkSync(join(this.#parts.folder, segment.name))
    } catch (error) {
      this.#parts.log.warn('a journal segment could not be removed', { segment: segment.name, error })
    }
  }

  #setAside(text: string): void {
    const line = `${text}\n`
    this.#asideBytes += line.length
    if (this.#asideBytes > maxAsideBytes) return
    const file = openSync(join(this.#parts.folder, `${this.#parts.name}.refused.jsonl`), 'a', 0o600)
    try {
      writeSync(file, line)
    } finally {
      closeSync(file)
    }
  }
}

function synced(file: number): Promise<void> {
  return new Promise((resolve, reject) => fdatasync(file, (error) => (error ? reject(error) : resolve())))
}
