import { messageOf } from '#kernel/errors.ts'
import type { Logger } from '#platform/log/logger.ts'
import type { Audit, AuditEntry } from '../contract.ts'
import type { AuditStore, StoredAuditEntry } from '../ports.ts'

/** Entries that wait for a database that does not answer; beyond it they go to the log, whole. */
const maxWaiting = 10_000
const maxBatch = 200

/**
 * Keeps the order of telling. What could not be written stays and is tried again with the next entry and by the task.
 */
export class AuditLog implements Audit {
  readonly #store: AuditStore
  readonly #log: Logger
  readonly #waiting: AuditEntry[] = []
  #writing: Promise<void> | null = null

  constructor(options: { readonly store: AuditStore; readonly log: Logger }) {
    this.#store = options.store
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
    while (this.#waiting.length > 0) await (this.#writing ??= this.#writeBatch())
  }

  list(page: { readonly limit: number; readonly before: number | null }): Promise<readonly StoredAuditEntry[]> {
    return this.#store.list(page)
  }

  async #writeBatch(): Promise<void> {
    const batch = this.#waiting.slice(0, maxBatch)
    try {
      await this.#store.append(batch)
      this.#waiting.splice(0, batch.length)
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
