import type { AppError } from '#kernel/errors.ts'
import type { Clock, MonoMs } from '#kernel/time.ts'
import type { Outcome } from '#kernel/words.ts'
import type { Exchange } from '#passage/exchange.ts'
import type { Chunk, ChunkReader } from '#platform/egress/contract.ts'
import { errorBody, statusOf, toAppError } from '#platform/http/errors.ts'
import { createEventSplitter } from '#protocol/openai/sse-split.ts'
import { StreamWatch, type Watched } from '#protocol/openai/stream-watch.ts'
import { concat } from '#protocol/openai/json-bytes.ts'
import { unknownUsage } from '#protocol/openai/usage.ts'
import { streamIncomplete, upstreamSaid } from '../errors.ts'
import type { Waiting } from '../ports.ts'
import type { Interruptions } from './interruptions.ts'
import type { StreamWatchman, Watchable } from './stream-watchman.ts'

export interface Source {
  readonly reader: ChunkReader
  readonly name: string
  readonly choices: number
  readonly stripUsage: boolean
  readonly splitThink: boolean
}

interface Relayed {
  readonly source: Source
  readonly watch: StreamWatch
}

export interface RelayOptions {
  readonly exchange: Exchange
  readonly clock: Clock
  readonly watchman: StreamWatchman
  readonly interruptions: Interruptions
  readonly stalledReaderMs: number
  /** A silent stream gets a comment this often, so that nothing on the way closes it. */
  readonly heartbeatMs: number
  readonly maxEventBytes: number
}

/** How long an upstream may take from the last event to the end of its body. */
const lingerMs = 2000

const encoder = new TextEncoder()
const nothing = new Uint8Array()
const blankLine = encoder.encode('\n\n')
const doneEvent = encoder.encode('data: [DONE]\n\n')

/**
 * A stream to a client. States: *waiting* (committed to 200 while a model loads; comments tell the progress) →
 * *relaying* → *over*. It never throws once it has begun: its last event says how it ended. The exchange ends before
 * the last bytes are handed out:
 * 1. `[DONE]`, or the upstream's end after every choice has finished → complete, and the `[DONE]` is ours to send;
 * 2. the upstream's own error event → incomplete, it is the last event;
 * 3. anything else → incomplete, with an error event of ours;
 * 4. the client hangs up or stops reading → aborted, and the upstream is aborted at once.
 */
export class StreamRelay implements Watchable {
  readonly body: ReadableStream<Uint8Array>
  readonly #options: RelayOptions
  readonly #splitter: ReturnType<typeof createEventSplitter>
  #controller!: ReadableStreamDefaultController<Uint8Array>
  #source: Promise<Source | AppError> | Source
  #relayed: Relayed | null = null
  #waiting: Waiting | null = null
  #isPulling = false
  #isOver = false
  #lastMoveAt: MonoMs

