import type { RequestId } from '#kernel/ids.ts'
import type { Clock } from '#kernel/time.ts'
import type { Cell } from '#kernel/words.ts'
import type { BodyLog, BodyLogSettings, KeptBodies } from '../contract.ts'
import type { BodyStore, StoredBodies } from '../ports.ts'

/** What waits in memory to be written; what comes while so much waits is lost, and counted. */
const maxWaitingBytes = 16 * 2 ** 20
/** One statement's worth, so that streams go on between two of them. */
const bytesPerWrite = 512 * 1024
const rowsPerWrite = 20

export interface BodyLogParts {
  readonly settings: Cell<BodyLogSettings>
  readonly store: BodyStore
  readonly clock: Clock
}

/**
 * Bodies of requests, for those who asked to keep them. Whoever serves hands them over and goes on; a task writes them.
 * A request is never held up and never fails because of it: what finds no room is lost and counted.
 */
export class RequestBodyLog implements BodyLog {
  readonly #parts: BodyLogParts
  readonly #waiting: StoredBodies[] = []
  #waitingBytes = 0
  #kept = 0
  #lost = 0

  constructor(parts: BodyLogParts) {
    this.#parts = parts
  }

  get maxBytes(): number {
    return this.#parts.settings.value.bodyBytes
  }

  get counts(): { readonly kept: number; readonly lost: number; readonly waitingBytes: number } {
    return { kept: this.#kept, lost: this.#lost, waitingBytes: this.#waitingBytes }
  }

  wants(...[caller, headers]: Parameters<BodyLog['wants']>): boolean {
    const { bodies, mayOptIn, exceptKeys } = this.#parts.settings.value
    if (bodies === 'off' && !mayOptIn) return false
    if (exceptKeys.includes(caller.key)) return false
    const said = headers.get('x-hearth-log')
    if (said === 'off') return false
    return bodies !== 'off' || said === 'on'
  }

  keep(id: RequestId, kept: KeptBodies): void {
    const { bodies, mayOptIn } = this.#parts.settings.value
    const isWanted = bodies === 'all' || (bodies === 'errors' && kept.isFailed) || (mayOptIn && kept.isAsked === true)
    if (!isWanted) return
    const limit = this.maxBytes
    const bytes = cutLength(kept.request, limit) + cutLength(kept.response, limit)
    if (this.#waitingBytes + bytes > maxWaitingBytes) {
      this.#lost += 1
      return
    }
    const isCut = kept.isCut || isLonger(kept.request, limit) || isLonger(kept.response, limit)
    const [request, response] = [textOf(kept.request, limit), textOf(kept.response, limit)]
    this.#waiting.push({ id, at: this.#parts.clock.now(), bytes, isCut, request, response })
    this.#waitingBytes += bytes
  }

  /** Writes what waits; tells how many. What the database refuses is lost: it is not worth holding up what follows. */
  async write(signal: AbortSignal): Promise<number> {
    let written = 0
    while (this.#waiting.length > 0 && !signal.aborted) {
      const batch = this.#takeBatch()
      try {
        await this.#parts.store.add(batch)
      } catch (error) {
        this.#lost += batch.length
        throw error
      }
      written += batch.length
      this.#kept += batch.length
      await new Promise<void>((resolve) => setImmediate(resolve))
    }
    return written
  }

  #takeBatch(): readonly StoredBodies[] {
    const batch: StoredBodies[] = []
    let bytes = 0
    while (this.#waiting.length > 0 && batch.length < rowsPerWrite && bytes < bytesPerWrite) {
      const next = this.#waiting.shift()
      if (next === undefined) break
      batch.push(next)
      bytes += next.bytes
    }
    this.#waitingBytes -= bytes
    return batch
  }
}

const cutLength = (body: Uint8Array | null, limit: number): number => Math.min(body?.length ?? 0, limit)

const isLonger = (body: Uint8Array | null, limit: number): boolean => body !== null && body.length > limit

const decoder = new TextDecoder()

/** As any database takes it: PostgreSQL refuses zero characters. What is no text is shown as far as it is one. */
function textOf(body: Uint8Array | null, limit: number): string | null {
  if (body === null) return null
  return decoder.decode(body.length > limit ? body.subarray(0, limit) : body).replaceAll('\0', '\uFFFD')
}
