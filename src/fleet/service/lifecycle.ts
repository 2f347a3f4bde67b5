import type { MonoMs } from '#kernel/time.ts'
import type { Recipe } from '../core/recipe.ts'
import type { Engine } from '../ports.ts'
import { type LocalBay, runningOf } from './bay.ts'
import type { Endings } from './endings.ts'
import { type FleetState, reserveOfModel } from './state.ts'
import { type LaunchStep, launch, prepare } from './launch.ts'
import type { Learning } from './learning.ts'
import { createLogFeed } from './log-feed.ts'
import type { Desk, PlacesDesk } from './places.ts'
import { Slots } from './slots.ts'
import type { Underway } from './underway.ts'
import { tell } from './views.ts'
import { EngineWatch } from './watch.ts'

/** Progress within a phase is told at most this often. */
const tellProgressEveryMs = 250

/**
 * Brings models to life, step by step (the states are told at `Life`; what ends a life is in `endings.ts`). Whatever
 * takes time ends with a look whether its life is still the one it began with: a cancelled start must not write into
 * the next one.
 */
export class Lifecycle {
  readonly #fleet: FleetState
  readonly #desk: Desk
  readonly #places: PlacesDesk
  readonly #endings: Endings
  readonly #learning: Learning
  readonly #underway: Underway

  constructor(
    desk: Desk,
    parts: {
      readonly places: PlacesDesk
      readonly endings: Endings
      readonly learning: Learning
      readonly underway: Underway
    },
  ) {
    this.#desk = desk
    this.#fleet = desk.fleet
    this.#places = parts.places
    this.#endings = parts.endings
    this.#learning = parts.learning
    this.#underway = parts.underway
  }

  /** stopped or failed → preparing → prepared. */
  begin({ bay, local }: LocalBay): void {
    const abort = new AbortController()
    const life = { state: 'preparing', abort, startedAt: this.#fleet.clock.mono() } as const
    local.life = life
    local.step = null
    tell(this.#fleet, bay)
    const isMine = () => local.life === life
    const work = prepare(local.recipe, this.#fleet.tools, {
      signal: abort.signal,
      report: this.#reporter({ bay, local }, isMine),
    })
    this.#underway.add(
      work.then((prepared) => {
        if (!isMine()) return
        if (prepared.kind === 'failed') return this.#endings.failLoad({ bay, local }, prepared)
        local.estimatedBytes = prepared.memoryBytes ?? local.estimatedBytes
        local.life = { state: 'prepared', prepared }
        this.#desk.decide()
      }),
    )
  }

  /** prepared → starting → ready. */
  start({ bay, local }: LocalBay): void {
    if (local.life.state !== 'prepared') return
    const { prepared } = local.life
    const { clock, limits, tools } = this.#fleet
    const abort = new AbortController()
    const { recipe } = local
    const life = { state: 'starting', abort, startedAt: clock.mono() } as const
    local.life = life
    local.step = null
    local.held = { bytes: reserveOfModel(this.#fleet, local), fingerprint: local.fingerprint }
    this.#fleet.log.info('model starts', { model: local.id, memoryBytes: local.estimatedBytes })
    const isMine = () => local.life === life
    const onLine = createLogFeed({ id: local.id, clock, announce: this.#fleet.announce })
    const job = {
      recipe,
      prepared,
      limits: { ...limits, loadDeadlineMs: recipe.loadDeadlineMs ?? limits.loadDeadlineMs },
    }
    const work = launch(job, tools, { signal: abort.signal, report: this.#reporter({ bay, local }, isMine), onLine })
    this.#underway.add(
      work.then(async (launched) => {
        if (isMine()) {
          if (launched.kind === 'ready') this.#ready({ bay, local }, launched.engine, { recipe, at: life.startedAt })
          else this.#endings.failLoad({ bay, local }, { ...launched, isCheap: false })
          return
        }
        // Cancelled: `launch` has ended the engine unless it had become ready in the same moment.
        if (launched.kind === 'ready') await launched.engine.stop(limits.stopGraceMs)
        this.#endings.stopped({ bay, local })
      }),
    )
    tell(this.#fleet, bay)
  }

  /** ready → closed: it serves those who came before `since`, then makes room. */
  close({ bay, local }: LocalBay, forModel: string, since: number): void {
    const running = runningOf(local.life)
    if (running === null || local.life.state === 'draining') return
    local.life = { ...running, state: 'closed', for: forModel }
    bay.closedSince = since
    this.#places.serve(bay)
    tell(this.#fleet, bay)
  }

  /** closed → ready: those it was closed for have gone. */
  open({ bay, local }: LocalBay): void {
    if (local.life.state !== 'closed') return
    local.life = { ...local.life, state: 'ready' }
    bay.closedSince = Infinity
    this.#places.serve(bay)
    tell(this.#fleet, bay)
  }

  /** Its recipe changed while it was on its way: it begins anew for those who wait. */
  restart({ bay, local }: LocalBay): void {
    const { life } = local
    if (life.state === 'preparing') this.#endings.forget({ bay, local })
    else if (life.state === 'starting') local.life = { state: 'stopping', why: 'changed' }
    else return
    life.abort.abort()
  }

  #ready({ bay, local }: LocalBay, engine: Engine, started: { readonly recipe: Recipe; readonly at: MonoMs }): void {
    const { clock, log } = this.#fleet
    const { slots, watch } = this.#openSlots({ bay, local }, engine, started.recipe)
    const readyAt = clock.mono()
    const loadMs = readyAt - started.at
    local.life = { state: 'ready', engine, slots, watch, readyAt, readySince: clock.now(), loadMs }
    if (local.evicted.length > 0) log.info('models were swapped', { loaded: local.id, unloaded: local.evicted })
    Object.assign(local, { wish: null, kept: null, step: null, retryAt: null, evicted: [], isWaitingForRoom: false })
    this.#learning.loaded(local, loadMs)
    bay.slots = slots
    bay.closedSince = Infinity
    log.info('model is ready', { model: local.id, loadMs: Math.round(loadMs), pid: engine.pid })
    void engine.exited.then((exit) => this.#endings.exited({ bay, local }, engine, exit))
    this.#places.serve(bay)
    tell(this.#fleet, bay)
    this.#desk.decide()
  }

  #openSlots({ bay, local }: LocalBay, engine: Engine, recipe: Recipe) {
    const { clock, limits, settings, tools } = this.#fleet
    const slots = new Slots({
      baseUrl: `${engine.rootUrl}/v1`,
      token: engine.token,
      limit: recipe.parallel,
      clock,
      onRelease: (_, released) => {
        // First, so that a question to a suspected engine comes before those who wait.
        watch.saw(released)
        this.#places.released(bay, slots, released)
      },
    })
    const watch = new EngineWatch({
      ...{ engine, recipe, slots, clock, probe: tools.probe, policy: limits.liveness },
      silenceMs: () => settings.value.engineSilenceMs,
      onFree: () => this.#places.freed(bay, slots),
      onSilent: (silence) => this.#endings.silent({ bay, local }, engine, silence),
      track: (work) => this.#underway.add(work),
    })
    return { slots, watch }
  }

  #reporter({ bay, local }: LocalBay, isMine: () => boolean): (step: LaunchStep) => void {
    let toldAt = -Infinity
    return (step) => {
      if (!isMine()) return
      const isNewPhase = local.step?.phase !== step.phase
      local.step = step
      const now = this.#fleet.clock.mono()
      // Downloads report by the chunk; the page needs a few pictures a second.
      if (!isNewPhase && now - toldAt < tellProgressEveryMs) return
      toldAt = now
      tell(this.#fleet, bay)
    }
  }
}
