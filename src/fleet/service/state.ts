import type { Clock, EpochMs, MonoMs } from '#kernel/time.ts'
import type { Announce, Cell } from '#kernel/words.ts'
import type { DeploymentId } from '#kernel/ids.ts'
import type { Logger } from '#platform/log/logger.ts'
import { type BackoffPolicy, backoffPolicy } from '../core/backoff.ts'
import { type LivenessPolicy, livenessPolicy } from '../core/liveness.ts'
import { type Budget, type Need, needOf, type NeedFacts, reserveOf } from '../core/memory.ts'
import type { Recipe } from '../core/recipe.ts'
import type { Standing, WantedBy } from '../core/schedule.ts'
import type { QueueLimits } from '../core/queue.ts'
import type { FleetEvent } from '../events.ts'
import type { Audit, ExternalDeployment, Learned, LearnedStore, MachineMemory } from '../ports.ts'
import { type Bay, type LocalBay, type LocalModel, runningOf } from './bay.ts'
import type { LaunchTools } from './launch.ts'
import type { PoolSettings } from './pool.ts'

/** What people set about the fleet; replaced whole at a reload. */
export interface FleetSettings {
  /** null = measured. */
  readonly memoryBytes: number | null
  readonly swap: 'on-demand' | 'never'
  readonly maxQueuePerModel: number
  /** null = three quarters of the line. */
  readonly maxQueuePerKey: number | null
  /** Batch requests that wait longer are served beside interactive ones. */
  readonly batchAgeMs: number
  /** A local engine that is silent for so long, though it has requests, is asked for a token. */
  readonly engineSilenceMs: number
  readonly drainMs: number
  readonly pools: readonly PoolSettings[]
}

/** Limits that nobody had a reason to set yet; tests make them small. */
export interface FleetLimits {
  readonly backoff: BackoffPolicy
  readonly liveness: LivenessPolicy
  readonly loadDeadlineMs: number
  readonly proveDeadlineMs: number
  /** Between SIGTERM and SIGKILL. */
  readonly stopGraceMs: number
  readonly minTurnMs: number
  readonly maxTurnMs: number
  readonly lingerMs: number
  /** How long a model's place among the waiting is kept after a request gave up: its caller was told to come back. */
  readonly keepPlaceMs: number
  readonly observeEveryMs: number
}

export const fleetLimits: FleetLimits = {
  backoff: backoffPolicy,
  liveness: livenessPolicy,
  loadDeadlineMs: 600_000,
  proveDeadlineMs: 120_000,
  stopGraceMs: 5000,
  minTurnMs: 1000,
  maxTurnMs: 30_000,
  lingerMs: 250,
  keepPlaceMs: 30_000,
  observeEveryMs: 2000,
}

/** All state of the fleet and what is needed to change it. One owner holds it: `keeper.ts`. */
export interface FleetState {
  readonly clock: Clock
  readonly log: Logger
  readonly audit: Audit
  readonly announce: Announce<FleetEvent>
  readonly settings: Cell<FleetSettings>
  readonly recipes: Cell<readonly Recipe[]>
  readonly externals: Cell<readonly ExternalDeployment[]>
  readonly limits: FleetLimits
  readonly tools: LaunchTools
  readonly store: LearnedStore
  readonly memory: MachineMemory
  readonly bays: Map<DeploymentId, Bay>
  /** What earlier loads taught, by `learnedKey`; the store has it, too. */
  readonly learned: Map<string, Learned>
  budget: Budget
  isMeasureWhole: boolean
  isClosing: boolean
}

/** What one key may fill of a line: the rest is for others. */
const keyShare = 0.75

/** How long a line may be. */
export function queueLimitsOf({ maxQueuePerModel: all, maxQueuePerKey }: FleetSettings): QueueLimits {
  return { all, perKey: maxQueuePerKey ?? Math.ceil(all * keyShare) }
}

export function needFacts(fleet: FleetState, local: LocalModel): NeedFacts {
  return {
    statedBytes: local.recipe.memoryBytes,
    estimatedBytes: local.estimatedBytes,
    measuredPeakBytes: local.peakBytes,
    isMeasureWhole: fleet.isMeasureWhole,
  }
}

export const needOfModel = (fleet: FleetState, local: LocalModel): Need => needOf(needFacts(fleet, local))
export const reserveOfModel = (fleet: FleetState, local: LocalModel): number | null =>
  reserveOf(needFacts(fleet, local))

/** Who wants the model to be ready, and since when; null = nobody. */
export function wantedOf(bay: Bay, now: MonoMs): { readonly since: MonoMs; readonly by: WantedBy } | null {
  const { local } = bay
  if (local === null || local.isRemoved) return null
  const kept = local.kept !== null && local.kept.until > now ? local.kept.since : null
  const waiting = bay.queue.oldestSince() ?? kept
  if (waiting === null) return local.wish
  if (local.wish?.by === 'person') return { since: Math.min(waiting, local.wish.since), by: 'person' }
  return { since: waiting, by: 'request' }
}

/** A local model as the scheduler sees it. */
export function standingOf(fleet: FleetState, bay: Bay, local: LocalModel, now: MonoMs): Standing {
  const running = runningOf(local.life)
  return {
    id: local.id,
    state: standingState(local),
    reserveBytes: heldOrNeeded(fleet, local),
    isPinned: local.recipe.pin,
    inFlight: running?.slots.inFlight ?? 0,
    queued: bay.queue.size,
    // Only what is prepared asks for memory.
    wanted: local.life.state === 'prepared' ? wantedOf(bay, now) : null,
    notBefore: null,
    readySince: running?.readyAt ?? null,
    loadMs: running?.loadMs ?? local.loadMs ?? 0,
    lastUsedAt: running?.slots.lastUsedAt ?? local.lastUsedAt ?? 0,
    closed:
      local.life.state === 'closed' ? { for: local.life.for, older: bay.queue.countOlderThan(bay.closedSince) } : null,
    ttlMs: local.recipe.ttlMs,
    isStale: running !== null && isStale(local),
  }
}

/** Its engine was started from another recipe than the present one. */
export function isStale(local: LocalModel): boolean {
  return local.held !== null && local.held.fingerprint !== local.fingerprint
}

/** An engine that was started from an older recipe holds what it was admitted with, whatever the new one will need. */
function heldOrNeeded(fleet: FleetState, local: LocalModel): number | null {
  return isStale(local) ? (local.held?.bytes ?? null) : reserveOfModel(fleet, local)
}

function standingState(local: LocalModel): Standing['state'] {
  switch (local.life.state) {
    case 'stopped':
    case 'failed':
    case 'preparing':
    case 'prepared':
      return 'stopped'
    case 'starting':
    case 'ready':
    case 'closed':
      return local.life.state
    case 'draining':
    case 'stopping':
      return 'stopping'
  }
}

/** A moment of the steady clock as a date. */
export function toEpoch(clock: Clock, at: MonoMs): EpochMs {
  return Math.round(clock.now() - clock.mono() + at)
}

/** All lines: of every deployment, and of the audio of external ones. */
export function* allLines(fleet: FleetState): Generator<Bay> {
  for (const bay of fleet.bays.values()) {
    yield bay
    if (bay.audio !== null) yield bay.audio
  }
}

export function* localBays(fleet: FleetState): Generator<LocalBay> {
  for (const bay of fleet.bays.values()) if (bay.local !== null) yield { bay, local: bay.local }
}
