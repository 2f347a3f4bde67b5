import { modelName, type ModelName, type RequestId, type UpstreamName } from '#kernel/ids.ts'
import type { Clock, EpochMs, MonoMs } from '#kernel/time.ts'
import type {
  Attempt,
  Caller,
  Charge,
  Outcome,
  Priority,
  PrivacyNote,
  RequestRecord,
  RequestTrace,
  Usage,
} from '#kernel/words.ts'
import { limitError } from './limit-error.ts'
import type { PassagePorts, Reservation, TraceContext } from './ports.ts'

type Mutable<T> = { -readonly [Member in keyof T]: T[Member] }

export interface Ended {
  readonly status: number
  readonly outcome: Outcome
  readonly usage: Usage
  readonly reason: string | null
}

/** What a request may use at most. */
export interface Estimate {
  readonly promptTokens: number
  readonly outputTokens: number
  /** Whoever may answer: the dearest of them is reserved for. */
  readonly targets: readonly { readonly upstream: string; readonly model: string }[]
  /** The names under which the model's own limits count it. */
  readonly models: readonly string[]
}

export interface ExchangeFacts {
  readonly id: RequestId
  readonly caller: Caller
  readonly endpoint: string
  readonly priority: Priority
  readonly tags: readonly string[]
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
  /** What the caller wrote on it; set before it is reserved for. */
  tags: readonly string[]
  #privacy: PrivacyNote | null = null
  readonly #facts: ExchangeFacts
  readonly #at: EpochMs
  readonly #startedAt: MonoMs
  readonly #holds: ((outcome: Outcome) => void)[] = []
  readonly #attempts: Mutable<Attempt>[] = []
  #reservation: Reservation | null = null
  #models: readonly string[] = []
  #upstream: UpstreamName | 'local' | null = null
  #upstreamModel: string | null = null
  #ttftMs: number | null = null
  #hasEnded = false

  constructor(facts: ExchangeFacts) {
    this.#facts = facts
    this.id = facts.id
    this.caller = facts.caller
    this.priority = facts.priority
    this.tags = facts.tags
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

  /**
   * Takes a request and the most that it may use from the limits and budgets of everybody whom it touches, or throws
   * AppError `limited` that names what stands in the way. True: the answer must not be longer than was said here.
   */
  reserve({ promptTokens, outputTokens, targets, models }: Estimate): boolean {
    const { purse, prices } = this.#facts.ports
    let micros = 0
    for (const target of targets) micros = Math.max(micros, prices.boundMicros(target, { promptTokens, outputTokens }))
    const { caller, tags } = this
    const reserved = purse.reserve({ caller, models, tags, tokens: promptTokens + outputTokens, micros })
    Object.assign(this.headers, reserved.headers)
    if (!reserved.ok) throw limitError(reserved)
    this.#reservation = reserved.hold
    this.#models = models
    return reserved.isBounded
  }

  /**
   * What a long session has used until now, with as much again as one answer of it may take. False: somebody's budget
   * has no room for that.
   */
  use(usage: Usage, next: { readonly promptTokens: number; readonly outputTokens: number }): boolean {
    const { prices } = this.#facts.ports
    const target = { upstream: this.#upstream ?? '', model: this.#upstreamModel ?? '' }
    const micros = (prices.costMicros(target, usage) ?? 0) + prices.boundMicros(target, next)
    const tokens = tokensOf(usage) ?? 0
    return this.#reservation?.grow({ tokens: tokens + next.promptTokens + next.outputTokens, micros }) ?? true
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
  #settle({ usage, costMicros, charge }: RequestRecord): void {
    if (charge === undefined) return this.#reservation?.release()
    // An upstream that says nothing of its usage leaves what was reserved, in dollars too where a price is known.
    this.#reservation?.settle({ tokens: tokensOf(usage), micros: costMicros, at: this.#at })
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
    // An answer out of the cache is known to cost nothing.
    const costMicros = target === null ? (this.cache === 'hit' ? 0 : null) : this.#costMicros(target, ended)
    const charge = this.#charge(ended, costMicros)
    const { owner } = this.caller
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
      costMicros,
      reason: ended.reason,
      ...(owner === undefined ? {} : { owner }),
      ...(this.tags.length === 0 ? {} : { tags: this.tags }),
      ...(charge === null ? {} : { charge }),
      trace: {
        route: this.route,
        cache: this.cache,
        attempts: this.#attempts,
        ...(this.#privacy === null ? {} : { privacy: this.#privacy }),
      },
    }
  }

  /** null: nothing is charged. */
  #charge({ usage, outcome }: Ended, costMicros: number | null): Charge | null {
    const hold = this.#reservation
    if (hold === null || !this.#isCharged(outcome)) return null
    return { tokens: tokensOf(usage) ?? hold.tokens, micros: costMicros ?? hold.micros, models: this.#models }
  }

  #costMicros(target: { readonly upstream: string; readonly model: string }, { usage, outcome }: Ended): number | null {
    const cost = believed(this.#facts.ports.prices.costMicros(target, usage))
    return cost === null || this.#isCharged(outcome) ? cost : 0
  }

  /** Since the request came. */
  get elapsedMs(): number {
    return Math.round((this.#facts.clock.mono() - this.#startedAt) * 1000) / 1000
  }
}

/** No request has a million million tokens, nor costs a million dollars: an upstream that says so is not believed. */
const mostBelieved = 1e12

/** null: the upstream said nothing of them, or nothing that can be. */
function tokensOf({ promptTokens, completionTokens }: Usage): number | null {
  if (promptTokens === null && completionTokens === null) return null
  return believed((promptTokens ?? 0) + (completionTokens ?? 0))
}

const believed = (amount: number | null): number | null =>
  amount !== null && amount >= 0 && amount <= mostBelieved ? amount : null
