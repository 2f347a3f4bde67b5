import type { Resident } from './room.ts'
import { makeRoom } from './room.ts'

/**
 * Decides what happens next to the local models of one machine: pure, called by the one owner of all state after
 * every change.
 *
 * Rules of a swap (two models that do not fit together):
 *
 * 1. Models are served in the order in which their oldest request came. One that waits for memory holds its place: a
 *    later and smaller model does not take the memory away under it.
 * 2. A model that must go is *closed*: requests that came before the waiting one are still served, later ones queue
 *    for its next turn. Running answers are never cut for a swap. When nothing older is left, the engine is stopped,
 *    then the other one starts.
 * 3. A turn: once ready, a model that is in use keeps its memory for as long as its load took (bounded by `minTurnMs`
 *    and `maxTurnMs`), so two models asked alternately by many swap once per turn and not once per request. In its
 *    turn it yields only after it had nothing to do for `lingerMs`; after its turn it yields at once.
 * 4. When those who waited have gone, a closed model opens again.
 *
 * Neither starves: while B waits, A's line is bounded by what came before B; then B has its turn, and then A, whose
 * oldest request is older than B's new ones.
 */
export interface Standing {
  readonly id: string
  readonly state: 'stopped' | 'starting' | 'ready' | 'closed' | 'stopping'
  /** null = unknown. */
  readonly reserveBytes: number | null
  readonly isPinned: boolean
  readonly inFlight: number
  readonly queued: number
  /** Since when somebody waits for it to be ready, and why; null = nobody. */
  readonly wanted: { readonly since: number; readonly by: WantedBy } | null
  /** Not to be started before; null = at any time. */
  readonly notBefore: number | null
  /** null = not ready. */
  readonly readySince: number | null
  readonly loadMs: number
  /** When its last request ended. */
  readonly lastUsedAt: number
  /** `for`: whom it was closed for; `older`: requests in its line that still go first. */
  readonly closed: { readonly for: string; readonly older: number } | null
  readonly ttlMs: number | null
  /** Its recipe has changed: it is started anew when it has nothing to do. */
  readonly isStale: boolean
}

/** Why a model is wanted. Only requests (with the swap policy's consent) and people make others go. */
export type WantedBy = 'request' | 'person' | 'preload' | 'restart' | 'rollback'

export interface SchedulePolicy {
  /** null = nothing is refused for memory. */
  readonly budgetBytes: number | null
  readonly swap: 'on-demand' | 'never'
  readonly minTurnMs: number
  readonly maxTurnMs: number
  readonly lingerMs: number
}

export type Action =
  | { readonly kind: 'start'; readonly id: string }
  | { readonly kind: 'close'; readonly id: string; readonly for: string; readonly since: number }
  | { readonly kind: 'open'; readonly id: string }
  | { readonly kind: 'stop'; readonly id: string; readonly why: StopWhy; readonly for: string | null }
  | {
      readonly kind: 'refuse'
      readonly id: string
      readonly why: 'too_large' | 'pinned' | 'swap_never'
      readonly by: readonly string[]
    }

export type StopWhy = 'swap' | 'ttl' | 'changed'

export interface Decision {
  readonly actions: readonly Action[]
  /** When to decide again though nothing changed; null = no need. */
  readonly wakeAt: number | null
  /** Who waits for others to go. */
  readonly waitingForRoom: ReadonlySet<string>
}

export function decide(standings: readonly Standing[], policy: SchedulePolicy, now: number): Decision {
  const desk = openDesk(standings, policy, now)
  const demands = standings
    .filter((one) => one.wanted !== null && one.state === 'stopped')
    .sort((a, b) => (a.wanted?.since ?? 0) - (b.wanted?.since ?? 0) || (a.id < b.id ? -1 : 1))
  for (const one of demands) admit(desk, one)
  for (const one of standings) settle(desk, one)
  return { actions: desk.actions, wakeAt: desk.wakeAt, waitingForRoom: desk.waiting }
}

/** What one decision has spent so far. */
interface Desk {
  readonly standings: readonly Standing[]
  readonly policy: SchedulePolicy
  readonly now: number
  readonly actions: Action[]
  readonly waiting: Set<string>
  /** Residents whose memory an earlier demand counts on. */
  readonly claimed: Set<string>
  /** Residents that keep closed in this decision. */
  readonly keptClosed: Set<string>
  freeBytes: number
  wakeAt: number | null
}

function openDesk(standings: readonly Standing[], policy: SchedulePolicy, now: number): Desk {
  const used = standings.filter((one) => one.state !== 'stopped').reduce((sum, one) => sum + (one.reserveBytes ?? 0), 0)
  return {
    standings,
    policy,
    now,
    actions: [],
    waiting: new Set(),
    claimed: new Set(),
    keptClosed: new Set(),
    freeBytes: policy.budgetBytes === null ? Infinity : policy.budgetBytes - used,
    wakeAt: null,
  }
}

