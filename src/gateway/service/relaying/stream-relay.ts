import type { AppError } from '#kernel/errors.ts'
import type { Clock, MonoMs } from '#kernel/time.ts'
import type { Outcome, Usage } from '#kernel/words.ts'
import type { Exchange } from '#passage/exchange.ts'
import type { Chunk } from '#platform/egress/contract.ts'
import { statusOf, toAppError } from '#platform/http/errors.ts'
import type { Carried } from '#protocol/conversation/carrier.ts'
import { concat } from '#protocol/json/bytes.ts'
import { unknownUsage } from '#protocol/openai/usage.ts'
import { streamIncomplete, upstreamSaid } from '../../errors.ts'
import type { Waiting } from '../../ports.ts'
import type { Interruptions } from '../asking/interruptions.ts'
import type { Lane } from '../answering/lanes.ts'
import type { Source } from './prelude.ts'
import type { StreamWatchman, Watchable } from './stream-watchman.ts'
import type { Witness } from '../asking/witness.ts'

export interface RelayOptions {
  readonly exchange: Exchange
  readonly lane: Lane
  /** Told of everything but comments; null = nobody wants to know. */
  readonly witness: Witness | null
  readonly clock: Clock
  readonly watchman: StreamWatchman
  readonly interruptions: Interruptions
  readonly stalledReaderMs: number
  /** A silent stream gets a comment this often, so that nothing on the way closes it. */
  readonly heartbeatMs: number
}

/** How long an upstream may take from the last event to the end of its body. */
const lingerMs = 2000

const encoder = new TextEncoder()
const nothing = new Uint8Array()
const blankLine = encoder.encode('\n\n')
const empty: Carried = { bytes: nothing, isDone: false }

/**
 * A stream to a client. States: *waiting* (committed to 200 while a model loads; comments tell the progress) →
 * *relaying* → *over*. It never throws once it has begun: its last event says how it ended. The exchange ends before
 * the last bytes are handed out:
 * 1. the terminal event, or the upstream's end after all has finished → complete; the terminal event is ours to send;
 * 2. the upstream's own error event → incomplete, it is the last event;
 * 3. anything else → incomplete, with an error event of ours;
 * 4. the client hangs up or stops reading → aborted, and the upstream is aborted at once.
 */
export class StreamRelay implements Watchable {
  readonly body: ReadableStream<Uint8Array>
  readonly #options: RelayOptions
  #controller!: ReadableStreamDefaultController<Uint8Array>
  #source: Promise<Source | AppError> | Source
  #relayed: Source | null = null
  #waiting: Waiting | null = null
  #isPulling = false
  #isOver = false
  #lastMoveAt: MonoMs

