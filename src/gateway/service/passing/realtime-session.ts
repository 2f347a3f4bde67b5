import type { AppError } from '#kernel/errors.ts'
import type { Clock, MonoMs } from '#kernel/time.ts'
import type { Outcome, Usage } from '#kernel/words.ts'
import type { Exchange } from '#passage/exchange.ts'
import { newRequestId } from '#platform/crypto/ids.ts'
import type { OutSocket, OutSocketListener } from '#platform/egress/contract.ts'
import type { ClientSocket, ClientSocketListener } from '#platform/http/socket.ts'
import {
  addUsage,
  isRealtimeOutput,
  judgeClientEvent,
  readRealtimeUsage,
  realtimeError,
} from '#protocol/openai/realtime.ts'
import type { ModelRule } from '#protocol/openai/realtime.ts'
import { unknownUsage } from '#protocol/openai/usage.ts'
import { usualOutputTokens } from '../../core/bounds.ts'
import { budgetSpent, modelNotAllowed, sessionOver, upstreamFailed } from '../../errors.ts'
import type { Interruptions } from '../asking/interruptions.ts'
import type { StreamWatchman, Watchable } from '../relaying/stream-watchman.ts'

export interface SessionOptions {
  readonly exchange: Exchange
  readonly clock: Clock
  readonly watchman: StreamWatchman
  readonly interruptions: Interruptions
  /** How the upstream is called in sentences. */
  readonly name: string
  readonly rule: ModelRule
  /** Neither side says anything for so long. */
  readonly idleMs: number
  readonly totalAt: MonoMs
  readonly stalledReaderMs: number
}

/** What one answer of a session may use: it is reserved before the session, and again after each answer. */
export const oneTurn = { promptTokens: usualOutputTokens, outputTokens: usualOutputTokens } as const

/** Codes of our own, beside the standard ones; in the range that is left to programs. */
const timeCodes = { session_idle: 4008, session_too_long: 4008 }
const closeCodes: Readonly<Record<string, number>> = { key_revoked: 4001, insufficient_quota: 4029, ...timeCodes }
const goingAway = 1001
const internalError = 1011
/** How long the other side has to answer a close. */
const lingerMs = 2000
/** A reason is at most 123 bytes long. */
const maxReasonLength = 120

const decoder = new TextDecoder()

/**
 * A WebSocket between a client and an upstream. States: *waiting* (the upstream is there, its first words are kept) →
 * *open* → *over*. Whoever reads slowly slows the other one down. It ends, and its row is written, when
 * 1. one side closes → complete (incomplete where an upstream closes with an error), the code goes to the other one;
 * 2. the upstream breaks off → incomplete, the client gets an error event and 1011;
 * 3. the client breaks off or takes nothing any more → aborted, and the upstream is closed;
 * 4. the key is revoked (4001), a budget is spent (4029), nothing is said (4008), it lasts too long (4008), or the
 * house
 *    closes (1001): an error event comes first.
 */
export class RealtimeSession implements Watchable {
  readonly #options: SessionOptions
  readonly #early: (string | Uint8Array)[] = []
  #upstream: OutSocket | null = null
  #client: ClientSocket | null = null
  #isOver = false
  #hasOutput = false
  #usage: Usage = unknownUsage
  #lastMoveAt: MonoMs
  /** Since when the client takes nothing; null: it does. */
  #clientFullSince: MonoMs | null = null
  #farewell = { code: internalError, reason: '' }
  #linger: ReturnType<typeof setTimeout> | null = null

  constructor(options: SessionOptions) {
    this.#options = options
    this.#lastMoveAt = options.clock.mono()
  }

  readonly forUpstream: OutSocketListener = {
    message: (data) => this.#fromUpstream(data),
    drained: () => this.#client?.resume(),
    closed: (code, reason) => this.#upstreamClosed(code, reason),
  }

  readonly forClient: ClientSocketListener = {
    opened: (socket) => this.#opened(socket),
    message: (data) => this.#fromClient(data),
    drained: () => {
      this.#clientFullSince = null
      this.#upstream?.resume()
    },
    closed: (code, reason) => this.#clientClosed(code, reason),
  }

  /** The upstream is there; it is held back until the client is. */
  attach(upstream: OutSocket): void {
    this.#upstream = upstream
    upstream.pause()
  }

  /** The client has gone before it was there. */
  abandon(): void {
    this.#end('aborted', 'client_gone')
    this.#upstream?.cut()
  }

