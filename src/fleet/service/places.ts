import type { Acquired, Permit, Places, Ticket, Waiting } from '../contract.ts'
import { learnServiceMs } from '../core/eta.ts'
import { nextTurn } from '../core/queue.ts'
import type { Bay, LocalModel, Visitor } from './bay.ts'
import type { Round } from './pool.ts'
import type { FleetState } from './state.ts'
import type { Released, Slots } from './slots.ts'
import { notify, retryAfterMs, waitingOf } from './views.ts'

type Ask = Parameters<Places['acquire']>[0]

/** What the keeper of all state offers to those who hand out places. */
export interface Desk {
  readonly fleet: FleetState
  /** Something changed that the scheduler must see. */
  decide(): void
  /** Look again at this moment at the latest. */
  wakeAt(at: number): void
  /** Somebody waits for memory: every end of work may matter. */
  readonly isPressed: boolean
  /** What admission sets aside for a model. */
  reserveOf(local: LocalModel): number | null
}

/** How long a caller stays away who found a full line, where it is not known how long requests take. */
const fullRetryMs = 2000

/** Hands out permits: synchronously where there is one, else through the line. Only the keeper makes one. */
export class PlacesDesk implements Places {
  readonly #desk: Desk
  readonly #bays: FleetState['bays']

  constructor(desk: Desk) {
    this.#desk = desk
    this.#bays = desk.fleet.bays
  }

  tryAcquire(ticket: Ticket): Permit | null {
    const bay = this.#bayOf(ticket)
    // Nobody passes those who wait, and a closed bay serves its line only.
    if (bay === undefined || bay.slots === null || bay.closedSince !== Infinity || bay.queue.size > 0) return null
    return bay.slots.take(ticket.key, bay)
  }

  acquire(ask: Ask): Promise<Acquired> {
    const permit = this.tryAcquire(ask)
    if (permit !== null) return Promise.resolve({ kind: 'permit', permit })
    const bay = this.#bayOf(ask)
    const refusal = this.#refusalOf(ask, bay)
    if (refusal !== null || bay === undefined) return Promise.resolve(refusal ?? { kind: 'gone' })
    return new Promise((resolve) => this.#enqueue(ask, bay, resolve))
  }

  /**
   * Gives what is free to those who wait, in turn. Afterwards nobody waits who could have been served: a newcomer that
   * finds a place passes nobody.
   */
  serve(bay: Bay): void {
    this.#serveRound(bay.round)
  }

  #serveRound(round: Round): void {
    for (;;) {
      const open = [...round.bays].filter((bay) => bay.queue.size > 0 && bay.slots?.isFree === true)
      if (open.length === 0) return
      const { clock, settings } = this.#desk.fleet
      const batchDueSince = clock.mono() - settings.value.batchAgeMs
      const next = nextTurn<Visitor, Bay>(open, { turns: round.turns, batchDueSince })
      if (next === null) return
      const { line: bay, turn } = next
      const permit = bay.slots?.take(turn.entry.key, bay) ?? null
      if (permit === null) return
      bay.queue.take(turn)
      turn.entry.settle({ kind: 'permit', permit })
    }
  }

  /** A permit came back. Called for every request: no work unless somebody waits. */
  released(bay: Bay, slots: Slots, { result, heldMs, line, pool }: Released): void {
    if (result === 'ok') line.serviceMs = learnServiceMs(line.serviceMs, heldMs)
    this.freed(bay, slots)
    // The pool that it came from has a place again, also when the bay has moved or its engine has ended.
    if (pool !== null && (bay.slots !== slots || pool.round !== bay.round)) this.#serveIfWaiting(pool.round)
  }

  /** A place is free again of which nothing is to be learned. */
  freed(bay: Bay, slots: Slots): void {
    if (bay.slots === slots) this.#serveIfWaiting(bay.round)
    if (bay.local === null || slots.inFlight > 0) return
    if (this.#desk.isPressed || bay.closedSince !== Infinity) this.#desk.decide()
  }

  #serveIfWaiting(round: Round): void {
    for (const bay of round.bays) {
      if (bay.queue.size > 0) return this.#serveRound(round)
    }
  }

