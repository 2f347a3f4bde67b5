import { modelId } from '#kernel/ids.ts'
import type { EpochMs, MonoMs } from '#kernel/time.ts'
import type { ModelViewWire } from '#protocol/admin/fleet.ts'
import type { ModelState, ModelView, Waiting } from '../contract.ts'
import { downloadEtaSeconds, etaSeconds } from '../core/eta.ts'
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

/** What a request that waits in this bay is told. */
export function waitingOf(fleet: FleetState, bay: Bay, visitor: Visitor | null): Waiting {
  const now = fleet.clock.mono()
  const position = visitor === null ? bay.queue.size : Math.max(0, bay.queue.positionOf(visitor))
  const { local } = bay
  if (local === null) return { state: 'ready', phase: 'queued', position, etaSeconds: null }
  return {
    state: stateOf(bay, local, now),
    phase: phaseOf(bay, local, now) ?? 'queued',
    position,
    etaSeconds: etaOf(local, now),
  }
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

/** How long a caller should stay away before it asks again. */
export function retryAfterMs(waiting: Waiting): number {
  return Math.min(30, Math.max(1, waiting.etaSeconds ?? 5)) * 1000
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
  for (const visitor of bay.queue.all()) notify(fleet, bay, visitor)
}

/** Tells one who waits how things stand. What a listener throws is its own affair: the fleet must not suffer. */
export function notify(fleet: FleetState, bay: Bay, visitor: Visitor): void {
  if (visitor.onProgress === null) return
  try {
    visitor.onProgress(waitingOf(fleet, bay, visitor))
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
