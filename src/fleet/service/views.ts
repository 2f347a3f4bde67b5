import { modelId } from '#kernel/ids.ts'
import type { EpochMs, MonoMs } from '#kernel/time.ts'
import type { ModelViewWire } from '#protocol/admin/fleet.ts'
import type { ModelState, ModelView, Waiting } from '../contract.ts'
import { downloadEtaSeconds, etaSeconds, queueEtaSeconds } from '../core/eta.ts'
import { positionOf, type Turn } from '../core/queue.ts'
import { capabilitiesOf } from '../core/recipe.ts'
import { type Bay, type LocalModel, runningOf, type Visitor } from './bay.ts'
import { type FleetState, needOfModel, toEpoch, wantedOf } from './state.ts'

/** A local model as people and programs see it. */
export function viewOf(fleet: FleetState, bay: Bay, local: LocalModel): ModelView {
  const { recipe } = local
  const running = runningOf(local.life)
  const now = fleet.clock.mono()
  const lastUsedAt = running?.slots.lastUsedAt ?? local.lastUsedAt
  return {
    id: modelId(local.id),
    engine: recipe.engine,
    state: stateOf(bay, local, now),
    from: recipe.from,
    label: recipe.label,
    capabilities: capabilitiesOf(recipe),
    context: recipe.context,
    memoryBytes: needOfModel(fleet, local),
    ttlMs: recipe.ttlMs,
    isPinned: recipe.pin,
    phase: phaseOf(bay, local, now),
    etaSeconds: etaOf(local, now),
    progress: local.life.state === 'preparing' ? (local.step?.progress ?? null) : null,
    inFlight: running?.slots.inFlight ?? 0,
    queued: bay.queue.size,
    readySince: running?.readySince ?? null,
    lastUsedAt: lastUsedAt === null ? null : toEpoch(fleet.clock, lastUsedAt),
    failure: local.life.state === 'failed' ? local.life.message : null,
    pid: running?.engine.pid ?? null,
  }
}

/** What a request that waits in this bay is told; null = one that would be the last of all. */
export function waitingOf(fleet: FleetState, bay: Bay, visitor: Visitor | null): Waiting {
  const turn = visitor === null ? null : bay.queue.turnOf(visitor)
  return waitingAt(fleet, bay, turn)
}

function waitingAt(fleet: FleetState, bay: Bay, turn: Turn<Visitor> | null): Waiting {
  const now = fleet.clock.mono()
  const lines = [...bay.round.bays].map(({ queue }) => queue)
  const position = turn === null ? lines.reduce((sum, line) => sum + line.size, 0) : positionOf(lines, turn)
  const { local } = bay
  const serving = servingEta(bay, position, turn?.index ?? 0)
  if (local === null) return { state: 'ready', phase: 'queued', position, etaSeconds: serving }
  const isReady = local.life.state === 'ready'
  return {
    state: stateOf(bay, local, now),
    phase: phaseOf(bay, local, now) ?? 'queued',
    position,
    etaSeconds: isReady ? serving : loadingEta(bay, local, { position, now }),
  }
}

/** When the turn comes at places that are all taken; a key's own requests may wait longer for each other. */
function servingEta(bay: Bay, position: number, own: number): number | null {
  const { serviceMs, pool, slots } = bay
  const places = Math.min(slots?.limit ?? Infinity, pool?.concurrency ?? Infinity)
  const inTurn = queueEtaSeconds({ position, serviceMs, places })
  if (inTurn === null || pool === null || pool.perKey === null) return inTurn
  return Math.max(inTurn, queueEtaSeconds({ position: own, serviceMs, places: pool.perKey }) ?? 0)
}

/** When the model is loaded, and those are served who come before and have no place at once. */
function loadingEta(
  bay: Bay,
  local: LocalModel,
  at: { readonly position: number; readonly now: MonoMs },
): number | null {
  const eta = etaOf(local, at.now)
  const places = local.recipe.parallel
  if (eta === null || at.position < places) return eta
  const later = queueEtaSeconds({ position: at.position - places, serviceMs: bay.serviceMs, places })
  return later === null ? null : eta + later
}

