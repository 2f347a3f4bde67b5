import { AppError, messageOf } from '#kernel/errors.ts'
import type { Logger } from '#platform/log/logger.ts'
import type { Folded, Folding, FoldSource, SegmentFold, Stretch } from './contract.ts'

/** Rows of one transaction: about 2 ms on SQLite, where all other writers wait for it. */
const maxBatch = 250
/** Records wait this long for others to come along. */
const gatherMs = 200
const maxBackoffMs = 10_000
/** At the end of the process the database gets this long; the rest is folded at the next start. */
const farewellMs = 2000

export interface FoldingParts {
  readonly source: FoldSource
  readonly fold: SegmentFold
  readonly log: Logger
}

export function createFolding(parts: FoldingParts): Folding {
  return new FoldingLoop(parts)
}

/**
 * idle ─append→ gathering ─200 ms→ folding ─all that was there→ idle
 *                  ↑                 │ the database is away
 *                  └── backing off ←─┘ (doubling up to 10 s)
 * A batch that the database refuses, though it answers, is tried record by record; the one at fault is set aside: a
 * single bad row must not hold up the ledger until the journal is full and all work is refused.
 */
class FoldingLoop implements Folding {
  readonly #parts: FoldingParts
  #hasResumed = false
  #isStopped = false
  #timer: ReturnType<typeof setTimeout> | null = null
  #pass: Promise<boolean> | null = null
  #cameDuringPass = false
  #failures = 0
  /** How many records are still tried one by one. */
  #careful = 0
  #lastError: string | null = null

  constructor(parts: FoldingParts) {
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
    await this.#parts.fold[Symbol.asyncDispose]()
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

  /**
   * What comes while it runs is left to the next pass: running after the writer would make a transaction of every few
   * rows, and never end.
   */
  async #fold(): Promise<boolean> {
    const { source, fold } = this.#parts
    try {
      if (!this.#hasResumed) await source.resume(await fold.position(source.id))
      this.#hasResumed = true
      const goal = source.here()
      for (;;) {
        const stretch = source.next(goal)
        if (stretch === null || this.#isStopped) return true
        await this.#foldSome(stretch)
      }
    } catch (error) {
      this.#failed(error)
      return false
    }
  }

  async #foldSome(stretch: Stretch): Promise<void> {
    const { source, log } = this.#parts
    const folded = await this.#foldOrSkip(stretch)
    // Another process may own the files by now; the rows are in the database, and reading them again is harmless.
    if (this.#isStopped) return
    this.#tell(stretch, folded)
    source.done(stretch, folded)
    if (this.#careful > 0) this.#careful--
    if (this.#failures > 0 && this.#careful === 0) log.info('the database takes records again')
    this.#failures = 0
    this.#lastError = null
  }

  async #foldOrSkip(stretch: Stretch): Promise<Folded> {
    const { source, fold, log } = this.#parts
    const ask = { journal: source.id, stretch, maxLines: this.#careful > 0 ? 1 : maxBatch, isSkip: false }
    try {
      return await fold.fold(ask)
    } catch (error) {
      if (isAway(error)) throw error
      if (ask.maxLines > 1) {
        this.#careful = maxBatch
        throw error
      }
      // The position alone is refused too when the fault is the database's (read-only, a missing table).
      const skipped = await fold.fold({ ...ask, isSkip: true })
      for (const line of skipped.skipped) source.setAside(line)
      log.error('the database refused a journal record; it was set aside', { error })
      return skipped
    }
  }

  #tell({ segment, from }: Stretch, { damaged, isMissing, end }: Folded): void {
    const { log } = this.#parts
    if (damaged > 0) log.error('damaged journal lines were skipped', { segment, lines: damaged, before: end })
    if (!isMissing) return
    log.error('a journal segment is gone, with records that were not in the database', { segment, bytes: end - from })
  }

  #failed(error: unknown): void {
    if (this.#isStopped) return
    this.#failures++
    this.#lastError = messageOf(error)
    if (this.#failures === 1) this.#parts.log.warn('records wait in the journal for the database', { error })
  }
}

function isAway(error: unknown): boolean {
  return error instanceof AppError && error.kind === 'unavailable'
}
