import type { Clock, MonoMs } from '#kernel/time.ts'
import { type LivenessPolicy, suspicionAfter, unsuspected } from '../core/liveness.ts'
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

  constructor(options: WatchOptions) {
    this.#options = options
    // It has just proved that it works.
    this.#answeredAt = options.clock.mono()
    void options.engine.exited.then(() => this.#ended.abort())
  }

  /** A request has ended. Called for every request: no work unless the engine is suspected. */
  saw(released: Released): void {
    const { clock, policy } = this.#options
    this.#suspicion = suspicionAfter(this.#suspicion, released, policy)
    if (released.result === 'ok') this.#answeredAt = clock.mono()
    if (this.#suspicion.isSuspected && !this.#isAsking) this.#options.track(this.#investigate())
  }

  async #investigate(): Promise<void> {
    const { clock, slots } = this.#options
    this.#isAsking = true
    try {
      const calmMs = this.#calmUntil - clock.mono()
      if (calmMs > 0) await pause(calmMs, this.#ended.signal)
      // All places are taken by requests: the next one that ends tells more, or makes room for the question.
      const mayAsk = this.#suspicion.isSuspected && !this.#ended.signal.aborted && slots.isFree
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
      const askedAt = clock.mono()
      const proved = await this.#ask(slots.inFlight > 0 ? policy.busyProbeMs : policy.probeMs)
      // Somebody else's answer is as good a sign as the one that was asked for.
      if (proved.kind === 'ok' || this.#answeredAt >= askedAt) {
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
