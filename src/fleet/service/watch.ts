import type { Clock, MonoMs } from '#kernel/time.ts'
import { isQuiet, type LivenessPolicy, suspicionAfter, unsuspected } from '../core/liveness.ts'
import type { Recipe } from '../core/recipe.ts'
import type { Engine, EngineProbe, Health, Proved } from '../ports.ts'
import { askForToken, pause, waitForHealth } from './proof.ts'
import type { Released, Slots } from './slots.ts'

export interface WatchOptions {
  readonly engine: Engine
  /** The one that the engine was started with. */
  readonly recipe: Recipe
  readonly slots: Slots
  readonly probe: EngineProbe
  readonly clock: Clock
  readonly policy: LivenessPolicy
  /** How long it may say nothing to any of its requests before it is asked. */
  readonly silenceMs: () => number
  /** The place that a question had is free again. */
  readonly onFree: () => void
  /** It gave no sign of life though it was asked for one. */
  readonly onSilent: (silence: Silence) => void
  /** Takes work that the end of the fleet waits for. */
  readonly track: (work: Promise<void>) => void
}

export interface Silence {
  readonly silentMs: number
  /** The last sign of life. */
  readonly answeredAt: MonoMs
  /** What the last answer complained of; empty when there was none. */
  readonly reason: string
}

/**
 * Watches one start of an engine for silence: its end is told by its process, a hang by nobody. What requests tell is
 * weighed in `core/liveness.ts`; a question to a suspected engine is a request like any other, so it takes one of its
 * places, before those who wait: they would only hang beside it.
 */
export class EngineWatch {
  readonly #options: WatchOptions
  /** Aborts with the engine's end: nothing more is asked of it then. */
  readonly #ended = new AbortController()
  #suspicion = unsuspected
  #answeredAt: MonoMs
  #calmUntil: MonoMs = -Infinity
  #isAsking = false
  /** When bytes of any answer came, as far as somebody looked. */
  #heardAt: MonoMs = -Infinity
  /** Tokens it gave when it was asked for one because it was quiet, and no byte for its requests since. */
  #quietSigns = 0

  constructor(options: WatchOptions) {
    this.#options = options
    // It has just proved that it works.
    this.#answeredAt = options.clock.mono()
    void options.engine.exited.then(() => this.#ended.abort())
  }

  /** A request has ended. Called for every request: no work unless the engine is suspected. */
  saw(released: Released): void {
    const { clock, policy, slots } = this.#options
    this.#suspicion = suspicionAfter(this.#suspicion, released, policy)
    if (released.result === 'ok') {
      this.#answeredAt = clock.mono()
      this.#quietSigns = 0
    } else if (released.result === 'failed') slots.hasSpoken = false
    if (this.#suspicion.isSuspected && !this.#isAsking) this.#options.track(this.#investigate())
  }

  /**
   * Called every now and then: callers who wait patiently tell nothing, so silence itself raises the suspicion. An
   * engine that gives its token when it is asked is only slow: it is asked again after twice the time.
   */
  look(): void {
    const { clock, slots, silenceMs } = this.#options
    // What it says to one is a sign of life for all.
    if (this.#hear() && !this.#isAsking) this.#suspicion = unsuspected
    if (slots.inFlight === 0 || this.#isAsking) return
    const lastSign = Math.max(this.#heardAt, this.#answeredAt, this.#calmUntil, slots.busySince)
    const quiet = { silentMs: clock.mono() - lastSign, silenceMs: silenceMs(), signs: this.#quietSigns }
    if (!isQuiet({ ...quiet, slowestStartMs: slots.slowestStartMs })) return
    this.#suspicion = { ...this.#suspicion, isSuspected: true }
    this.#options.track(this.#investigate())
  }

  /** Whether bytes of any answer have come since the last time. */
  #hear(): boolean {
    const { clock, slots } = this.#options
    if (!slots.hasSpoken) return false
    slots.hasSpoken = false
    this.#heardAt = clock.mono()
    this.#quietSigns = 0
    return true
  }

  async #investigate(): Promise<void> {
    const { clock, slots } = this.#options
    this.#isAsking = true
    try {
      const calmMs = this.#calmUntil - clock.mono()
      if (calmMs > 0) await pause(calmMs, this.#ended.signal)
      // All places are taken by requests that wait for their first byte: the next one that ends tells more, or makes
      // room for the question. But an engine that stops in the middle of answers is asked all the same.
      const hasPlace = slots.isFree || slots.begun > 0
      const mayAsk = this.#suspicion.isSuspected && !this.#ended.signal.aborted && hasPlace
      if (mayAsk) await this.#askInItsPlace()
    } finally {
      this.#isAsking = false
    }
  }

  async #askInItsPlace(): Promise<void> {
    const { clock, slots, onFree, onSilent } = this.#options
    const since = clock.mono()
    let reason: string | null = null
    slots.isOneKept = true
    try {
      reason = await this.#silence()
    } finally {
      slots.isOneKept = false
    }
    if (this.#ended.signal.aborted) return
    if (reason === null) onFree()
    else onSilent({ silentMs: clock.mono() - since, answeredAt: this.#answeredAt, reason })
  }

  /** Null = it lives; else what its last answer complained of. */
  async #silence(): Promise<string | null> {
    const { clock, policy, slots } = this.#options
    const { signal } = this.#ended
    for (let failed = 1; ; failed++) {
      this.#hear()
      const askedAt = clock.mono()
      const isBeyondLimit = slots.inFlight >= slots.limit
      const proved = await this.#ask(slots.inFlight > 0 ? policy.busyProbeMs : policy.probeMs)
      // Somebody else's answer is as good a sign as the one that was asked for.
      const isAnsweredElsewhere = this.#hear() || Math.max(this.#answeredAt, this.#heardAt) > askedAt
      // A refusal of one request too many is the answer of an engine that is busy.
      const isRefusal = proved.kind === 'failed' && isBeyondLimit && proved.message !== ''
      if (proved.kind === 'ok' || isAnsweredElsewhere || isRefusal) {
        if (!isAnsweredElsewhere) this.#quietSigns++
        this.#suspicion = unsuspected
        this.#calmUntil = clock.mono() + policy.calmMs
        return null
      }
      if (failed >= policy.failedProbes || signal.aborted) return proved.message
      await pause(policy.pauseMs, signal)
    }
  }

  /**
   * One token. Health alone proves nothing, and a busy engine may be late with it; but one that says it loads again is
   * left the time.
   */
  async #ask(deadlineMs: number): Promise<Proved> {
    const { engine, recipe, probe } = this.#options
    const over = new AbortController()
    const timer = setTimeout(() => over.abort(), deadlineMs)
    const onEnd = () => over.abort()
    this.#ended.signal.addEventListener('abort', onEnd, { once: true })
    try {
      const at = { probe, signal: over.signal }
      const isAnswer = ({ kind }: Health) => kind !== 'loading'
      const health = await waitForHealth(engine, recipe.readyPath, { ...at, isAnswer })
      const proved = health === null ? null : await askForToken(engine, recipe, { ...at, deadlineMs })
      if (proved?.kind === 'ok' || (proved !== null && !over.signal.aborted)) return proved
      // That the time was up is all there is to say.
      return { kind: 'failed', message: '' }
    } finally {
      clearTimeout(timer)
      this.#ended.signal.removeEventListener('abort', onEnd)
    }
  }
}
