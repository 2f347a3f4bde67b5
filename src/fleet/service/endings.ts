import { formatDuration } from '#kernel/time.ts'
import { backoffMs, mayRestart, nextFailures } from '../core/backoff.ts'
import { exitText, reasonFrom } from '../core/failure.ts'
import { refusalText } from '../core/refusal.ts'
import type { StopWhy } from '../core/schedule.ts'
import type { Engine, EngineExit } from '../ports.ts'
import { type LocalBay, type LocalModel, type Running, runningOf } from './bay.ts'
import { allLines, type FleetState, localBays } from './state.ts'
import type { Learning } from './learning.ts'
import { type Desk, type PlacesDesk, shuttingDown, unusable } from './places.ts'
import type { Pools } from './pools.ts'
import type { Underway } from './underway.ts'
import { tell } from './views.ts'
import type { Silence } from './watch.ts'

/** All ways in which a model's life, or its hope of one, comes to an end: asked for, refused, failed, crashed. */
export class Endings {
  readonly #fleet: FleetState
  readonly #desk: Desk
  readonly #places: PlacesDesk
  readonly #learning: Learning
  readonly #underway: Underway
  readonly #pools: Pools

  constructor(
    desk: Desk,
    parts: {
      readonly places: PlacesDesk
      readonly learning: Learning
      readonly underway: Underway
      readonly pools: Pools
    },
  ) {
    this.#desk = desk
    this.#fleet = desk.fleet
    this.#places = parts.places
    this.#learning = parts.learning
    this.#underway = parts.underway
    this.#pools = parts.pools
  }

