import type { Announce, RequestRecord } from '#kernel/words.ts'
import type { Backlog, Folding, Journal } from '#platform/journal/contract.ts'
import type { UsageGrouping } from '#protocol/admin/metering.ts'
import type { Ledger } from '../contract.ts'
import type { Cursor } from '../core/cursor.ts'
import { storable } from '../core/storable.ts'
import type { UsageGroup } from '../core/usage.ts'
import type { MeteringEvent } from '../events.ts'
import { FinishedRequest } from '../events.ts'
import type { RequestStore } from '../ports.ts'

/** Rows of one turn: about 2 ms on SQLite, which answers on the thread that also serves streams. */
const rowsPerTurn = 500
/** A reader waits this long for the newest rows to reach the database; then it gets what is there. */
const flushWithinMs = 2000

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

export interface ListAsk {
  readonly limit: number
  readonly key: string | null
  readonly model: string | null
  readonly after: Cursor | null
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

  /** Newest first, in pieces with turns of the event loop between them, so that streams go on under a large answer. */
  async *list(ask: ListAsk): AsyncGenerator<Rows, void, void> {
    const { store, folding } = this.#parts
    await folding.flush(flushWithinMs)
    let { limit: left, after } = ask
    while (left > 0) {
      const wanted = Math.min(left, rowsPerTurn)
      const found = await store.page({ ...ask, after, limit: wanted + 1 })
      const records = found.slice(0, wanted)
      const last = records.at(-1)
      const next = found.length > wanted && last ? { at: last.at, id: last.id } : null
      yield { records, next }
      if (next === null) return
      after = next
      left -= records.length
      await new Promise<void>((resolve) => setImmediate(resolve))
    }
  }

  async usage(by: UsageGrouping): Promise<readonly UsageGroup[]> {
    const { store, folding } = this.#parts
    await folding.flush(flushWithinMs)
    return store.usage(by)
  }
}