  constructor(source: Promise<Source | AppError> | Source, options: RelayOptions) {
    this.#options = options
    this.#source = source
    this.#splitter = createEventSplitter(options.maxEventBytes)
    this.#lastMoveAt = options.clock.mono()
    this.body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        this.#controller = controller
        if (source instanceof Promise) this.#comment('waiting for the model')
      },
      pull: () => this.#pull(),
      cancel: () => this.#over('aborted', 499, 'client_gone'),
    })
    options.watchman.watch(this)
    const listening = options.interruptions.listen(options.exchange.caller, (error) => this.#interrupt(error))
    options.exchange.hold(() => listening[Symbol.dispose]())
  }

  /** What the stream waits for; told in comments. */
  tell(waiting: Waiting | null): void {
    this.#waiting = waiting
  }

  look(now: MonoMs): void {
    const quietMs = now - this.#lastMoveAt
    if (!this.#isPulling && quietMs > this.#options.stalledReaderMs) {
      this.#over('aborted', 499, 'reader_stalled')
      this.#controller.error(new Error('the client stopped reading'))
      return
    }
    const isWaiting = this.#relayed === null
    if (this.#isPulling && quietMs >= (isWaiting ? 2000 : this.#options.heartbeatMs))
      this.#comment(isWaiting ? this.#progress() : 'still here')
  }

  async #pull(): Promise<void> {
    this.#isPulling = true
    this.#lastMoveAt = this.#options.clock.mono()
    try {
      const relayed = this.#relayed ?? (await this.#begin())
      while (!this.#isOver && relayed) {
        const chunk = await relayed.source.reader.next()
        if (this.#isOver || this.#take(chunk, relayed)) return
      }
    } catch (fault) {
      this.#breakOff(toAppError(fault), 'failed')
    } finally {
      this.#isPulling = false
      this.#lastMoveAt = this.#options.clock.mono()
    }
  }

  async #begin(): Promise<Relayed | null> {
    const source = this.#source instanceof Promise ? await this.#source : this.#source
    if (!('reader' in source)) {
      this.#breakOff(source, source.reason === 'client_gone' ? 'aborted' : 'failed')
      return null
    }
    if (this.#isOver) {
      source.reader.cancel()
      return null
    }
    this.#relayed = { source, watch: new StreamWatch(source) }
    return this.#relayed
  }

  /** True when something was handed out or the stream is over. */
  #take(chunk: Chunk, relayed: Relayed): boolean {
    const { source, watch } = relayed
    if (chunk.kind !== 'data') return this.#takeEnd(chunk, relayed)
    const split = this.#splitter.push(chunk.bytes)
    if (split.kind === 'too_long') {
      this.#breakOff(streamIncomplete(`${source.name} sent an event that is larger than Hearth takes.`), 'incomplete')
      return true
    }
    if (split.bytes.length === 0) return false
    const { bytes, isDone } = this.#watched(split.bytes, watch)
    if (watch.error !== null) this.#endInError(relayed, bytes)
    else if (isDone) this.#complete(relayed, bytes)
    else if (watch.isMalformed)
      this.#breakOff(streamIncomplete(`${source.name} sent an event that is not JSON.`), 'incomplete', bytes)
    else if (bytes.length === 0) return false
    else this.#send(bytes)
    return true
  }

  #takeEnd(chunk: Exclude<Chunk, { kind: 'data' }>, relayed: Relayed): true {
    const { source, watch } = relayed
    // The last event of a clean end may lack its blank line.
    const rest = chunk.kind === 'end' ? this.#splitter.rest : nothing
    const { bytes } = rest.length === 0 ? { bytes: nothing } : this.#watched(concat([rest, blankLine]), watch)
    if (watch.error !== null) this.#endInError(relayed, bytes)
    else if (watch.isTerminal) this.#complete(relayed, bytes)
    else {
      const why = chunk.kind === 'end' ? `${source.name} ended its answer without a finish_reason.` : chunk.message
      this.#breakOff(streamIncomplete(why), 'incomplete', bytes)
    }
    return true
  }

  #watched(events: Uint8Array, watch: StreamWatch): Watched {
    const hadOutput = watch.hasOutput
    const watched = watch.pass(events)
    if (!hadOutput && watch.hasOutput) this.#options.exchange.firstOutput()
    return watched
  }

  #complete({ source: { reader }, watch }: Relayed, bytes: Uint8Array): void {
    this.#isOver = true
    this.#options.watchman.leave(this)
    this.#options.exchange.end({ status: 200, outcome: 'complete', usage: watch.usage, reason: null })
    this.#close(concat([bytes, doneEvent]))
    // The rest of the body is read so that the connection can serve again; whoever does not end it is cut.
    const linger = setTimeout(() => reader.cancel(), lingerMs)
    void reader.next().then((chunk) => {
      clearTimeout(linger)
      if (chunk.kind === 'data') reader.cancel()
    })
  }

  #interrupt(error: AppError): void {
    const outcome = this.#relayed ? 'incomplete' : 'failed'
    this.#breakOff(error, error.kind === 'unauthenticated' ? 'aborted' : outcome)
  }

  /** Ends with an error event of ours, after `before`. */
  #breakOff(error: AppError, outcome: Outcome, before: Uint8Array = nothing): void {
    if (this.#isOver) return
    this.#over(outcome, outcome === 'incomplete' || outcome === 'aborted' ? 200 : statusOf(error), error.reason)
    this.#close(concat([before, encoder.encode(`data: ${JSON.stringify(errorBody(error))}\n\n`)]))
  }

  /** The upstream's own error is the last event; in our words where clients would not see it. */
  #endInError({ source, watch }: Relayed, bytes: Uint8Array): void {
    if (!watch.isErrorShown) return this.#breakOff(upstreamSaid(source.name, watch.error ?? ''), 'incomplete', bytes)
    this.#over('incomplete', 200, 'upstream_error')
    this.#close(bytes)
  }

  /** Ends the exchange and aborts the upstream. */
  #over(outcome: Outcome, status: number, reason: string): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#options.watchman.leave(this)
    this.#relayed?.source.reader.cancel()
    this.#options.exchange.end({ status, outcome, usage: this.#relayed?.watch.usage ?? unknownUsage, reason })
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

  #comment(text: string): void {
    this.#send(encoder.encode(`: ${text}\n\n`))
  }

  #progress(): string {
    const waiting = this.#waiting
    if (!waiting) return 'still here'
    const eta = waiting.etaSeconds === null ? '' : ` eta_seconds=${Math.ceil(waiting.etaSeconds)}`
    return `loading state=${waiting.state} phase=${waiting.phase} position=${waiting.position}${eta}`
  }
}
