import { modelName, type ModelName, type RequestId, type UpstreamName } from '#kernel/ids.ts'
import { AppError } from '#kernel/errors.ts'
import type { Clock, EpochMs, MonoMs } from '#kernel/time.ts'
import type {
  Attempt,
  Caller,
  Outcome,
  Priority,
  PrivacyNote,
  RequestRecord,
  RequestTrace,
  Usage,
} from '#kernel/words.ts'
import type { PassagePorts, Reservation, TraceContext } from './ports.ts'

type Mutable<T> = { -readonly [Member in keyof T]: T[Member] }

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
  readonly priority: Priority
  /** null: it is not traced. */
  readonly context: TraceContext | null
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
  readonly priority: Priority
  /** Headers that the answer carries: the request's id and the key's limits. */
  headers: Record<string, string>
  model: ModelName = modelName('')
  isStream = false
  /** Which target was taken and why; null = nobody was asked. */
  route: string | null = null
  /** Whether the answer came out of the cache; null = the cache is off for this request. */
  cache: RequestTrace['cache'] = null
  #privacy: PrivacyNote | null = null
  readonly #facts: ExchangeFacts
  readonly #at: EpochMs
  readonly #startedAt: MonoMs
  readonly #holds: ((outcome: Outcome) => void)[] = []
  readonly #attempts: Mutable<Attempt>[] = []
  #reservation: Reservation | null = null
  #upstream: UpstreamName | 'local' | null = null
  #upstreamModel: string | null = null
  #ttftMs: number | null = null
  #hasEnded = false

  constructor(facts: ExchangeFacts) {
    this.#facts = facts
    this.id = facts.id
    this.caller = facts.caller
    this.priority = facts.priority
    this.headers = { 'x-request-id': facts.id }
    this.#at = facts.clock.now()
    this.#startedAt = facts.clock.mono()
  }

  get hasEnded(): boolean {
    return this.#hasEnded
  }

  /** A word, thought or tool call has been given out. */
  get hasOutput(): boolean {
    return this.#ttftMs !== null
  }

  /** `traceparent` for the target that is asked now; null = this request is not traced. Clouds are not told. */
  get traceparent(): string | null {
    return this.#facts.context?.traceparent(this.#attempts.length) ?? null
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

  /** A target is about to be tried: a place is looked for. */
  attempt(upstream: UpstreamName | 'local', model: string): void {
    this.#attempts.push({
      upstream,
      model,
      startedMs: this.elapsedMs,
      placedMs: null,
      headMs: null,
      status: null,
      failure: null,
      endedMs: null,
    })
  }

  /** It has a place and is asked; the last one asked stands in the row. */
  target(): void {
    const attempt = this.#attempts.at(-1)
    if (attempt === undefined) return
    attempt.placedMs = this.elapsedMs
    this.#upstream = attempt.upstream
    this.#upstreamModel = attempt.model
  }

  /** One that was asked before the last one answers after all. */
  answeredBy(upstream: UpstreamName | 'local', model: string): void {
    this.#upstream = upstream
    this.#upstreamModel = model
  }

  /** It leaves the house, with this hidden: told to the caller, and kept in the row. */
  hidden(note: PrivacyNote): void {
    this.#privacy = note
    const counts = Object.entries(note.counts).map(([type, count]) => `${type}:${count}`)
    this.headers['x-hearth-privacy'] =
      `policy=${note.policy}; names=${note.names}; hidden=${counts.length === 0 ? 'none' : counts.join(',')}`
  }

  /** The last one named was not asked: nothing left the house. */
  untarget(): void {
    this.#upstream = null
    this.#upstreamModel = null
  }

  /** The head of its answer came. */
  head(status: number): void {
    const attempt = this.#attempts.at(-1)
    if (attempt === undefined) return
    attempt.headMs = this.elapsedMs
    attempt.status = status
  }

  /** The attempt came to nothing. */
  missed(failure: string): void {
    const attempt = this.#attempts.at(-1)
    if (attempt === undefined) return
    attempt.failure = failure
    attempt.endedMs = this.elapsedMs
  }

  /** The first word, thought or tool call has come. */
  firstOutput(): void {
    this.#ttftMs ??= this.elapsedMs
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
    ports.onEnd(record, this.#facts.context)
    onClose()
  }

  /** What was used is charged; where nothing came of it, the reservation goes back whole. */
  #settle({ usage, outcome }: RequestRecord): void {
    if (!this.#isCharged(outcome)) return this.#reservation?.release()
    const isKnown = usage.promptTokens !== null || usage.completionTokens !== null
    const tokens = isKnown ? (usage.promptTokens ?? 0) + (usage.completionTokens ?? 0) : null
    this.#reservation?.settle({ tokens })
  }

  /**
   * Nobody pays for an answer without a word, or for none. Who hangs up does: a model worked for them, and leaving
   * before the first word must not be a way to use it for nothing.
   */
  #isCharged(outcome: Outcome): boolean {
    return this.#upstream !== null && (this.#ttftMs !== null || outcome === 'aborted')
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
      durationMs: this.elapsedMs,
      // An answer out of the cache is known to cost nothing.
      costMicros: target === null ? (this.cache === 'hit' ? 0 : null) : this.#costMicros(target, ended),
      reason: ended.reason,
      trace: {
        route: this.route,
        cache: this.cache,
        attempts: this.#attempts,
        ...(this.#privacy === null ? {} : { privacy: this.#privacy }),
      },
    }
  }

  #costMicros(target: { readonly upstream: string; readonly model: string }, { usage, outcome }: Ended): number | null {
    const cost = this.#facts.ports.prices.costMicros(target, usage)
    return cost === null || this.#isCharged(outcome) ? cost : 0
  }

  /** Since the request came. */
  get elapsedMs(): number {
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