  look(now: MonoMs): void {
    const { idleMs, totalAt, stalledReaderMs } = this.#options
    if (this.#clientFullSince !== null && now - this.#clientFullSince > stalledReaderMs) {
      this.#end('aborted', 'reader_stalled')
      this.#client?.cut()
      this.#closeUpstream(1000, '')
    } else if (now > totalAt) this.#breakOff(sessionOver('session_too_long'), 'incomplete')
    else if (now - this.#lastMoveAt > idleMs) this.#breakOff(sessionOver('session_idle'), 'incomplete')
  }

  #opened(client: ClientSocket): void {
    this.#client = client
    if (this.#isOver) return client.close(this.#farewell.code, this.#farewell.reason)
    const { exchange, watchman, interruptions } = this.#options
    watchman.watch(this)
    exchange.hold(() => watchman.leave(this))
    const listening = interruptions.listen(exchange.caller, (error) =>
      this.#breakOff(error, error.kind === 'unauthenticated' ? 'aborted' : 'incomplete'),
    )
    exchange.hold(() => listening[Symbol.dispose]())
    for (const data of this.#early.splice(0)) this.#fromUpstream(data)
    if (this.#clientFullSince === null) this.#upstream?.resume()
  }

  #fromUpstream(data: string | Uint8Array): void {
    if (this.#isOver) return
    if (this.#client === null) return void this.#early.push(data)
    const { clock, exchange } = this.#options
    this.#lastMoveAt = clock.mono()
    if (typeof data === 'string') {
      const usage = readRealtimeUsage(data)
      if (usage !== null) this.#used(usage)
      if (!this.#hasOutput && isRealtimeOutput(data)) {
        this.#hasOutput = true
        exchange.firstOutput()
      }
    }
    if (this.#client.send(data) !== 'full') return
    this.#clientFullSince ??= this.#lastMoveAt
    this.#upstream?.pause()
  }

  /**
   * What one answer used. The next one is reserved for at once: without room for it the session ends after this one.
   */
  #used(usage: Usage): void {
    this.#usage = addUsage(this.#usage, usage)
    if (this.#options.exchange.use(this.#usage, oneTurn)) return
    queueMicrotask(() => this.#breakOff(budgetSpent(), 'incomplete'))
  }

  #fromClient(data: string | Uint8Array): void {
    if (this.#isOver) return
    this.#lastMoveAt = this.#options.clock.mono()
    // An event may come as bytes too.
    const text = typeof data === 'string' ? data : data[0] === 0x7b ? decoder.decode(data) : null
    const judged = text === null ? passes : judgeClientEvent(text, this.#options.rule)
    if (judged.kind === 'refused') {
      const { reason: code, message } = modelNotAllowed(judged.model)
      this.#client?.send(realtimeError({ code, message, id: newRequestId() }))
      return
    }
    const sent = this.#upstream?.send(judged.kind === 'changed' ? judged.text : data)
    if (sent === 'full') this.#client?.pause()
  }

  #upstreamClosed(code: number, reason: string): void {
    this.#settleLinger()
    if (this.#isOver) return
    if (code === 1006) {
      const { name } = this.#options
      this.#breakOff(upstreamFailed({ reason: 'reset', message: `${name} broke the connection off.` }), 'incomplete')
      return
    }
    const isGood = code === 1000 || code === 1005
    this.#end(isGood ? 'complete' : 'incomplete', isGood ? null : 'upstream_closed')
    this.#leave(code === 1005 ? 1000 : sendable(code), shortened(reason))
  }

  #clientClosed(code: number, reason: string): void {
    if (code === 1006) this.#end('aborted', 'client_gone')
    else this.#end('complete', null)
    // Others than these are not for programs to send.
    const isPlain = code === 1000 || (code >= 3000 && code <= 4999)
    this.#closeUpstream(isPlain ? code : 1000, isPlain ? shortened(reason) : '')
  }

  #breakOff(error: AppError, outcome: Outcome): void {
    if (this.#isOver) return
    const { reason: code, message } = error
    this.#end(outcome, code)
    this.#client?.send(realtimeError({ code, message, id: newRequestId() }))
    const standard = code === 'shutting_down' ? goingAway : internalError
    this.#leave(closeCodes[code] ?? standard, code)
    this.#closeUpstream(1000, '')
  }

  /** The client may not be there yet. */
  #leave(code: number, reason: string): void {
    this.#farewell = { code, reason }
    this.#client?.close(code, reason)
  }

  #closeUpstream(code: number, reason: string): void {
    const upstream = this.#upstream
    if (upstream === null) return
    upstream.close(code, reason)
    this.#linger ??= setTimeout(() => upstream.cut(), lingerMs)
  }

  #settleLinger(): void {
    this.#upstream = null
    if (this.#linger !== null) clearTimeout(this.#linger)
    this.#linger = null
  }

  #end(outcome: Outcome, reason: string | null): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#options.exchange.end({ status: 101, outcome, usage: this.#usage, reason })
  }
}

const passes = { kind: 'pass' } as const

/** Some codes are never sent: they say that none was. */
const sendable = (code: number): number =>
  (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || code >= 3000 ? code : internalError

const shortened = (reason: string): string => reason.slice(0, maxReasonLength).replace(/[^\x20-\x7e]/g, '?')