  /** ready or closed → stopping → stopped. */
  stop({ bay, local }: LocalBay, why: StopWhy, forModel: string | null): void {
    const running = runningOf(local.life)
    if (running === null) return
    if (why === 'swap' && forModel !== null) this.#noteSwap(local, forModel)
    if (why === 'changed' && local.recipe.preload) local.wish ??= { since: this.#fleet.clock.mono(), by: 'preload' }
    this.#end({ bay, local }, running, why)
  }

  /**
   * A person's unload, or a recipe that went: what waits is sent away, what runs may go on until `graceMs` have
   * passed.
   */
  unload({ bay, local }: LocalBay, why: 'person' | 'removed', graceMs: number): void {
    local.wish = null
    local.kept = null
    const reason = why === 'person' ? 'model_unloaded' : 'model_removed'
    const message =
      why === 'person' ? `"${local.id}" was unloaded by a person.` : `"${local.id}" was taken out of the configuration.`
    this.#places.dismiss(bay, { kind: 'unusable', reason, message, retryAfterMs: why === 'person' ? 1000 : null })
    const { life } = local
    switch (life.state) {
      case 'preparing':
        life.abort.abort()
        return this.stopped({ bay, local })
      case 'starting':
        local.life = { state: 'stopping', why }
        life.abort.abort()
        return tell(this.#fleet, bay)
      case 'ready':
      case 'closed':
        local.life = { ...life, state: 'draining', cutAt: this.#fleet.clock.mono() + graceMs }
        bay.slots = null
        bay.closedSince = -Infinity
        this.#desk.wakeAt(local.life.cutAt)
        return this.finishDrain({ bay, local })
      case 'stopped':
      case 'prepared':
      case 'failed':
        return this.stopped({ bay, local })
      case 'stopping':
        // It would be started again.
        if (life.why === 'silent') local.life = { state: 'stopping', why }
        return
      case 'draining':
        return
    }
  }

  /** draining → stopping, when nothing runs any more or the time is up. */
  finishDrain({ bay, local }: LocalBay): void {
    if (local.life.state !== 'draining') return
    const { slots, cutAt } = local.life
    if (slots.inFlight > 0 && this.#fleet.clock.mono() < cutAt) return tell(this.#fleet, bay)
    if (slots.inFlight > 0)
      this.#fleet.log.warn('answers are cut: the drain took too long', { model: local.id, inFlight: slots.inFlight })
    this.#end({ bay, local }, local.life, local.isRemoved ? 'removed' : 'person')
  }

  /** It cannot be started where things stand; not a failure of the engine. */
  refuse({ bay, local }: LocalBay, why: 'too_large' | 'pinned' | 'swap_never', by: readonly string[]): void {
    const needBytes = this.#desk.reserveOf(local) ?? 0
    const message = refusalText(why, { id: local.id, needBytes, budgetBytes: this.#fleet.budget?.bytes ?? 0, by })
    local.wish = null
    local.kept = null
    local.isWaitingForRoom = false
    local.life = why === 'too_large' ? { state: 'failed', message } : { state: 'stopped' }
    const retryAfterMs = why === 'too_large' ? null : 5000
    const answer =
      why === 'swap_never'
        ? ({ kind: 'full', message, retryAfterMs: 5000, waiting: null } as const)
        : ({
            kind: 'unusable',
            reason: why === 'too_large' ? 'model_too_large' : 'memory_pinned',
            message,
            retryAfterMs,
          } as const)
    this.#places.dismiss(bay, answer)
    this.#fleet.log.warn('model cannot be loaded', { model: local.id, why, by })
    tell(this.#fleet, bay)
  }

  /** Nobody waits for it any more before it had its memory. */
  forget({ bay, local }: LocalBay): void {
    local.life = { state: 'stopped' }
    local.isWaitingForRoom = false
    tell(this.#fleet, bay)
  }

  /** Ends everything: the line is sent away, engines get SIGTERM and their grace. */
  async shutDown(): Promise<void> {
    for (const bay of allLines(this.#fleet)) this.#places.dismiss(bay, shuttingDown)
    for (const { bay, local } of localBays(this.#fleet)) {
      const running = runningOf(local.life)
      if (running) this.#end({ bay, local }, running, 'shutdown')
      else if (local.life.state === 'starting' || local.life.state === 'preparing') {
        const { abort } = local.life
        local.life = { state: 'stopping', why: 'shutdown' }
        abort.abort()
      }
    }
    await this.#underway.ended()
  }

  /** An engine ended. Asked-for ends are known by their life; this is about the others. */
  exited({ bay, local }: LocalBay, engine: Engine, exit: EngineExit): void {
    const running = runningOf(local.life)
    if (running?.engine !== engine) return
    const { log } = this.#fleet
    const wasLeaving = local.life.state !== 'ready'
    const said = reasonFrom(engine.lastLines())
    const message = `The engine ${exitText(exit)}.${said === '' ? '' : ` It says: ${said}`}`
    log.error('an engine ended by itself', {
      model: local.id,
      code: exit.code,
      signal: exit.signal,
      inFlight: running.slots.inFlight,
    })
    this.#release({ bay, local }, running)
    if (wasLeaving) return this.stopped({ bay, local })
    this.#failInService({ bay, local }, this.#fleet.clock.mono() - running.readyAt, () => message)
  }

  /** An engine is there but answers nobody. Its running requests end with it: their connections break. */
  silent({ bay, local }: LocalBay, engine: Engine, silence: Silence): void {
    const running = runningOf(local.life)
    // A drain has an end of its own.
    if (running?.engine !== engine || local.life.state === 'draining') return
    const { inFlight } = running.slots
    this.#fleet.log.error('an engine answers no more and is ended', { model: local.id, ...silence, inFlight })
    const wasLeaving = local.life.state !== 'ready'
    this.#release({ bay, local }, running)
    // Its memory is not free before it has ended; until then it is not `failed`.
    const life = { state: 'stopping', why: 'silent' } as const
    local.life = life
    tell(this.#fleet, bay)
    const what = `The engine did not answer a token for ${formatDuration(silence.silentMs)}`
    const ended = engine.stop(this.#fleet.limits.stopGraceMs).then(() => {
      const isUnwanted = local.life !== life || wasLeaving || local.isRemoved || this.#fleet.isClosing
      if (isUnwanted) return this.stopped({ bay, local })
      this.#failInService({ bay, local }, silence.answeredAt - running.readyAt, (isRestarted) =>
        `${what}${isRestarted ? '; it is started again' : ''}. ${silence.reason}`.trim(),
      )
    })
    this.#underway.add(ended)
  }

  /** It was ready, and works no more: it is started again, later and a few times. */
  #failInService({ bay, local }: LocalBay, ranMs: number, messageFor: (isRestarted: boolean) => string): void {
    const { clock, limits } = this.#fleet
    const now = clock.mono()
    local.failures = nextFailures(local.failures, ranMs, limits.backoff)
    local.retryAt = now + backoffMs(local.failures, limits.backoff)
    const isRestarted = mayRestart(local.failures, limits.backoff) && !local.isRemoved
    const message = messageFor(isRestarted)
    local.life = { state: 'failed', message }
    local.held = null
    local.wish = isRestarted ? { since: now, by: 'restart' } : null
    if (!isRestarted) this.#places.dismiss(bay, unusable(local.id, message, local.retryAt - now))
    tell(this.#fleet, bay)
    this.#desk.decide()
  }

  /**
   * It never became ready: who waits is told why, at once. Loads nobody asked for are tried again, later and a few
   * times.
   */
  failLoad({ bay, local }: LocalBay, failure: { readonly message: string; readonly isCheap: boolean }): void {
    const { clock, limits, log } = this.#fleet
    const { message, isCheap } = failure
    const now = clock.mono()
    const isUnasked = local.wish !== null && local.wish.by !== 'person'
    const mayLookAgain = isCheap && !isUnasked
    if (!mayLookAgain) local.failures++
    local.retryAt = mayLookAgain ? null : now + backoffMs(local.failures, limits.backoff)
    local.life = { state: 'failed', message }
    local.held = null
    local.step = null
    local.kept = null
    local.wish = isUnasked && mayRestart(local.failures, limits.backoff) ? { since: now, by: 'restart' } : null
    log.error('a model failed to load', { model: local.id, failures: local.failures, reason: message })
    this.#places.dismiss(bay, unusable(local.id, message, local.retryAt === null ? null : local.retryAt - now))
    this.#rollBack(local, now)
    tell(this.#fleet, bay)
    this.#desk.decide()
  }

  /** What ran before a failed swap comes back where there is room. */
  #rollBack(local: LocalModel, now: number): void {
    for (const other of localBays(this.#fleet)) {
      if (local.evicted.includes(other.local.id)) other.local.wish ??= { since: now, by: 'rollback' }
    }
    local.evicted = []
  }

  #end(
    { bay, local }: LocalBay,
    running: Running,
    why: Extract<LocalModel['life'], { state: 'stopping' }>['why'],
  ): void {
    // What a short life used is worth knowing, too.
    this.#learning.measured(local, this.#fleet.tools.driver.measure(), 1)
    this.#release({ bay, local }, running)
    local.life = { state: 'stopping', why }
    this.#fleet.log.info('model stops', { model: local.id, why })
    tell(this.#fleet, bay)
    this.#underway.add(running.engine.stop(this.#fleet.limits.stopGraceMs).then(() => this.stopped({ bay, local })))
  }

  #release({ bay, local }: LocalBay, running: Running): void {
    bay.slots = null
    local.lastUsedAt = running.slots.lastUsedAt
    // Nothing is served without slots; the next engine opens with a line of all who wait.
    bay.closedSince = Infinity
  }

  stopped({ bay, local }: LocalBay): void {
    local.life = { state: 'stopped' }
    local.held = null
    local.step = null
    local.isWaitingForRoom = false
    bay.closedSince = Infinity
    if (local.isRemoved) {
      this.#fleet.bays.delete(bay.deployment)
      this.#pools.forget(bay)
      this.#fleet.announce({ type: 'model.removed', data: { id: local.id } })
    } else tell(this.#fleet, bay)
    this.#desk.decide()
  }

  #noteSwap(local: LocalModel, forModel: string): void {
    const other = [...localBays(this.#fleet)].find((one) => one.local.id === forModel)?.local
    if (other) other.evicted = [...other.evicted, local.id]
    const isPerson = other?.wish?.by === 'person'
    const who = isPerson ? 'person' : 'standing consent (fleet.swap: on-demand)'
    const detail = `"${local.id}" is unloaded to make room for "${forModel}".`
    this.#fleet.audit.record({ at: this.#fleet.clock.now(), who, action: 'model.swap', target: forModel, detail })
  }
}
