import type { KeyId } from '#kernel/ids.ts'
import type { Logger } from '#platform/log/logger.ts'
import type { ItemIds, KeptResponse, ResponseStore } from '../../ports.ts'

type Row = KeptResponse & ItemIds

/** Answers that wait to be written: a database that stands still may cost this much memory and no more. */
const maxWaiting = 1000
const maxWaitingBytes = 64 * 2 ** 20
/** Of one transaction. */
const maxBatch = 20
const attempts = 3
const retryMs = 500

export interface KeepingQueueParts {
  readonly store: ResponseStore
  readonly log: Logger
  readonly settings: () => { readonly bodyBytes: number }
}

/**
 * Between the answer and the database. States: *idle* → *writing* → *idle*; what is written is findable here until it
 * stands there. What does not fit, and what the database refuses again and again, is lost and told in the log.
 */
export class KeepingQueue implements AsyncDisposable {
  readonly #parts: KeepingQueueParts
  readonly #waiting = new Map<string, Row>()
  #bytes = 0
  #writing: Promise<void> | null = null
  #isClosing = false

  constructor(parts: KeepingQueueParts) {
    this.#parts = parts
  }

  push(row: Row): void {
    const { log, settings } = this.#parts
    const bytes = sizeOf(row)
    const { bodyBytes } = settings()
    if (row.response.length > bodyBytes) {
      log.warn('an answer is too large to be kept', { response: row.id, bytes: row.response.length, limit: bodyBytes })
      return
    }
    if (this.#waiting.size >= maxWaiting || this.#bytes + bytes > maxWaitingBytes) {
      log.warn('an answer is not kept: too many wait for the database', { response: row.id })
      return
    }
    this.#drop(row.key, row.id)
    this.#waiting.set(placeOf(row.key, row.id), row)
    this.#bytes += bytes
    this.#writing ??= this.#write()
  }

  find(key: KeyId, id: string): KeptResponse | null {
    return this.#waiting.get(placeOf(key, id)) ?? null
  }

  holding(key: KeyId, itemIds: ReadonlySet<string>): readonly KeptResponse[] {
    if (itemIds.size === 0) return []
    return [...this.#waiting.values()].filter((row) => row.key === key && row.itemIds.some((id) => itemIds.has(id)))
  }

  /** Resolves when the response does not wait here any more. */
  async flushed(key: KeyId, id: string): Promise<void> {
    while (this.#waiting.has(placeOf(key, id)) && this.#writing !== null) await this.#writing
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosing = true
    await this.#writing
  }

  async #write(): Promise<void> {
    // Requests that end together are written together, and none of them waits for it.
    await new Promise<void>((resolve) => setImmediate(resolve))
    while (this.#waiting.size > 0) {
      const batch = [...this.#waiting.values()].slice(0, maxBatch)
      await this.#save(batch)
      for (const row of batch) if (this.#waiting.get(placeOf(row.key, row.id)) === row) this.#drop(row.key, row.id)
      await new Promise<void>((resolve) => setImmediate(resolve))
    }
    this.#writing = null
  }

  async #save(batch: readonly Row[]): Promise<void> {
    const { store, log } = this.#parts
    for (let attempt = 1; ; attempt++) {
      try {
        await store.save(batch)
        return
      } catch (error) {
        if (attempt < attempts && !this.#isClosing) {
          await new Promise<void>((resolve) => setTimeout(resolve, retryMs))
          continue
        }
        log.error('answers could not be kept', { error, responses: batch.map((row) => row.id) })
        return
      }
    }
  }

  #drop(key: KeyId, id: string): void {
    const place = placeOf(key, id)
    const row = this.#waiting.get(place)
    if (row === undefined) return
    this.#waiting.delete(place)
    this.#bytes -= sizeOf(row)
  }
}

const placeOf = (key: KeyId, id: string): string => `${key} ${id}`
const sizeOf = (row: Row): number => row.input.length + row.response.length