export function stateOf(bay: Bay, local: LocalModel, now: MonoMs): ModelState {
  const { life } = local
  switch (life.state) {
    case 'stopped':
      return wantedOf(bay, now) === null ? 'stopped' : 'queued'
    case 'preparing':
      return 'starting'
    case 'prepared':
      return 'queued'
    case 'starting':
      return local.step?.phase === 'loading' || local.step?.phase === 'proving' ? 'loading' : 'starting'
    case 'ready':
    case 'stopping':
    case 'failed':
      return life.state
    case 'closed':
    case 'draining':
      return 'draining'
  }
}

function phaseOf(bay: Bay, local: LocalModel, now: MonoMs): Waiting['phase'] | null {
  const { life } = local
  switch (life.state) {
    case 'stopped':
      return wantedOf(bay, now) === null ? null : 'queued'
    case 'preparing':
    case 'starting':
      return local.step?.phase ?? 'starting'
    case 'prepared':
      return local.isWaitingForRoom ? 'unloading_others' : 'queued'
    case 'failed':
      return local.wish === null ? null : 'backing_off'
    case 'ready':
      return null
    case 'closed':
    case 'draining':
    case 'stopping':
      return bay.queue.size > 0 ? 'queued' : null
  }
}

function etaOf(local: LocalModel, now: MonoMs): number | null {
  const { life, step } = local
  if (life.state === 'preparing') return step?.progress ? downloadEtaSeconds(step.progress) : null
  if (life.state === 'starting') {
    const progress = step?.phase === 'loading' ? step.share : null
    return etaSeconds({ elapsedMs: now - life.startedAt, pastMs: local.loadMs, progress })
  }
  if (life.state === 'prepared' && !local.isWaitingForRoom) {
    return etaSeconds({ elapsedMs: 0, pastMs: local.loadMs, progress: null })
  }
  return null
}

/** Loads are looked at again sooner than they end; clients' libraries do not heed more than a minute. */
const longestRetrySeconds = { loading: 30, queued: 60 } as const

/** How long a caller should stay away before it asks again. */
export function retryAfterMs(waiting: Waiting): number {
  const longest = waiting.state === 'ready' ? longestRetrySeconds.queued : longestRetrySeconds.loading
  return Math.min(longest, Math.max(1, waiting.etaSeconds ?? 5)) * 1000
}

/** Tells a model's view when it changed in more than its counters, or in anything at all when `withCounters`. */
export function tell(
  fleet: FleetState,
  bay: Bay,
  options: { readonly withCounters: boolean } = { withCounters: false },
): void {
  const { local } = bay
  if (local === null) return
  const view = viewOf(fleet, bay, local)
  const { inFlight, queued, lastUsedAt, etaSeconds: eta, ...steady } = view
  const [counters, core] = [JSON.stringify([inFlight, queued, lastUsedAt, eta]), JSON.stringify(steady)]
  const told = `${core}\n${counters}`
  const isSame = options.withCounters ? told === local.told : local.told.startsWith(`${core}\n`)
  if (isSame) return
  local.told = told
  fleet.announce({ type: 'model.state', data: { model: wireModel(view) } })
  tellLine(fleet, bay)
}

/** Tells all who wait here how things stand. */
export function tellLine(fleet: FleetState, bay: Bay): void {
  for (const turn of [...bay.queue.turns()]) {
    if (turn.entry.onProgress !== null) tellOne(fleet, bay, turn)
  }
}

/** Tells one who waits how things stand. */
export function notify(fleet: FleetState, bay: Bay, visitor: Visitor): void {
  const turn = visitor.onProgress === null ? null : bay.queue.turnOf(visitor)
  if (turn !== null) tellOne(fleet, bay, turn)
}

/** What a listener throws is its own affair: the fleet must not suffer. */
function tellOne(fleet: FleetState, bay: Bay, turn: Turn<Visitor>): void {
  try {
    turn.entry.onProgress?.(waitingAt(fleet, bay, turn))
  } catch (error) {
    fleet.log.warn('who waits for a model could not be told of its progress', { deployment: bay.deployment, error })
  }
}

/** A model as it goes over the wire, in answers and events: times as ISO texts. */
export function wireModel(view: ModelView): ModelViewWire {
  return {
    ...view,
    capabilities: [...view.capabilities],
    readySince: iso(view.readySince),
    lastUsedAt: iso(view.lastUsedAt),
  }
}

const iso = (at: EpochMs | null): string | null => (at === null ? null : new Date(at).toISOString())
