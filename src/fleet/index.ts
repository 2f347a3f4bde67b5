import type { DeploymentId } from '#kernel/ids.ts'
import type { Clock } from '#kernel/time.ts'
import type { Announce, Cell } from '#kernel/words.ts'
import type { AnyRoute } from '#platform/http/route.ts'
import type { Logger } from '#platform/log/logger.ts'
import { type RunningTask, startTask } from '#platform/tasks/task.ts'
import type { ModelView, Places, PoolView } from './contract.ts'
import type { Recipe } from './core/recipe.ts'
import type { FleetEvent } from './events.ts'
import { engineRoutes } from './http/engines.ts'
import { modelRoutes } from './http/models.ts'
import { poolRoutes } from './http/pools.ts'
import type {
  Audit,
  EngineDriver,
  EngineInstaller,
  EngineProbe,
  ExternalDeployment,
  LearnedStore,
  MachineMemory,
  Pulls,
  RecipeBook,
  SmokeFiles,
  Weights,
} from './ports.ts'
import { Installations } from './service/installations.ts'
import { type FleetLimits, type FleetSettings, fleetLimits, type FleetState, localBays } from './service/state.ts'
import { Keeper } from './service/keeper.ts'
import { Operations } from './service/operations.ts'
import { runningOf } from './service/bay.ts'
import { poolViews } from './service/pool-views.ts'
import { fleetTasks } from './tasks.ts'

export { createEngineProbe } from './adapters/engine-http.ts'
export { createFoundFiles } from './adapters/found-files.ts'
export { createGgufWeights } from './adapters/gguf-weights.ts'
export { createHuggingfaceHub } from './adapters/huggingface-hub.ts'
export { createLearnedStore } from './adapters/kysely-learned-store.ts'
export { createMachineMemory } from './adapters/machine-memory.ts'
export { createNpmEngineInstaller, readMachineFacts } from './adapters/npm-engine-installer.ts'
export { createProcessDriver } from './adapters/process-driver.ts'
export { createSmokeFiles } from './adapters/smoke-files.ts'
export { engineModelName, type Recipe } from './core/recipe.ts'
export { pullRoutes } from './http/pulls.ts'
export { fleetMigrations } from './migrations/index.ts'
export { Library } from './service/library.ts'
export { PullService } from './service/pulls.ts'

export interface FleetOptions {
  readonly clock: Clock
  readonly log: Logger
  readonly announce: Announce<FleetEvent>
  readonly audit: Audit
  readonly settings: Cell<FleetSettings>
  readonly recipes: Cell<readonly Recipe[]>
  readonly externals: Cell<readonly ExternalDeployment[]>
  readonly driver: EngineDriver
  readonly probe: EngineProbe
  readonly installer: EngineInstaller
  readonly pulls: Pulls
  readonly smoke: SmokeFiles
  readonly weights: Weights
  readonly learned: LearnedStore
  readonly memory: MachineMemory
  readonly book: RecipeBook
  /** Where the built-in limits do not fit; tests make them small. */
  readonly limits?: Partial<FleetLimits>
}

export interface Fleet extends AsyncDisposable {
  readonly places: Places
  readonly routes: readonly AnyRoute[]
  readonly tasks: readonly RunningTask[]
  /** All local models, in the order of the configuration. */
  views(): readonly ModelView[]
  /** Null: no local model of this id. */
  view(id: string): ModelView | null
  /** What is scarce, and who waits for it: named pools, audio pools, each deployment's places. */
  pools(): readonly PoolView[]
  /** What is going on at a deployment now; null = it is not known. */
  traffic(deployment: DeploymentId): { readonly inFlight: number; readonly queued: number } | null
  /** For `/api/status`; `bytes` null = the machine does not tell. */
  memory(): {
    readonly budgetBytes: number | null
    readonly usedBytes: number
    readonly from: 'configured' | 'measured'
  }
}

/**
 * Opens the fleet: ends what an earlier life left behind, before anything else; then preloads. Disposing ends all
 * engines and resolves when they have ended.
 */
export async function openFleet(options: FleetOptions): Promise<Fleet> {
  const log = options.log.child({ part: 'fleet' })
  const orphans = await options.driver.sweep()
  if (orphans > 0) log.warn('engines of an earlier life were ended', { processes: orphans })
  const installations = new Installations({
    installer: options.installer,
    announce: options.announce,
    log,
    mono: () => options.clock.mono(),
  })
  const fleet: FleetState = {
    ...options,
    log,
    limits: { ...fleetLimits, ...options.limits },
    tools: { ...options, installer: installations },
    store: options.learned,
    bays: new Map(),
    learned: new Map((await options.learned.all()).map((entry) => [entry.key, entry])),
    budget: null,
    isMeasureWhole: true,
    isClosing: false,
  }
  const keeper = new Keeper(fleet)
  const pools = () => poolViews(fleet, keeper.pools)
  const operations = new Operations(keeper, options.book)
  const tasks = fleetTasks(keeper, { everyMs: fleet.limits.observeEveryMs }).map((task) =>
    startTask(task, { clock: options.clock, log }),
  )
  return {
    places: keeper.places,
    routes: [...modelRoutes(operations), ...engineRoutes(installations), ...poolRoutes(pools)],
    tasks,
    views: () => operations.views(),
    view: (id) => (keeper.find(id) ? operations.view(id) : null),
    pools,
    traffic: (deployment) => trafficOf(fleet, deployment),
    memory: () => ({
      budgetBytes: fleet.budget?.bytes ?? null,
      usedBytes: usedBytes(fleet, options.driver),
      from: fleet.budget?.from ?? 'measured',
    }),
    async [Symbol.asyncDispose]() {
      for (const task of tasks) await task[Symbol.asyncDispose]()
      await keeper[Symbol.asyncDispose]()
    },
  }
}

function trafficOf(fleet: FleetState, deployment: DeploymentId) {
  const bay = fleet.bays.get(deployment)
  if (bay === undefined) return null
  return { inFlight: bay.slots?.inFlight ?? 0, queued: bay.queue.size + (bay.audio?.queue.size ?? 0) }
}

/** What engines use now, measured. */
function usedBytes(fleet: FleetState, driver: EngineDriver): number {
  const measured = driver.measure()
  const running = [...localBays(fleet)].flatMap(({ local }) => runningOf(local.life)?.engine.instance ?? [])
  return running.reduce((sum, instance) => sum + (measured?.get(instance) ?? 0), 0)
}
