import type { DeploymentId, KeyId } from '#kernel/ids.ts'
import type { EpochMs, MonoMs } from '#kernel/time.ts'
import type { Priority } from '#kernel/words.ts'
import type { Acquired, Waiting } from '../contract.ts'
import { FairQueue, type OpenLine, type QueueLimits } from '../core/queue.ts'
import { engineFingerprint, type Recipe } from '../core/recipe.ts'
import type { StopWhy, WantedBy } from '../core/schedule.ts'
import type { Engine } from '../ports.ts'
import type { LaunchStep, Prepared } from './launch.ts'
import { newRound, type Pool, type Round } from './pool.ts'
import type { Slots } from './slots.ts'
import type { EngineWatch } from './watch.ts'

/** A request that waits in line. */
export interface Visitor {
  readonly key: KeyId
  readonly weight: number
  readonly priority: Priority
  readonly since: MonoMs
  readonly deadline: MonoMs
  readonly onProgress: ((waiting: Waiting) => void) | null
  /** Answers it, once; it is out of the line by then. */
  settle(answer: Acquired): void
}

/** Where a deployment stands for those who want a place: its line, and its slots while there are any. */
export class Bay implements OpenLine<Visitor> {
  /** Its audio line has the same one. */
  readonly deployment: DeploymentId
  readonly queue: FairQueue<Visitor>
  readonly local: LocalModel | null
  /** Null: there is nothing to give at present. */
  slots: Slots | null = null
  /** Closed: only those who came before this moment are served. Infinity = open. */
  closedSince: MonoMs = Infinity
  /** What its requests need besides one of its slots. */
  pool: Pool | null = null
  /** Its line alone. */
  readonly ownRound: Round = newRound()
  /** Those it takes turns with. */
  round: Round = this.ownRound
  /** What the settings of an external one say. */
  wants: { readonly pool?: string | null; readonly audio?: boolean } = {}
  /** The line of an external one's audio, which may have to wait while other work need not. */
  audio: Bay | null = null
  /** How long its requests have their places, on average; null = none has ended yet. */
  serviceMs: number | null = null

  constructor(options: {
    readonly deployment: DeploymentId
    readonly queueLimits: () => QueueLimits
    readonly local: LocalModel | null
  }) {
    this.deployment = options.deployment
    this.local = options.local
    this.queue = new FairQueue(options.queueLimits, this.ownRound.turns)
    this.ownRound.bays.add(this)
  }

  /** As `OpenLine` asks: who of the line may be taken. */
  get olderThan(): MonoMs {
    return this.closedSince
  }

  mayTake(key: string): boolean {
    return this.pool === null || this.pool.mayTake(key)
  }
}

/**
 * The life of a local model; only `keeper.ts` changes it:
 *
 *   stopped → preparing → prepared → starting → ready → closed → stopping → stopped
 *                 ↓           ↓          ↓         ↓       ↓
 *               failed (memory too small, load failed, crashed) → preparing after the backoff
 *
 * preparing: the engine is installed, the weights are fetched; no memory is needed yet. prepared: it waits for
 * memory. closed: it makes room; requests older than the waiting one are served. draining: a person unloads it, or
 * its recipe went.
 */
export type Life =
  | { readonly state: 'stopped' }
  | { readonly state: 'preparing'; readonly abort: AbortController; readonly startedAt: MonoMs }
  | { readonly state: 'prepared'; readonly prepared: Extract<Prepared, { kind: 'prepared' }> }
  | { readonly state: 'starting'; readonly abort: AbortController; readonly startedAt: MonoMs }
  | ({ readonly state: 'ready' } & Running)
  | ({ readonly state: 'closed'; readonly for: string } & Running)
  | ({ readonly state: 'draining'; readonly cutAt: MonoMs } & Running)
  | { readonly state: 'stopping'; readonly why: StopWhy | 'person' | 'removed' | 'silent' | 'shutdown' }
  | { readonly state: 'failed'; readonly message: string }

export interface Running {
  readonly engine: Engine
  readonly slots: Slots
  readonly watch: EngineWatch
  readonly readyAt: MonoMs
  readonly readySince: EpochMs
  readonly loadMs: number
}

/** A local model and where it stands. */
export interface LocalBay {
  readonly bay: Bay
  readonly local: LocalModel
}

/** All that is known about one recipe's model. */
export interface LocalModel {
  readonly id: string
  recipe: Recipe
  /** `engineFingerprint` of the recipe. */
  fingerprint: string
  /**
   * What its engine was admitted with, from its start to its end; null = no engine. The recipe may change meanwhile.
   */
  held: { readonly bytes: number | null; readonly fingerprint: string } | null
  life: Life
  /** The last step of a preparation or start. */
  step: LaunchStep | null
  /** Who wants it besides the line; null = nobody. */
  wish: { readonly since: MonoMs; readonly by: Exclude<WantedBy, 'request'> } | null
  /** Requests whose wait ended come back soon: until then their place among the waiting models is kept. */
  kept: { readonly since: MonoMs; readonly until: MonoMs } | null
  /** Failures in a row. */
  failures: number
  /** Not to be started before; null = at any time. */
  retryAt: MonoMs | null
  estimatedBytes: number | null
  peakBytes: number | null
  loadMs: number | null
  lastUsedAt: MonoMs | null
  /** Models that were unloaded for its present load: they come back if it fails. */
  evicted: readonly string[]
  /** It waits for others to go. */
  isWaitingForRoom: boolean
  /** Gone from the config: forgotten when it has stopped. */
  isRemoved: boolean
  /** What was last told about it, to tell only changes. */
  told: string
}

export function createLocalModel(recipe: Recipe): LocalModel {
  return {
    id: recipe.id,
    recipe,
    fingerprint: engineFingerprint(recipe),
    held: null,
    life: { state: 'stopped' },
    step: null,
    wish: null,
    kept: null,
    failures: 0,
    retryAt: null,
    estimatedBytes: null,
    peakBytes: null,
    loadMs: null,
    lastUsedAt: null,
    evicted: [],
    isWaitingForRoom: false,
    isRemoved: false,
    told: '',
  }
}

/** The part of a life in which an engine answers; null in all others. */
export function runningOf(life: Life): Running | null {
  return life.state === 'ready' || life.state === 'closed' || life.state === 'draining' ? life : null
}
