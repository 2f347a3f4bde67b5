import { timeOfRequest } from '#kernel/ids.ts'
import type { Announce, RequestRecord } from '#kernel/words.ts'
import type { Backlog, Folding, Journal } from '#platform/journal/contract.ts'
import type { Ledger } from '../contract.ts'
import type { Cursor } from '../core/cursor.ts'
import { storable } from '../core/storable.ts'
import type { UsageGroup } from '../core/usage.ts'
import type { MeteringEvent } from '../events.ts'
import { FinishedRequest } from '../events.ts'
import type { Filter, RequestStore, Span, UsageAsk } from '../ports.ts'

/** Rows of one turn: about 2 ms on SQLite, which answers on the thread that also serves streams. */
const rowsPerTurn = 500
/** A reader waits this long for the newest rows to reach the database; then it gets what is there. */
const flushWithinMs = 2000
/** One question looks through some two million rows, in pieces of some thousand; its answer says where to go on. */
const maxLooks = 1000
/** How far the clock may have gone between the making of an id and of its row. */
const idSlackMs = 5000

export interface LedgerParts {
  readonly journal: Journal<RequestRecord>
  readonly folding: Folding
  readonly store: RequestStore
  readonly announce: Announce<MeteringEvent>
}

export interface Rows {
  readonly records: readonly RequestRecord[]
  /** Where the list goes on; null when there is no more. */
  readonly next: Cursor | null
}

export interface ListAsk extends Filter, Span {
  readonly limit: number
  readonly after: Cursor | null
}

export const noFilter: Filter & Span = {
  id: null,
  key: null,
  model: null,
  upstream: null,
  endpoint: null,
  outcome: null,
  status: null,
  text: null,
  user: null,
  team: null,
  tag: null,
  since: null,
  until: null,
}

/** Rows go to the journal first, synchronously, and from there to the database; reading waits for the newest ones. */
export class RequestLedger implements Ledger {
  readonly #parts: LedgerParts

  constructor(parts: LedgerParts) {
    this.#parts = parts
  }

  get isFull(): boolean {
    return this.#parts.journal.isFull
  }

  /** What waits in the journal. */
  get backlog(): Backlog {
    return this.#parts.journal.backlog
  }

  /** Why rows wait; null while they do not. */
  get lastError(): string | null {
    return this.#parts.folding.lastError
  }

  append(record: RequestRecord): void {
    const row = storable(record)
    this.#parts.journal.append(row)
    this.#parts.announce({ type: 'request.finished', data: new FinishedRequest(row) })
  }

  /** Waits a moment until all that was appended is in the database; false: it is not. */
  flush(): Promise<boolean> {
    return this.#parts.folding.flush(flushWithinMs)
  }

  /**
   * Newest first, in pieces with turns of the event loop between them, so that streams go on under a large answer. The
   * first piece holds a row, unless it is the only one.
   */
  async *list(ask: ListAsk): AsyncGenerator<Rows, void, void> {
    const { store, folding } = this.#parts
    await folding.flush(flushWithinMs)
    let { limit: left, after } = ask
    for (let look = 1; left > 0; look++) {
      const { records, next } = await store.page({ ...ask, after, limit: Math.min(left, rowsPerTurn) })
      left -= records.length
      if (records.length > 0 || next === null || look === maxLooks) yield { records, next }
      if (next === null || look === maxLooks) return
      after = next
      await new Promise<void>((resolve) => setImmediate(resolve))
    }
  }

  /** With its trace; null = there is no such row, or none any more. */
  async find(id: string): Promise<RequestRecord | null> {
    const { store, folding } = this.#parts
    await folding.flush(flushWithinMs)
    const at = timeOfRequest(id)
    const near = at === null ? null : await store.find(id, { since: at - idSlackMs, until: at + idSlackMs })
    if (near !== null) return near
    // Ids of earlier versions tell no time.
    for await (const { records } of this.list({ ...noFilter, id, limit: 1, after: null })) {
      const [found] = records
      if (found) return store.find(id, { since: found.at, until: found.at + 1 })
    }
    return null
  }

  async usage(ask: UsageAsk): Promise<readonly UsageGroup[]> {
    const { store, folding } = this.#parts
    await folding.flush(flushWithinMs)
    return store.usage(ask)
  }
}
