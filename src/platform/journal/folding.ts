import { AppError, messageOf } from '#kernel/errors.ts'
import type { Clock } from '#kernel/time.ts'
import type { Logger } from '#platform/log/logger.ts'
import type { Batch, Folding, FoldSource, JournalFold } from './contract.ts'

/** Rows of one transaction: about 2 ms on SQLite, which works on the thread that also serves streams. */
const maxBatch = 250
/** Records wait this long for others to come along. */
const gatherMs = 200
const maxBackoffMs = 10_000
/** At the end of the process the database gets this long; the rest is folded at the next start. */
const farewellMs = 2000

export interface FoldingParts<R> {
  readonly source: FoldSource<R>
  readonly fold: JournalFold<R>
  readonly clock: Clock
  readonly log: Logger
}

export function createFolding<R>(parts: FoldingParts<R>): Folding {
  return new FoldingLoop(parts)
}

/**
 * idle ─append→ gathering ─200 ms→ folding ─all that was there→ idle
 *                  ↑                 │ the database is away
 *                  └── backing off ←─┘ (doubling up to 10 s)
 * A batch that the database refuses, though it answers, is tried record by record; the one at fault is set aside: a
 * single bad row must not hold up the ledger until the journal is full and all work is refused.
 */
class FoldingLoop<R> implements Folding {
  readonly #parts: FoldingParts<R>
  #hasResumed = false
  #isStopped = false
  #timer: ReturnType<typeof setTimeout> | null = null
  #pass: Promise<boolean> | null = null
  #cameDuringPass = false
  #failures = 0
  /** How many records are still tried one by one. */
  #careful = 0
  #lastError: string | null = null

  constructor(parts: FoldingParts<R>) {
    this.#parts = parts
    parts.source.onAppend(() => this.#gather(gatherMs))
    this.#gather(0)
  }

  get lastError(): string | null {
    return this.#lastError
  }

  async flush(withinMs: number): Promise<boolean> {
    const { promise: tooLate, resolve } = Promise.withResolvers<false>()
    const timer = setTimeout(() => resolve(false), withinMs)
    try {
      return await Promise.race([this.#flushNow(), tooLate])
    } finally {
      clearTimeout(timer)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isStopped) return
    await this.flush(farewellMs)
    this.#isStopped = true
    if (this.#timer) clearTimeout(this.#timer)
    this.#timer = null
  }

  /** A pass that runs already may have read its last batch before the caller's record came. */
  async #flushNow(): Promise<boolean> {
    if (this.#pass) await this.#pass
    return this.#startPass()
  }

  #gather(delayMs: number): void {
    if (this.#pass) this.#cameDuringPass = true
    if (this.#timer || this.#pass || this.#isStopped) return
    this.#timer = setTimeout(() => void this.#startPass(), delayMs)
  }

  #startPass(): Promise<boolean> {
    if (this.#timer) clearTimeout(this.#timer)
    this.#timer = null
    if (this.#pass) return this.#pass
    this.#cameDuringPass = false
    this.#pass = this.#fold().then((isDone) => {
      this.#pass = null
      if (!isDone) this.#gather(Math.min(gatherMs * 2 ** this.#failures, maxBackoffMs))
      else if (this.#cameDuringPass) this.#gather(gatherMs)
      return isDone
    })
    return this.#pass
  }

  async #fold(): Promise<boolean> {
    const { source, fold } = this.#parts
    try {
      if (!this.#hasResumed) await source.resume(await fold.position(source.id))
      this.#hasResumed = true
      for (;;) {
        const batch = await source.next(this.#careful > 0 ? 1 : maxBatch)
        if (batch === null || this.#isStopped) return true
        await this.#foldBatch(batch)
        if (batch.isLast) return true
        // SQLite answers without leaving the thread: streams have their turn between two batches.
        await new Promise<void>((resolve) => setImmediate(resolve))
      }
    } catch (error) {
      this.#failed(error)
      return false
    }
  }

  async #foldBatch(batch: Batch<R>): Promise<void> {
    const { source, fold, log } = this.#parts
    const { records, upTo } = batch
    try {
      await fold.fold({ journal: source.id, records, upTo })
    } catch (error) {
      if (isAway(error)) throw error
      if (records.length > 1) {
        this.#careful = records.length
        throw error
      }
      // The position alone is refused too when the fault is the database's (read-only, a missing table).
      await fold.fold({ journal: source.id, records: [], upTo })
      for (const record of records) source.setAside(record)
      log.error('the database refused a journal record; it was set aside', { error })
    }
    // Another process may own the files by now; the rows are in the database, and reading them again is harmless.
    if (this.#isStopped) return
    source.done(upTo)
    if (this.#careful > 0) this.#careful--
    if (this.#failures > 0 && this.#careful === 0) log.info('the database takes records again')
    this.#failures = 0
    this.#lastError = null
  }

  #failed(error: unknown): void {
    this.#failures++
    this.#lastError = messageOf(error)
    if (this.#failures === 1) this.#parts.log.warn('records wait in the journal for the database', { error })
  }
}

function isAway(error: unknown): boolean {
  return error instanceof AppError && error.kind === 'unavailable'
}
