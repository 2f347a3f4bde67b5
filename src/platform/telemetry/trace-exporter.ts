import type { Clock, MonoMs } from '#kernel/time.ts'

/** What became of a batch. */
export type Delivery =
  /** `rejected`: so many of its spans were not taken and must not be sent again. */
  | { readonly kind: 'taken'; readonly rejected: number }
  | { readonly kind: 'later'; readonly retryAfterMs: number | null; readonly why: string }
  | { readonly kind: 'refused'; readonly why: string }

export interface TraceExporterParts<Item> {
  /** Items that may wait, read at each one; a reload may change it. */
  readonly capacity: () => number
  /** Makes the body of a batch; slow work that no request waits for. */
  readonly encode: (items: readonly Item[]) => Uint8Array
  /** Never rejects. */
  readonly send: (body: Uint8Array, signal: AbortSignal) => Promise<Delivery>
  readonly clock: Clock
  /** From 0 to 1, for pauses that differ. */
  readonly chance: () => number
}

export const dropReasons = ['queue_full', 'refused', 'unreachable', 'rejected', 'closed'] as const
export type DropReason = (typeof dropReasons)[number]

const itemsPerBatch = 200
const maxAttempts = 5
const firstPauseMs = 1000
const longestPauseMs = 60_000
/** A receiver that wants to be left alone for longer is asked again after this all the same. */
const longestRetryAfterMs = 300_000

interface Batch<Item> {
  readonly items: readonly Item[]
  attempts: number
}

/**
 * Batches on their way to a receiver. Adding costs a push; nothing waits for it. A batch that could not be delivered
 * stays, and is tried again at a later `flush`: after what the receiver said, or after growing pauses, a few times.
 * What finds no room or never arrives is counted by its reason.
 */
export class TraceExporter<Item> {
  readonly #parts: TraceExporterParts<Item>
  #waiting: Item[] = []
  #batch: Batch<Item> | null = null
  #notBefore: MonoMs = -Infinity
  #sent = 0
  #lastProblem: string | null = null
  readonly #dropped: Record<DropReason, number> = {
    queue_full: 0,
    refused: 0,
    unreachable: 0,
    rejected: 0,
    closed: 0,
  }

  constructor(parts: TraceExporterParts<Item>) {
    this.#parts = parts
  }

  get counts() {
    const waiting = this.#waiting.length + (this.#batch?.items.length ?? 0)
    return { sent: this.#sent, waiting, dropped: { ...this.#dropped } }
  }

  /** Why the last batch was not delivered; null when it was. */
  get lastProblem(): string | null {
    return this.#lastProblem
  }

  add(item: Item): void {
    if (this.#waiting.length < this.#parts.capacity()) this.#waiting.push(item)
    else this.#dropped.queue_full += 1
  }

  /** Sends what waits, as long as it is taken. Not to be called again before it has ended. */
  async flush(signal: AbortSignal): Promise<void> {
    while (!signal.aborted && this.#parts.clock.mono() >= this.#notBefore) {
      const batch = (this.#batch ??= this.#next())
      if (batch === null) return
      batch.attempts += 1
      const delivery = await this.#parts.send(this.#parts.encode(batch.items), signal)
      if (!this.#settle(batch, delivery)) return
    }
  }

  /** What still waits will never be sent. */
  close(): void {
    this.#dropped.closed += this.counts.waiting
    this.#waiting = []
    this.#batch = null
  }

  #next(): Batch<Item> | null {
    if (this.#waiting.length === 0) return null
    return { items: this.#waiting.splice(0, itemsPerBatch), attempts: 0 }
  }

  /** True when the next one may follow. */
  #settle(batch: Batch<Item>, delivery: Delivery): boolean {
    const { items, attempts } = batch
    this.#lastProblem = delivery.kind === 'taken' ? null : delivery.why
    if (delivery.kind === 'taken') {
      this.#sent += items.length
      this.#dropped.rejected += delivery.rejected
    } else if (delivery.kind === 'refused') {
      this.#dropped.refused += items.length
    } else {
      this.#notBefore = this.#parts.clock.mono() + this.#pauseMs(attempts, delivery.retryAfterMs)
      if (attempts < maxAttempts) return false
      this.#dropped.unreachable += items.length
    }
    this.#batch = null
    return delivery.kind !== 'later'
  }

  #pauseMs(attempts: number, retryAfterMs: number | null): number {
    if (retryAfterMs !== null) return Math.min(retryAfterMs, longestRetryAfterMs)
    const longest = Math.min(longestPauseMs, firstPauseMs * 2 ** (attempts - 1))
    return longest * (0.5 + this.#parts.chance() / 2)
  }
}
