import { messageOf } from '#kernel/errors.ts'
import type { Logger } from '#platform/log/logger.ts'
import type { Audit, AuditEntry } from '../contract.ts'
import type { ChainedRow } from '../core/audit-row.ts'
import type { AuditFilter, AuditStore } from '../ports.ts'
import type { AuditHeads } from './audit-heads.ts'

/** Entries that wait for a database that does not answer; beyond it they go to the log, whole. */
const maxWaiting = 10_000
const maxBatch = 200
/** Rows of one piece of an export. */
const rowsAtOnce = 500

export interface AuditLogOptions {
  readonly store: AuditStore
  readonly heads: Pick<AuditHeads, 'advance'>
  readonly log: Logger
}

/**
 * Keeps the order of telling. What could not be written stays and is tried again with the next entry and by the task.
 */
export class AuditLog implements Audit {
  readonly #store: AuditStore
  readonly #heads: Pick<AuditHeads, 'advance'>
  readonly #log: Logger
  readonly #waiting: AuditEntry[] = []
  #writing: Promise<void> | null = null

  constructor(options: AuditLogOptions) {
    this.#store = options.store
    this.#heads = options.heads
    this.#log = options.log
  }

  record(entry: AuditEntry): void {
    if (this.#waiting.length >= maxWaiting) {
      this.#log.error('an audit entry has no place in the database; it stands here instead', { entry })
      return
    }
    this.#waiting.push(entry)
    this.written().catch(() => {})
  }

  async written(): Promise<void> {
    // Whoever comes during a write waits for one more: theirs may not be in the batch that is under way.
    while (this.#waiting.length > 0 || this.#writing !== null) await (this.#writing ??= this.#writeBatch())
  }

  /** Newest first. */
  list(page: Parameters<AuditStore['list']>[0]): Promise<readonly ChainedRow[]> {
    return this.#store.list(page)
  }

  /** Oldest first, in pieces: all that is there when it begins. */
  async *pieces(filter: AuditFilter): AsyncGenerator<readonly ChainedRow[]> {
    const upTo = (await this.#store.end()).last?.position ?? 0
    for (let after = 0; after < upTo;) {
      const rows = await this.#store.walk({ after, upTo, limit: rowsAtOnce, filter })
      yield rows
      if (rows.length < rowsAtOnce) return
      after = rows.at(-1)?.position ?? upTo
    }
  }

  async #writeBatch(): Promise<void> {
    const batch = this.#waiting.slice(0, maxBatch)
    try {
      const end = await this.#store.append(batch)
      this.#waiting.splice(0, batch.length)
      await this.#heads.advance(end)
    } catch (error) {
      this.#log.warn('the audit log could not be written; its entries are kept', {
        waiting: this.#waiting.length,
        error: messageOf(error),
      })
      throw error
    } finally {
      this.#writing = null
    }
  }
}
