import type { FailureClass } from '#kernel/routing.ts'
import type { Clock, MonoMs } from '#kernel/time.ts'
import type { Target } from '../../core/choose.ts'
import type { EngineLoad, Health } from '../../core/health.ts'
import type { Failure } from '../../core/itinerary.ts'

/** What an attempt tells of its target. `aborted`: nothing, because the caller left or the fault was the request's. */
export type AttemptResult = 'ok' | 'failed' | 'aborted'

export type BreakerState = 'closed' | 'open' | 'half_open'

export interface BreakerSettings {
  /** Failures in a row that open it. */
  readonly failures: number
  /** How long it stays open the first time; doubled with every probe that fails, up to the longest. */
  readonly openForMs: number
  readonly maxOpenForMs: number
}

export interface VitalOptions {
  readonly clock: Clock
  readonly breaker: () => BreakerSettings
  readonly isProbed: boolean
}

/** The average forgets a peak at this pace: after three times as long a twentieth of it is left. */
const decayMs = 10_000
/** A `Retry-After` keeps others away for at most this long: whoever says an hour may mean one key of many. */
const maxBusyMs = 60_000
/** Metrics that are older are no news. */
const staleLoadMs = 10_000
/** So long a probe has precedence over requests when an open breaker's time has passed. */
const probeFirstMs = 3000
/** A busy answer without `Retry-After`. */
const shortlyMs = 1000

/**
 * How one place is: breaker, requests in flight, time to the first byte.
 *
 * Breaker: closed → (so many failures in a row) → open → (its time has passed) → half open: one request tries it, all
 * others keep away → an answer closes it, a failure opens it for twice as long. Answers that say `busy` (429, 503)
 * neither open nor close it: busy is not down. An answer that began closes it, so that nobody waits for the end of a
 * long stream; until that has ended well one more failure opens it again.
 */
export class Vital implements Health {
  readonly target: Target
  /** Probes try it when its breaker is half open; requests only when none did. */
  readonly isProbed: boolean
  inFlight = 0
  failures = 0
  lastFailure: FailureClass | null = null
  readonly #clock: Clock
  readonly #breaker: () => BreakerSettings
  #openUntil: MonoMs | null = null
  #openings = 0
  #isProbing = false
  #busyUntil: MonoMs = Number.NEGATIVE_INFINITY
  #peakMs: number | null = null
  #measuredAt: MonoMs = 0
  #load: EngineLoad | null = null
  #loadAt: MonoMs = 0

  constructor(target: Target, { clock, breaker, isProbed }: VitalOptions) {
    this.target = target
    this.isProbed = isProbed
    this.#clock = clock
    this.#breaker = breaker
  }

  get condition(): Health['condition'] {
    if (this.#openUntil === null) return this.#goodOrBusy()
    if (this.#isProbing || this.#clock.mono() < this.#openUntil + this.#graceMs) return 'down'
    return this.#goodOrBusy()
  }

  get retryInMs(): number {
    if (this.#openUntil === null && this.#busyUntil === Number.NEGATIVE_INFINITY) return 0
    const openUntil = this.#openUntil === null ? Number.NEGATIVE_INFINITY : this.#openUntil + this.#graceMs
    return Math.max(0, Math.max(openUntil, this.#busyUntil) - this.#clock.mono())
  }

  get breaker(): BreakerState {
    if (this.#openUntil === null) return 'closed'
    return this.#isProbing || this.#clock.mono() >= this.#openUntil ? 'half_open' : 'open'
  }

  /** Half open, and nobody tries it yet: whoever begins now is the one who does. */
  get wantsProbe(): boolean {
    return this.breaker === 'half_open' && !this.#isProbing
  }

  /** While it works its peak stands; idle, it is forgotten, or nobody would ever find out that it is quick again. */
  get firstByteMs(): number | null {
    if (this.#peakMs === null || this.inFlight > 0) return this.#peakMs
    const age = this.#clock.mono() - this.#measuredAt
    return age > 10 * decayMs ? null : this.#peakMs * Math.exp(-age / decayMs)
  }

  /** As it was when it was measured. */
  get averageMs(): number | null {
    return this.#peakMs
  }

  get engine(): EngineLoad | null {
    return this.#load !== null && this.#clock.mono() - this.#loadAt <= staleLoadMs ? this.#load : null
  }

  began(): void {
    if (this.wantsProbe) this.#isProbing = true
    this.inFlight++
  }

  answered(firstByteMs: number): void {
    const now = this.#clock.mono()
    const before = this.#peakMs
    const share = Math.exp(-(now - this.#measuredAt) / decayMs)
    this.#peakMs = before === null || firstByteMs > before ? firstByteMs : before * share + firstByteMs * (1 - share)
    this.#measuredAt = now
    this.#busyUntil = Number.NEGATIVE_INFINITY
    if (this.#openUntil === null) return
    this.#close()
    this.failures = Math.max(0, this.#breaker().failures - 1)
  }

  ended(result: AttemptResult, failure: Failure | null): void {
    this.inFlight = Math.max(0, this.inFlight - 1)
    if (failure) this.#note(failure)
    switch (result) {
      case 'ok':
        this.#close()
        this.failures = 0
        this.#openings = 0
        return
      case 'failed':
        this.failures++
        this.lastFailure = failure?.kind ?? 'broken'
        if (this.#isProbing || (this.#openUntil === null && this.failures >= this.#breaker().failures)) this.#open()
        return
      case 'aborted':
        this.#isProbing = false
    }
  }

  hasLoad(load: Omit<EngineLoad, 'inFlightThen'>, at: MonoMs): void {
    this.#load = { ...load, inFlightThen: this.inFlight }
    this.#loadAt = at
  }

  get #graceMs(): number {
    return this.isProbed ? probeFirstMs : 0
  }

  #goodOrBusy(): 'good' | 'busy' {
    return this.#busyUntil !== Number.NEGATIVE_INFINITY && this.#clock.mono() < this.#busyUntil ? 'busy' : 'good'
  }

  #note({ kind, retryAfterMs }: Failure): void {
    if (kind !== 'busy' && kind !== 'rate_limited') return
    this.lastFailure = kind
    this.#busyUntil = this.#clock.mono() + Math.min(maxBusyMs, retryAfterMs ?? shortlyMs)
  }

  #open(): void {
    const { openForMs, maxOpenForMs } = this.#breaker()
    this.#isProbing = false
    this.#openUntil = this.#clock.mono() + Math.min(maxOpenForMs, openForMs * 2 ** Math.min(30, this.#openings))
    this.#openings++
  }

  #close(): void {
    this.#isProbing = false
    this.#openUntil = null
  }
}
