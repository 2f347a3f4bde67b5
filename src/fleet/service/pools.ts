import type { Bay } from './bay.ts'
import { audioPool, Pool, type Round } from './pool.ts'
import type { FleetState } from './state.ts'

/** All pools, and who waits for whose places. The settings decide; nobody loses a place or a turn by a change. */
export class Pools {
  readonly #fleet: FleetState
  readonly #named = new Map<string, Pool>()
  /** By the bay of the deployment itself; an audio line has the pool of its deployment. */
  readonly #audio = new WeakMap<Bay, Pool>()

  constructor(fleet: FleetState) {
    this.#fleet = fleet
  }

  named(): Iterable<Pool> {
    return this.#named.values()
  }

  /** Puts every line where the settings want it: 1. in the pool that is named, 2. with audio, in one of its own. */
  arrange(): void {
    this.#takeSettings()
    for (const bay of this.#fleet.bays.values()) {
      const pool = this.#poolOf(bay)
      // What was asked for by name or by `audio: true` is shown; the pool for a request of audio only once it came.
      if (pool !== null) pool.isWanted = true
      move(bay, pool, pool?.round ?? bay.ownRound)
      // Audio beside other work waits for the deployment's places, too: one round, whatever else it needs.
      if (bay.audio) move(bay.audio, pool ?? this.#audioPoolOf(bay), bay.round)
    }
  }

  /** It waits for nothing any more. */
  forget(bay: Bay): void {
    bay.round.bays.delete(bay)
    if (bay.audio) bay.audio.round.bays.delete(bay.audio)
  }

  #takeSettings(): void {
    const { pools } = this.#fleet.settings.value
    const names = new Set(pools.map((pool) => pool.name))
    for (const name of this.#named.keys()) if (!names.has(name)) this.#named.delete(name)
    for (const settings of pools) {
      const known = this.#named.get(settings.name)
      if (known === undefined) this.#named.set(settings.name, new Pool('shared', settings))
      else Object.assign(known, { concurrency: settings.concurrency, perKey: settings.perKey })
    }
  }

  #poolOf(bay: Bay): Pool | null {
    const { pool, audio } = bay.local?.recipe ?? bay.wants
    // One that is named and not there was named a moment ago: the settings come right behind.
    if (pool !== undefined && pool !== null) return this.#named.get(pool) ?? null
    return audio === true ? this.#audioPoolOf(bay) : null
  }

  #audioPoolOf(bay: Bay): Pool {
    const known = this.#audio.get(bay)
    if (known !== undefined) return known
    const pool = new Pool('audio', { name: `${bay.deployment}/audio`, ...audioPool })
    this.#audio.set(bay, pool)
    return pool
  }
}

function move(bay: Bay, pool: Pool | null, round: Round): void {
  bay.pool = pool
  if (bay.round === round && round.bays.has(bay)) return
  bay.round.bays.delete(bay)
  bay.round = round
  round.bays.add(bay)
  bay.queue.join(round.turns)
}