  #bayOf(ticket: Ticket): Bay | undefined {
    const bay = this.#bays.get(ticket.deployment)
    return ticket.work === 'audio' ? (bay?.audio ?? bay) : bay
  }

  /** Answers all whose time is up. */
  expire(bay: Bay, now: number): void {
    // Answers tell positions, which are gone when the line is.
    const answers = bay.queue
      .dueAt(now)
      .map((visitor) => ({ visitor, answer: this.#deadlineAnswer(bay, visitor, now) }))
    for (const { visitor, answer } of answers) if (bay.queue.remove(visitor)) visitor.settle(answer)
  }

  /** Sends all away who wait. */
  dismiss(bay: Bay, answer: Acquired): void {
    for (const visitor of bay.queue.drain()) visitor.settle(answer)
  }

  #refusalOf(ask: Ask, bay: Bay | undefined): Acquired | null {
    if (ask.signal.aborted) return { kind: 'gone' }
    if (this.#desk.fleet.isClosing) return shuttingDown
    if (bay === undefined) {
      return {
        kind: 'unusable',
        reason: 'unknown_deployment',
        message: `Nothing called "${ask.deployment}" is configured.`,
        retryAfterMs: null,
      }
    }
    const { local } = bay
    if (local?.isRemoved) {
      const message = `"${local.id}" was taken out of the configuration.`
      return { kind: 'unusable', reason: 'model_removed', message, retryAfterMs: null }
    }
    if (local?.life.state !== 'failed' || local.wish !== null || local.retryAt === null) return null
    // It failed a moment ago: everyone who asks meanwhile learns the reason at once instead of waiting for it again.
    const leftMs = local.retryAt - this.#desk.fleet.clock.mono()
    return leftMs <= 0 ? null : unusable(local.id, local.life.message, leftMs)
  }

  #enqueue(ask: Ask, bay: Bay, resolve: (answer: Acquired) => void): void {
    const { fleet } = this.#desk
    const now = fleet.clock.mono()
    const visitor: Visitor = {
      key: ask.key,
      weight: ask.weight ?? 1,
      priority: ask.priority ?? 'interactive',
      since: now,
      deadline: now + ask.waitMs,
      onProgress: ask.onProgress ?? null,
      settle(answer) {
        ask.signal.removeEventListener('abort', onAbort)
        resolve(answer)
      },
    }
    const onAbort = () => {
      if (!bay.queue.remove(visitor)) return
      visitor.settle({ kind: 'gone' })
      if (bay.local !== null) this.#desk.decide()
    }
    const pushed = bay.queue.push(visitor)
    if (pushed.kind === 'full') return resolve(this.#refuse(bay, pushed.by))
    if (pushed.displaced !== null) pushed.displaced.settle(this.#displacedAnswer(bay))
    ask.signal.addEventListener('abort', onAbort, { once: true })
    // Others may wait for what this one does not need: their key has all it may have, or only they came too late.
    this.serve(bay)
    if (!bay.queue.has(visitor)) return
    this.#desk.wakeAt(visitor.deadline)
    // A ready model with full slots needs no decision; anything else may have to be loaded, or to make room.
    if (bay.local !== null && bay.local.life.state !== 'ready') this.#desk.decide()
    notify(fleet, bay, visitor)
  }

  #refuse(bay: Bay, by: 'line' | 'key'): Acquired {
    const waiting = waitingOf(this.#desk.fleet, bay, null)
    const { size } = bay.queue
    const why =
      by === 'line'
        ? `${size} requests wait for it already (fleet.maxQueuePerModel)`
        : `this key has as many requests waiting for it as one key may have (fleet.maxQueuePerKey)`
    return fullAnswer(bay, why, waiting)
  }

  #displacedAnswer(bay: Bay): Acquired {
    const why = 'the line is full, and batch requests leave it first (fleet.maxQueuePerModel)'
    return fullAnswer(bay, why, waitingOf(this.#desk.fleet, bay, null))
  }

  #deadlineAnswer(bay: Bay, visitor: Visitor, now: number): Acquired {
    const { fleet } = this.#desk
    const { local } = bay
    const waiting = waitingOf(fleet, bay, visitor)
    if (local === null || local.life.state === 'ready') return fullAnswer(bay, 'no place became free in time', waiting)
    const since = Math.min(visitor.since, local.kept !== null && local.kept.until > now ? local.kept.since : Infinity)
    local.kept = { since, until: now + fleet.limits.keepPlaceMs }
    return { kind: 'loading', waiting, retryAfterMs: retryAfterMs(waiting) }
  }
}

export const shuttingDown: Acquired = {
  kind: 'unusable',
  reason: 'shutting_down',
  message: 'Hearth is shutting down; ask again when it is back.',
  retryAfterMs: 5000,
}

/** A model that failed: the reason and what to do. `afterMs` null = it may be asked for again at once. */
export function unusable(id: string, failure: string, afterMs: number | null): Acquired {
  const why = /[.!?…]$/.test(failure) ? failure : `${failure}.`
  const advice = afterMs === null ? '' : ' See its log (`hearth logs`), correct its recipe or file, or try again later.'
  return {
    kind: 'unusable',
    reason: 'model_failed',
    message: `"${id}" cannot be used: ${why}${advice}`,
    retryAfterMs: afterMs === null ? null : Math.ceil(afterMs),
  }
}

function fullAnswer(bay: Bay, why: string, waiting: Waiting): Acquired {
  const name = bay.local?.id ?? bay.deployment.replace(/^upstream:/, '')
  const afterMs = waiting.etaSeconds === null ? fullRetryMs : retryAfterMs(waiting)
  return { kind: 'full', retryAfterMs: afterMs, message: `"${name}" is busy: ${why}.`, waiting }
}
