import { join } from 'node:path'
import type { Announce, Cell } from '#kernel/words.ts'
import { upstreamDeployment, upstreamName } from '#kernel/ids.ts'
import type { Config } from '#config/contract.ts'
import type { Environment, LiveConfig } from '#config/index.ts'
import {
  createEngineProbe,
  createGgufWeights,
  createLearnedStore,
  createMachineMemory,
  createNpmEngineInstaller,
  createProcessDriver,
  createSmokeFiles,
  fleetMigrations,
  openFleet,
  readMachineFacts,
  type Fleet,
  type FleetOptions,
} from '#fleet/index.ts'
import { systemClock } from '#platform/clock.ts'
import type { Database } from '#platform/db/database.ts'
import type { Egress } from '#platform/egress/contract.ts'
import type { Logger } from '#platform/log/logger.ts'
import { derive } from './settings.ts'

export interface FleetParts {
  readonly environment: Environment
  readonly live: LiveConfig
  readonly database: Database
  readonly egress: Egress
  readonly audit: FleetOptions['audit']
  readonly announce: Announce<{ readonly type: string; readonly data: unknown }>
  readonly pulls: FleetOptions['pulls']
  readonly log: Logger
}

const engineSources = join(import.meta.dir, '..', '..', 'engines')

/**
 * The fleet with its adapters: child processes on this machine, weights on its disk, what it learned in the database.
 */
export async function composeFleet(parts: FleetParts): Promise<Fleet> {
  const { environment, live, database, egress, audit, announce, pulls, log } = parts
  const config: Cell<Config> = live.config
  const { home, enginesDir } = config.value
  await database.migrate('fleet', fleetMigrations)
  return openFleet({
    clock: systemClock,
    log,
    announce,
    audit,
    pulls,
    settings: derive(config, ({ fleet, pools }) => ({ ...fleet, pools })),
    recipes: derive(config, ({ models }) => models),
    externals: derive(config, ({ upstreams }) =>
      upstreams.map(({ name, baseUrl, concurrency, pool, audio }) => ({
        deployment: upstreamDeployment(upstreamName(name)),
        ...{ baseUrl, concurrency, pool, audio },
      })),
    ),
    driver: createProcessDriver({
      home,
      enginesDir,
      embedded: { execPath: process.execPath, mainScript: join(engineSources, 'llama', 'main.ts') },
      hostEnvironment: environment.forChildren,
      logBytes: config.value.fleet.logBytes,
      log,
    }),
    probe: createEngineProbe(egress),
    installer: createNpmEngineInstaller({
      enginesDir,
      sourceDir: engineSources,
      environment: environment.forChildren,
      machine: readMachineFacts(),
      clock: systemClock,
    }),
    smoke: createSmokeFiles({ modelsDir: join(home, 'models') }),
    weights: createGgufWeights(),
    learned: createLearnedStore(database),
    memory: createMachineMemory(),
    book: live.recipes,
  })
}