function admit(desk: Desk, one: Standing): void {
  if (one.notBefore !== null && one.notBefore > desk.now) return wake(desk, one.notBefore)
  const { policy } = desk
  const others = desk.standings.filter((other) => !desk.claimed.has(other.id))
  const leaving = others.filter((other) => other.state === 'stopping')
  const staying = others.filter((other) => other.state === 'ready' || other.state === 'closed')
  const needBytes = one.reserveBytes
  const fitsNow = makeRoom({ needBytes, budgetBytes: policy.budgetBytes, freeBytes: desk.freeBytes, residents: [] })
  if (fitsNow.kind === 'fits') {
    desk.freeBytes -= needBytes ?? 0
    desk.actions.push({ kind: 'start', id: one.id })
    return
  }
  if (fitsNow.kind === 'too_large') {
    desk.actions.push({ kind: 'refuse', id: one.id, why: 'too_large', by: [] })
    return
  }
  const freeSoon = desk.freeBytes + sumBytes(leaving)
  const mayEvict = one.wanted?.by === 'person' || (one.wanted?.by === 'request' && policy.swap === 'on-demand')
  const room = makeRoom({
    needBytes,
    budgetBytes: policy.budgetBytes,
    freeBytes: freeSoon,
    residents: staying.map(residentOf(desk)),
  })
  if (room.kind === 'fits') {
    desk.waiting.add(one.id)
    return claim(desk, one, leaving)
  }
  if (!mayEvict) {
    // Nobody goes for a preload or a restart: it comes when there is room. A request is told at once.
    if (one.wanted?.by !== 'request') return
    const residents = desk.standings.filter((other) => other.state !== 'stopped')
    desk.actions.push({ kind: 'refuse', id: one.id, why: 'swap_never', by: ids(residents) })
    return
  }
  desk.waiting.add(one.id)
  if (room.kind === 'after') {
    const victims = staying.filter((other) => room.victims.includes(other.id))
    closeAll(desk, one, victims)
    return claim(desk, one, [...leaving, ...victims])
  }
  // Those that are still loading, or claimed by an earlier demand, go or stay later; pinned ones stay for ever.
  const pinned = desk.standings.filter((other) => other.isPinned && other.state !== 'stopped')
  const isHopeless = (needBytes ?? 0) > (policy.budgetBytes ?? Infinity) - sumBytes(pinned)
  if (isHopeless) {
    desk.waiting.delete(one.id)
    desk.actions.push({ kind: 'refuse', id: one.id, why: 'pinned', by: ids(pinned) })
    return
  }
  desk.freeBytes = Math.min(desk.freeBytes, 0)
  for (const other of others) desk.claimed.add(other.id)
}

/**
 * All at once or none: a model that is closed while another victim still has its turn would stand idle for nothing.
 */
function closeAll(desk: Desk, one: Standing, victims: readonly Standing[]): void {
  const isHasty = one.wanted?.by === 'person'
  const moments = victims.map((victim) =>
    isHasty || victim.closed?.for === one.id ? desk.now : yieldsAt(victim, desk.policy),
  )
  const yieldAt = Math.max(...moments)
  if (yieldAt > desk.now) return wake(desk, yieldAt)
  for (const victim of victims) {
    desk.keptClosed.add(victim.id)
    if (victim.state !== 'closed' || victim.closed?.for !== one.id) {
      desk.actions.push({ kind: 'close', id: victim.id, for: one.id, since: one.wanted?.since ?? desk.now })
    }
  }
}

/** Rule 3. */
function yieldsAt(victim: Standing, policy: SchedulePolicy): number {
  const readySince = victim.readySince ?? 0
  const turnEnds = readySince + Math.min(policy.maxTurnMs, Math.max(policy.minTurnMs, victim.loadMs))
  if (victim.inFlight > 0 || victim.queued > 0) return turnEnds
  return Math.min(turnEnds, Math.max(readySince, victim.lastUsedAt) + policy.lingerMs)
}

function settle(desk: Desk, one: Standing): void {
  if (one.state === 'closed' && one.closed) {
    if (!desk.keptClosed.has(one.id)) desk.actions.push({ kind: 'open', id: one.id })
    else if (one.inFlight === 0 && one.closed.older === 0) {
      desk.actions.push({ kind: 'stop', id: one.id, why: 'swap', for: one.closed.for })
    }
    return
  }
  const isIdle = one.state === 'ready' && one.inFlight === 0 && one.queued === 0
  if (!isIdle || desk.keptClosed.has(one.id)) return
  if (one.isStale) {
    desk.actions.push({ kind: 'stop', id: one.id, why: 'changed', for: null })
    return
  }
  if (one.ttlMs === null) return
  const endsAt = Math.max(one.readySince ?? 0, one.lastUsedAt) + one.ttlMs
  if (endsAt <= desk.now) desk.actions.push({ kind: 'stop', id: one.id, why: 'ttl', for: null })
  else wake(desk, endsAt)
}

/** Rule 1: what is free now and what these leave belongs to `one`. */
function claim(desk: Desk, one: Standing, leaving: readonly Standing[]): void {
  desk.freeBytes = Math.min(desk.freeBytes, desk.freeBytes + sumBytes(leaving) - (one.reserveBytes ?? 0))
  for (const other of leaving) desk.claimed.add(other.id)
}

const residentOf =
  (desk: Desk) =>
  (one: Standing): Resident => ({
    id: one.id,
    reserveBytes: one.reserveBytes,
    isPinned: one.isPinned,
    isIdle: one.state === 'closed' || (one.inFlight === 0 && one.queued === 0),
    lastUsedAt: unusedSince(one, desk),
  })

/**
 * One that is closed already is the first to go: changing the mind would serve nobody sooner. One in its turn is the
 * last.
 */
function unusedSince(one: Standing, desk: Desk): number {
  if (one.state === 'closed') return -Infinity
  return yieldsAt(one, desk.policy) > desk.now ? desk.now : Math.max(one.readySince ?? 0, one.lastUsedAt)
}

function wake(desk: Desk, at: number): void {
  desk.wakeAt = Math.min(desk.wakeAt ?? Infinity, at)
}

function sumBytes(standings: readonly Standing[]): number {
  return standings.reduce((sum, one) => sum + (one.reserveBytes ?? 0), 0)
}

function ids(standings: readonly Standing[]): readonly string[] {
  return standings.map((one) => one.id).sort()
}
