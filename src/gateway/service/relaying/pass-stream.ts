import type { AppError } from '#kernel/errors.ts'
import type { Clock, MonoMs } from '#kernel/time.ts'
import type { Outcome } from '#kernel/words.ts'
import type { Exchange } from '#passage/exchange.ts'
import type { Chunk, ChunkReader } from '#platform/egress/contract.ts'
import { errorBody, toAppError } from '#platform/http/errors.ts'
import { concat } from '#protocol/json/bytes.ts'
import type { PlainStreamWatch } from '#protocol/openai/plain-stream.ts'
import { createEventSplitter } from '#protocol/conversation/sse-split.ts'
import { unknownUsage } from '#protocol/openai/usage.ts'
import { streamIncomplete } from '../../errors.ts'
import type { Interruptions } from '../asking/interruptions.ts'
import type { StreamWatchman, Watchable } from './stream-watchman.ts'

export interface PassStreamOptions {
  readonly exchange: Exchange
  readonly clock: Clock
  readonly watchman: StreamWatchman
  readonly interruptions: Interruptions
  readonly stalledReaderMs: number
  /** How the upstream is called in sentences. */
  readonly name: string
  /** What has been read already. */
  readonly first: Uint8Array | null
  readonly reader: ChunkReader
  /** For events; null: bytes. */
  readonly watch: PlainStreamWatch | null
  /** Of the answer that it belongs to. */
  readonly status: number
}

/** A silent stream of events gets a comment this often, so that nothing on the way closes it. */
const heartbeatMs = 15_000
/** Pictures and sound come whole in one event. */
const maxEventBytes = 32 * 2 ** 20

const encoder = new TextEncoder()
const nothing = new Uint8Array()
const blankLine = encoder.encode('\n\n')

/**
 * An answer that is passed on as it comes, at the pace of whoever reads it. The exchange ends before the last of it is
 * handed out:
 * 1. the upstream's body ends, and for events the last one of its kind has come → complete;
 * 2. the upstream's own error event → incomplete;
 * 3. it breaks off → incomplete: events get an error event of ours as the last one; of bytes the connection is broken,
 *    because nothing else tells a short recording from a whole one;
 * 4. the client hangs up or stops reading → aborted, and the upstream is aborted at once.
 */
export class PassStream implements Watchable {
  readonly body: ReadableStream<Uint8Array>
  readonly #options: PassStreamOptions
  readonly #splitter: ReturnType<typeof createEventSplitter> | null
  #controller!: ReadableStreamDefaultController<Uint8Array>
  #first: Uint8Array | null
  #isPulling = false
  #isOver = false
  #lastMoveAt: MonoMs

  constructor(options: PassStreamOptions) {
    const { exchange, clock, watchman, interruptions, watch, first } = options
    this.#options = options
    this.#first = first
    this.#splitter = watch === null ? null : createEventSplitter(maxEventBytes)
    this.#lastMoveAt = clock.mono()
    this.body = new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          this.#controller = controller
        },
        pull: () => this.#pull(),
        cancel: () => this.#over('aborted', 499, 'client_gone'),
      },
      { highWaterMark: 0 },
    )
    watchman.watch(this)
    const listening = interruptions.listen(exchange.caller, (error) =>
      this.#breakOff(error, error.kind === 'unauthenticated' ? 'aborted' : 'incomplete'),
    )
    exchange.hold(() => listening[Symbol.dispose]())
  }

  look(now: MonoMs): void {
    const quietMs = now - this.#lastMoveAt
    if (!this.#isPulling && quietMs > this.#options.stalledReaderMs) {
      this.#over('aborted', 499, 'reader_stalled')
      this.#controller.error(new Error('the client stopped reading'))
    } else if (this.#isPulling && quietMs >= heartbeatMs && this.#splitter !== null) {
      this.#send(encoder.encode(': still here\n\n'))
    }
  }

  async #pull(): Promise<void> {
    this.#isPulling = true
    this.#lastMoveAt = this.#options.clock.mono()
    try {
      while (!this.#isOver) {
        const chunk = await this.#next()
        if (this.#isOver || this.#take(chunk)) return
      }
    } catch (fault) {
      this.#breakOff(toAppError(fault), 'incomplete')
    } finally {
      this.#isPulling = false
      this.#lastMoveAt = this.#options.clock.mono()
    }
  }

  #next(): Chunk | Promise<Chunk> {
    const first = this.#first
    if (first === null) return this.#options.reader.next()
    this.#first = null
    this.#options.exchange.firstOutput()
    return { kind: 'data', bytes: first }
  }

  /** True when something was handed out or the stream is over. */
  #take(chunk: Chunk): boolean {
    if (chunk.kind !== 'data') return this.#takeEnd(chunk)
    const { name, watch } = this.#options
    if (this.#splitter === null) {
      this.#send(chunk.bytes)
      return true
    }
    const split = this.#splitter.push(chunk.bytes)
    if (split.kind === 'too_long') {
      this.#breakOff(streamIncomplete(`${name} sent an event that is larger than Hearth takes.`), 'incomplete')
      return true
    }
    if (split.bytes.length === 0) return false
    watch?.pass(split.bytes)
    if (watch?.error != null) this.#endInError(split.bytes)
    else this.#send(split.bytes)
    return true
  }

  #takeEnd(chunk: Exclude<Chunk, { kind: 'data' }>): true {
    const { name, watch, status } = this.#options
    // The last event of a clean end may lack its blank line.
    const rest = chunk.kind === 'end' && this.#splitter !== null ? this.#splitter.rest : nothing
    const bytes = rest.length === 0 ? nothing : concat([rest, blankLine])
    if (bytes.length > 0) watch?.pass(bytes)
    if (watch?.error != null) this.#endInError(bytes)
    else if (watch === null ? chunk.kind === 'end' : watch.isTerminal) {
      this.#over('complete', status, null)
      this.#close(bytes)
    } else {
      const why = chunk.kind === 'end' ? `${name} ended its answer without its last event.` : chunk.message
      this.#breakOff(streamIncomplete(why), 'incomplete', bytes)
    }
    return true
  }

  /** The upstream's own error is the last event. */
  #endInError(bytes: Uint8Array): void {
    this.#over('incomplete', this.#options.status, 'upstream_error')
    this.#close(bytes)
  }

  #breakOff(error: AppError, outcome: Outcome, before: Uint8Array = nothing): void {
    if (this.#isOver) return
    this.#over(outcome, this.#options.status, error.reason)
    if (this.#splitter === null) return this.#controller.error(new Error(error.message))
    this.#close(concat([before, encoder.encode(`data: ${JSON.stringify(errorBody(error))}\n\n`)]))
  }

  /** Ends the exchange, and the upstream where it has not ended itself. */
  #over(outcome: Outcome, status: number, reason: string | null): void {
    if (this.#isOver) return
    this.#isOver = true
    const { exchange, watchman, reader, watch } = this.#options
    watchman.leave(this)
    reader.cancel()
    exchange.end({ status, outcome, usage: watch?.usage ?? unknownUsage, reason })
  }

  #send(bytes: Uint8Array): void {
    this.#lastMoveAt = this.#options.clock.mono()
    this.#controller.enqueue(bytes)
  }

  #close(last: Uint8Array): void {
    try {
      if (last.length > 0) this.#controller.enqueue(last)
      this.#controller.close()
    } catch {
      // The client has gone: there is nobody to tell.
    }
  }
}
