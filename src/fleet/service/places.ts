import type { Acquired, Permit, Places, Ticket } from '../contract.ts'
import type { Bay, LocalModel, Visitor } from './bay.ts'
import type { FleetState } from './state.ts'
import type { Slots } from './slots.ts'
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

/** How long a caller stays away who found a full line; how long requests take is not known here. */
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
    const bay = this.#bays.get(ticket.deployment)
    // Nobody passes those who wait, and a closed bay serves its line only.
    if (bay === undefined || bay.slots === null || bay.closedSince !== Infinity || bay.queue.size > 0) return null
    return bay.slots.take()
  }

  acquire(ask: Ask): Promise<Acquired> {
    const permit = this.tryAcquire(ask)
    if (permit !== null) return Promise.resolve({ kind: 'permit', permit })
    const bay = this.#bays.get(ask.deployment)
    const refusal = this.#refusalOf(ask, bay)
    if (refusal !== null || bay === undefined) return Promise.resolve(refusal ?? { kind: 'gone' })
    return new Promise((resolve) => this.#enqueue(ask, bay, resolve))
  }

  /** Gives what is free to those who wait. */
  serve(bay: Bay): void {
    while (bay.slots?.isFree) {
      const visitor = bay.queue.take(bay.closedSince)
      if (visitor === null) return
      const permit = bay.slots.take()
      if (permit !== null) visitor.settle({ kind: 'permit', permit })
    }
  }

  /** A permit came back. Called for every request: no work unless somebody waits. */
  released(bay: Bay, slots: Slots): void {
    if (bay.slots === slots && bay.queue.size > 0) this.serve(bay)
    if (bay.local === null || slots.inFlight > 0) return
    if (this.#desk.isPressed || bay.closedSince !== Infinity) this.#desk.decide()
  }

  /** Answers all whose time is up. */
  expire(bay: Bay, now: number): void {
    // Answers tell positions, which are gone when the line is.
    const due = bay.queue.all().filter((visitor) => visitor.deadline <= now)
    const answers = due.map((visitor) => ({ visitor, answer: this.#deadlineAnswer(bay, visitor, now) }))
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
    if (!bay.queue.push(visitor)) {
      resolve(fullAnswer(bay, `${bay.queue.size} requests wait for it already (fleet.maxQueuePerModel)`))
      return
    }
    ask.signal.addEventListener('abort', onAbort, { once: true })
    this.#desk.wakeAt(visitor.deadline)
    // A ready model with full slots needs no decision; anything else may have to be loaded, or to make room.
    if (bay.local !== null && bay.local.life.state !== 'ready') this.#desk.decide()
    if (visitor.onProgress !== null && bay.queue.positionOf(visitor) >= 0) notify(fleet, bay, visitor)
  }

  #deadlineAnswer(bay: Bay, visitor: Visitor, now: number): Acquired {
    const { fleet } = this.#desk
    const { local } = bay
    if (local === null || local.life.state === 'ready') return fullAnswer(bay, 'no place became free in time')
    const since = Math.min(visitor.since, local.kept !== null && local.kept.until > now ? local.kept.since : Infinity)
    local.kept = { since, until: now + fleet.limits.keepPlaceMs }
    const waiting = waitingOf(fleet, bay, visitor)
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

function fullAnswer(bay: Bay, why: string): Acquired {
  const name = bay.local?.id ?? bay.deployment.replace(/^upstream:/, '')
  return { kind: 'full', retryAfterMs: fullRetryMs, message: `"${name}" is busy: ${why}.` }
}
