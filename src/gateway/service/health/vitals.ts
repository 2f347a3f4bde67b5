import type { Clock, MonoMs } from '#kernel/time.ts'
import type { Announce } from '#kernel/words.ts'
import type { Snapshot, Target } from '../../core/choose.ts'
import type { EngineLoad, PrefixGuard, VitalSigns } from '../../core/health.ts'
import type { Failure } from '../../core/itinerary.ts'
import type { GatewayEvent } from '../../events.ts'
import { SeenPrefixes } from './prefix-memory.ts'
import { Vital, type AttemptResult, type BreakerSettings } from './vital.ts'

export interface VitalsOptions {
  readonly clock: Clock
  readonly announce: Announce<GatewayEvent>
  /** Whether probes try it, so that no request has to. */
  readonly isProbed: (target: Target) => boolean
  readonly settings: () => { readonly breaker: BreakerSettings; readonly prefix: PrefixGuard }
}

/** Places that were asked and are remembered; beyond it those that have nothing in flight are forgotten. */
const maxPlaces = 20_000

/**
 * The owner of what is known of every place's health. Synchronous. Whoever asks a target tells of it: `began` when it
 * has been decided for (before it waits for a place or for anything else), then `ended` exactly once; `answered`
 * between them when the first byte of an answer has come.
 */
export class Vitals implements VitalSigns {
  readonly prefixes: SeenPrefixes
  readonly #options: VitalsOptions
  readonly #places = new Map<string, Vital>()
  /** The last of each upstream, for places of it that are asked for the first time. */
  readonly #loads = new Map<string, { readonly load: Omit<EngineLoad, 'inFlightThen'>; readonly at: MonoMs }>()

  constructor(options: VitalsOptions) {
    this.#options = options
    this.prefixes = new SeenPrefixes(() => options.settings().prefix)
  }

  of(target: Target): Vital {
    const known = this.#places.get(target.key)
    if (known) return known
    if (this.#places.size >= maxPlaces) this.#forget((vital) => vital.inFlight === 0)
    const { clock, settings, isProbed } = this.#options
    const made = new Vital(target, { clock, breaker: () => settings().breaker, isProbed: isProbed(target) })
    const told = this.#loads.get(target.upstream)
    if (told) made.hasLoad(told.load, told.at)
    this.#places.set(target.key, made)
    return made
  }

  /** What is known of a place, without beginning to remember it. */
  peek(target: Target): Vital | null {
    return this.#places.get(target.key) ?? null
  }

  began(target: Target): void {
    const vital = this.of(target)
    const isProbe = vital.wantsProbe
    vital.began()
    if (isProbe) this.#tell(vital)
  }

  answered(target: Target, firstByteMs: number): void {
    const vital = this.of(target)
    const before = vital.breaker
    vital.answered(firstByteMs)
    if (before !== 'closed') this.#tell(vital)
  }

  /** `failure`: why it came to nothing; null = it answered, or the caller left. */
  ended(target: Target, result: AttemptResult, failure: Failure | null = null): void {
    const vital = this.of(target)
    const before = vital.breaker
    vital.ended(result, failure)
    if (vital.breaker !== before) this.#tell(vital)
  }

  /** An upstream's own metrics, of whatever model it is asked for. */
  hasLoad(upstream: string, load: Omit<EngineLoad, 'inFlightThen'>): void {
    const at = this.#options.clock.mono()
    this.#loads.set(upstream, { load, at })
    for (const vital of this.#places.values()) if (vital.target.upstream === upstream) vital.hasLoad(load, at)
  }

  /** All places that were asked. */
  all(): Iterable<Vital> {
    return this.#places.values()
  }

  /** Follows the config: places that no name leads to any more, or that are elsewhere now, are forgotten. */
  follow(snapshot: Snapshot): void {
    const named = new Map<string, Target>()
    for (const { targets } of snapshot.names.values()) for (const target of targets) named.set(target.key, target)
    const upstreams = new Set<string>([...named.values()].map((target) => target.upstream))
    for (const upstream of this.#loads.keys()) if (!upstreams.has(upstream)) this.#loads.delete(upstream)
    this.#forget(({ target }) => {
      const now = named.get(target.key)
      return now ? now.baseUrl !== target.baseUrl : !snapshot.open.has(target.upstream)
    })
  }

  #forget(isOver: (vital: Vital) => boolean): void {
    for (const [key, vital] of this.#places) if (isOver(vital)) this.#places.delete(key)
  }

  #tell({ target, breaker, failures, lastFailure }: Vital): void {
    const { deployment, upstream, model } = target
    this.#options.announce({
      type: 'route.state',
      data: { target: { deployment, upstream, model, breaker, failures, lastFailure } },
    })
  }
}