  constructor(source: Promise<Source | AppError> | Source, options: RelayOptions) {
    this.#options = options
    this.#source = source
    this.#lastMoveAt = options.clock.mono()
    this.body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        this.#controller = controller
        if (source instanceof Promise) this.#comment('waiting for the model')
      },
      pull: () => this.#pull(),
      cancel: () => this.#leave('client_gone'),
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
      this.#leave('reader_stalled')
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
        const chunk = await relayed.reader.next()
        if (this.#isOver || this.#take(chunk, relayed)) return
      }
    } catch (fault) {
      this.#breakOff(toAppError(fault), 'failed')
    } finally {
      this.#isPulling = false
      this.#lastMoveAt = this.#options.clock.mono()
    }
  }

  /** null: there is nothing to go on with. */
  async #begin(): Promise<Source | null> {
    const source = this.#source instanceof Promise ? await this.#source : this.#source
    if (!('reader' in source)) {
      this.#breakOff(source, source.reason === 'client_gone' ? 'aborted' : 'failed')
      return null
    }
    if (this.#isOver) return null
    this.#relayed = source
    const { carrier, held, isDone, last } = source
    if (carrier.hasOutput) this.#options.exchange.firstOutput()
    if (this.#sendOrEnd({ bytes: held, isDone }, source, last)) return null
    return source
  }

  /** True when something was handed out or the stream is over. */
  #take(chunk: Chunk, relayed: Source): boolean {
    const { splitter, name } = relayed
    if (chunk.kind !== 'data') {
      // The last event of a clean end may lack its blank line.
      const rest = chunk.kind === 'end' ? splitter.rest : nothing
      const carried = rest.length === 0 ? empty : this.#carried(concat([rest, blankLine]), relayed)
      return this.#sendOrEnd(carried, relayed, chunk)
    }
    const split = splitter.push(chunk.bytes)
    if (split.kind === 'too_long') {
      this.#breakOff(streamIncomplete(`${name} sent an event that is larger than Hearth takes.`), 'incomplete')
      return true
    }
    return split.bytes.length > 0 && this.#sendOrEnd(this.#carried(split.bytes, relayed), relayed, null)
  }

  /** `last`: the stream has ended with it. True when something was handed out or the stream is over. */
  #sendOrEnd({ bytes, isDone }: Carried, relayed: Source, last: Exclude<Chunk, { kind: 'data' }> | null): boolean {
    const { carrier, name } = relayed
    if (carrier.error !== null) this.#endInError(relayed, bytes)
    else if (isDone || (last?.kind === 'end' && carrier.isTerminal)) this.#complete(relayed, bytes)
    else if (carrier.isMalformed)
      this.#breakOff(streamIncomplete(`${name} sent an event that is not JSON.`), 'incomplete', bytes)
    else if (last !== null) {
      const why = last.kind === 'end' ? `${name} ended its answer without a finish_reason.` : last.message
      this.#breakOff(streamIncomplete(why), 'incomplete', bytes)
    } else if (bytes.length === 0) return false
    else {
      this.#options.witness?.saw(bytes)
      this.#send(bytes)
    }
    return true
  }

  #carried(events: Uint8Array, { carrier }: Source): Carried {
    const hadOutput = carrier.hasOutput
    const carried = carrier.pass(events)
    if (!hadOutput && carrier.hasOutput) this.#options.exchange.firstOutput()
    return carried
  }

  #complete({ reader, carrier }: Source, bytes: Uint8Array): void {
    // First of all: a fault in it can still be told, and the exchange still end.
    const end = carrier.end()
    this.#isOver = true
    this.#options.watchman.leave(this)
    this.#options.exchange.end({ status: 200, outcome: 'complete', usage: usageOf(carrier.usage), reason: null })
    // The rest of the body is read so that the connection can serve again; whoever does not end it is cut.
    const linger = setTimeout(() => reader.cancel(), lingerMs)
    void reader.next().then((chunk) => {
      clearTimeout(linger)
      if (chunk.kind === 'data') reader.cancel()
    })
    this.#close(concat([bytes, encoder.encode(end)]))
  }

  #interrupt(error: AppError): void {
    const outcome = this.#relayed ? 'incomplete' : 'failed'
    this.#breakOff(error, error.kind === 'unauthenticated' ? 'aborted' : outcome)
  }

  /** Ends with an error event of ours, after `before`. */
  #breakOff(error: AppError, outcome: Outcome, before: Uint8Array = nothing): void {
    if (this.#isOver) return
    this.#over(outcome, outcome === 'incomplete' || outcome === 'aborted' ? 200 : statusOf(error), error.reason)
    const { lane } = this.#options
    this.#close(concat([before, encoder.encode(this.#relayed?.carrier.breakOff(error) ?? lane.breakOff(error))]))
  }

  /** The upstream's own error is the last event; in our words where clients would not see it. */
  #endInError({ name, carrier }: Source, bytes: Uint8Array): void {
    if (!carrier.isErrorShown) return this.#breakOff(upstreamSaid(name, carrier.error ?? ''), 'incomplete', bytes)
    this.#over('incomplete', 200, 'upstream_error')
    this.#close(bytes)
  }

  /** Nobody reads any more. */
  #leave(reason: string): void {
    if (this.#isOver) return
    this.#over('aborted', 499, reason)
    this.#options.witness?.leave(this.#options.lane.stream.contentType)
  }

  /** Ends the exchange and aborts the upstream. */
  #over(outcome: Outcome, status: number, reason: string): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#options.watchman.leave(this)
    this.#leaveSource()
    const usage = this.#relayed === null ? unknownUsage : usageOf(this.#relayed.carrier.usage)
    this.#options.exchange.end({ status, outcome, usage, reason })
  }

  /** At once, also where nobody has read yet; where the source is still to come, when it does. */
  #leaveSource(): void {
    const source = this.#source
    if (!(source instanceof Promise)) return source.reader.cancel()
    void source.then((found) => {
      if ('reader' in found) found.reader.cancel()
    })
  }

  #send(bytes: Uint8Array): void {
    this.#lastMoveAt = this.#options.clock.mono()
    this.#controller.enqueue(bytes)
  }

  #close(last: Uint8Array): void {
    const { witness, lane } = this.#options
    try {
      if (last.length > 0) this.#controller.enqueue(last)
      this.#controller.close()
    } catch {
      // The client has gone: there is nobody to tell.
    }
    witness?.saw(last)
    witness?.leave(lane.stream.contentType)
  }

  #comment(text: string): void {
    const comment = this.#options.lane.stream.comment(text)
    if (comment !== '') this.#send(encoder.encode(comment))
  }

  #progress(): string {
    const waiting = this.#waiting
    if (!waiting) return 'still here'
    const eta = waiting.etaSeconds === null ? '' : ` eta_seconds=${Math.ceil(waiting.etaSeconds)}`
    return `loading state=${waiting.state} phase=${waiting.phase} position=${waiting.position}${eta}`
  }
}

/** What the ledger keeps of it: some dialects tell more. */
function usageOf({ promptTokens, completionTokens, cachedTokens }: Usage): Usage {
  return { promptTokens, completionTokens, cachedTokens }
}
