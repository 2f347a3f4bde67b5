import { modelName, type ModelName, type RequestId, type UpstreamName } from '#kernel/ids.ts'
import { AppError } from '#kernel/errors.ts'
import type { Clock, EpochMs, MonoMs } from '#kernel/time.ts'
import type { Caller, Outcome, RequestRecord, Usage } from '#kernel/words.ts'
import type { PassagePorts, Reservation } from './ports.ts'

export interface Ended {
  readonly status: number
  readonly outcome: Outcome
  readonly usage: Usage
  readonly reason: string | null
}

export interface ExchangeFacts {
  readonly id: RequestId
  readonly caller: Caller
  readonly endpoint: string
  readonly ports: PassagePorts
  readonly clock: Clock
  /** Faults of the ledger and of givers-back end here: an exchange never throws at its end. */
  readonly onFault: (error: unknown) => void
  readonly onClose: () => void
}

/**
 * The one mutable thing of a request: what it holds and what is known of it. It ends exactly once, synchronously: the
 * row goes into the journal first, then everything is given back in reverse order. Whoever sends the last byte ends it
 * before.
 */
export class Exchange {
  readonly id: RequestId
  readonly caller: Caller
  /** Headers that the answer carries: the request's id and the key's limits. */
  headers: Record<string, string>
  model: ModelName = modelName('')
  isStream = false
  readonly #facts: ExchangeFacts
  readonly #at: EpochMs
  readonly #startedAt: MonoMs
  readonly #holds: ((outcome: Outcome) => void)[] = []
  #reservation: Reservation | null = null
  #upstream: UpstreamName | 'local' | null = null
  #upstreamModel: string | null = null
  #ttftMs: number | null = null
  #hasEnded = false

  constructor(facts: ExchangeFacts) {
    this.#facts = facts
    this.id = facts.id
    this.caller = facts.caller
    this.headers = { 'x-request-id': facts.id }
    this.#at = facts.clock.now()
    this.#startedAt = facts.clock.mono()
  }

  get hasEnded(): boolean {
    return this.#hasEnded
  }

  /** Something to give back when the exchange ends; at once if it has ended already. */
  hold(giveBack: (outcome: Outcome) => void): void {
    if (this.#hasEnded) giveBack('aborted')
    else this.#holds.push(giveBack)
  }

  /** Takes a request and `tokens` from the key's limits, or throws AppError `limited` that names the limit. */
  reserve(tokens: number): void {
    const reserved = this.#facts.ports.purse.reserve({ caller: this.caller, model: this.model, tokens })
    Object.assign(this.headers, reserved.headers)
    if (!reserved.ok) throw limitError(reserved)
    this.#reservation = reserved.hold
  }

  /** Who is asked; the last one asked stands in the row. */
  target(upstream: UpstreamName | 'local', upstreamModel: string): void {
    this.#upstream = upstream
    this.#upstreamModel = upstreamModel
  }

  /** The last one named was not asked: nothing left the house. */
  untarget(): void {
    this.#upstream = null
    this.#upstreamModel = null
  }

  /** The first word, thought or tool call has come. */
  firstOutput(): void {
    this.#ttftMs ??= this.#elapsedMs()
  }

  end(ended: Ended): void {
    if (this.#hasEnded) return
    this.#hasEnded = true
    const { ports, onFault, onClose } = this.#facts
    const record = this.#record(ended)
    try {
      ports.ledger.append(record)
    } catch (error) {
      onFault(error)
    }
    this.#settle(record)
    for (const giveBack of this.#holds.reverse()) {
      try {
        giveBack(ended.outcome)
      } catch (error) {
        onFault(error)
      }
    }
    ports.onEnd(record)
    onClose()
  }

  /** Nothing was asked of any model: the reservation goes back whole. Otherwise what was used is charged. */
  #settle({ usage }: RequestRecord): void {
    if (this.#upstream === null) return this.#reservation?.release()
    const isKnown = usage.promptTokens !== null || usage.completionTokens !== null
    const tokens = isKnown ? (usage.promptTokens ?? 0) + (usage.completionTokens ?? 0) : null
    this.#reservation?.settle({ tokens })
  }

  #record(ended: Ended): RequestRecord {
    const target = this.#upstream === null ? null : { upstream: this.#upstream, model: this.#upstreamModel ?? '' }
    return {
      id: this.id,
      at: this.#at,
      key: this.caller.key,
      endpoint: this.#facts.endpoint,
      model: this.model,
      upstream: this.#upstream,
      upstreamModel: this.#upstreamModel,
      status: ended.status,
      outcome: ended.outcome,
      isStream: this.isStream,
      usage: ended.usage,
      ttftMs: this.#ttftMs,
      durationMs: this.#elapsedMs(),
      costMicros: target === null ? null : this.#facts.ports.prices.costMicros(target, ended.usage),
      reason: ended.reason,
    }
  }

  #elapsedMs(): number {
    return Math.round((this.#facts.clock.mono() - this.#startedAt) * 1000) / 1000
  }
}

const limitSentences: Readonly<Record<string, string>> = {
  requestsPerMinute: 'requests per minute',
  tokensPerMinute: 'tokens per minute',
  concurrency: 'requests at a time',
}

function limitError(refused: {
  readonly limit: string
  readonly amount: number
  readonly retryAfterMs: number
}): AppError {
  const unit = limitSentences[refused.limit] ?? refused.limit
  return new AppError(
    'limited',
    `This key may use ${refused.amount} ${unit}; wait a moment, or ask for a higher limit.`,
    {
      reason: 'rate_limit_exceeded',
      retryAfterMs: refused.retryAfterMs,
    },
  )
}
