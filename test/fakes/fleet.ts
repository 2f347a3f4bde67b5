import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createCell } from '#kernel/cell.ts'
import { AppError } from '#kernel/errors.ts'
import { keyId, modelId } from '#kernel/ids.ts'
import { localDeployment } from '#kernel/ids.ts'
import { systemClock } from '#platform/clock.ts'
import { openEgress } from '#platform/egress/egress.ts'
import { createLogger } from '#platform/log/logger.ts'
import type { Acquired, Permit, Ticket, Waiting } from '#fleet/contract.ts'
import type { FleetEvent } from '#fleet/events.ts'
import {
  createEngineProbe,
  createGgufWeights,
  createProcessDriver,
  openFleet,
  type FleetOptions,
  type Recipe,
} from '#fleet/index.ts'
import type { FleetSettings } from '#fleet/service/state.ts'
import type { AuditEntry, ExternalDeployment, Learned } from '#fleet/ports.ts'

export const fakeEngine = join(import.meta.dir, 'engine.ts')
export const MiB = 2 ** 20

/** A recipe whose engine is the fake one with these flags. */
export function fakeRecipe(id: string, options: Partial<Recipe> & { readonly flags?: readonly string[] } = {}): Recipe {
  const { flags = [], ...rest } = options
  const parallel = rest.parallel ?? 2
  const capability = rest.embeddings ? ['--embeddings'] : rest.rerank ? ['--rerank'] : []
  const argv = [
    process.execPath,
    fakeEngine,
    '--host',
    '${HOST}',
    '--port',
    '${PORT}',
    '--alias',
    '${ID}',
    '--parallel',
    `${parallel}`,
  ]
  return {
    id,
    from: 'config',
    label: null,
    engine: 'command',
    source: { kind: 'command', argv: [...argv, ...capability, ...flags], env: {}, modelName: id },
    mmproj: null,
    lora: [],
    context: 512,
    gpuLayers: 'auto',
    memoryBytes: 100 * MiB,
    ttlMs: null,
    preload: false,
    pin: false,
    loadDeadlineMs: null,
    readyPath: '/health',
    embeddings: false,
    rerank: false,
    ...rest,
    parallel,
  }
}

export interface TestFleetOptions extends Partial<Pick<FleetOptions, 'limits' | 'installer' | 'pulls' | 'smoke'>> {
  readonly recipes?: readonly Recipe[]
  readonly externals?: readonly ExternalDeployment[]
  readonly memoryBytes?: number
  readonly swap?: 'on-demand' | 'never'
  readonly maxQueuePerModel?: number
  readonly maxQueuePerKey?: number
  readonly batchAgeMs?: number
  readonly engineSilenceMs?: number
  readonly pools?: FleetSettings['pools']
  readonly drainMs?: number
  readonly home?: string
}

export type TestFleet = Awaited<ReturnType<typeof openTestFleet>>

/** A whole fleet with real child processes over a folder of its own. */
export async function openTestFleet(options: TestFleetOptions = {}) {
  const home = options.home ?? mkdtempSync(join(tmpdir(), 'hearth-fleet-'))
  mkdirSync(home, { recursive: true })
  const log = createLogger({ level: 'silent', format: 'lines', write: () => {}, now: () => 0 })
  const recipes = createCell<readonly Recipe[]>(options.recipes ?? [])
  const externals = createCell<readonly ExternalDeployment[]>(options.externals ?? [])
  const { memoryBytes = 1024 * MiB, swap = 'on-demand', maxQueuePerModel = 100, drainMs = 5000 } = options
  const { maxQueuePerKey = null, batchAgeMs = 30_000, engineSilenceMs = 60_000, pools = [] } = options
  const settings = createCell<FleetSettings>({
    ...{ memoryBytes, swap, maxQueuePerModel, maxQueuePerKey, batchAgeMs, engineSilenceMs, drainMs, pools },
  })
  const events: FleetEvent[] = []
  const audit: AuditEntry[] = []
  const learned = new Map<string, Learned>()
  const egress = openEgress({
    policy: createCell({ proxy: null }),
    log,
    clock: systemClock,
  })
  const no = (what: string) => () => Promise.reject(new AppError('unavailable', `There is no ${what} in this test.`))
  const fleet = await openFleet({
    clock: systemClock,
    log,
    announce: (event) => void events.push(event),
    audit: { record: (entry) => void audit.push(entry) },
    settings,
    recipes,
    externals,
    driver: createProcessDriver({
      home,
      enginesDir: join(home, 'engines'),
      embedded: { execPath: process.execPath, mainScript: fakeEngine },
      hostEnvironment: { ...process.env, HEARTH_ADMIN_KEY: 'must not be seen' },
      logBytes: 64 * 1024,
      log,
    }),
    probe: createEngineProbe(egress),
    installer: options.installer ?? {
      list: () => Promise.resolve([]),
      isInstalled: () => Promise.resolve(true),
      install: no('installer'),
    },
    pulls: options.pulls ?? { ensure: no('pull') },
    smoke: options.smoke ?? { ensure: no('smoke model') },
    weights: createGgufWeights(),
    learned: {
      all: () => Promise.resolve([...learned.values()]),
      save: async (entry) => void learned.set(entry.key, entry),
    },
    memory: { read: () => ({ totalBytes: null, availableBytes: null, hasDiscreteGpu: false }) },
    book: { add: no('book'), remove: () => Promise.resolve(false) },
    limits: { minTurnMs: 50, maxTurnMs: 200, lingerMs: 20, stopGraceMs: 1000, observeEveryMs: 100, ...options.limits },
  })
  return {
    fleet,
    home,
    recipes,
    externals,
    settings,
    events,
    audit,
    learned,
    async [Symbol.asyncDispose]() {
      await fleet[Symbol.asyncDispose]()
      await egress[Symbol.asyncDispose]()
      if (options.home === undefined) rmSync(home, { recursive: true, force: true })
    },
  }
}

/** Asks for a place at a local model. */
export function acquire(
  at: TestFleet,
  id: string,
  options: Partial<Pick<Ticket, 'weight' | 'priority' | 'work'>> & {
    key?: string
    waitMs?: number
    signal?: AbortSignal
    onProgress?: (waiting: Waiting) => void
  } = {},
): Promise<Acquired> {
  return at.fleet.places.acquire({
    ...options,
    deployment: localDeployment(modelId(id)),
    key: keyId(options.key ?? 'key'),
    waitMs: options.waitMs ?? 20_000,
    signal: options.signal ?? new AbortController().signal,
  })
}

export async function permitOf(asked: Promise<Acquired>): Promise<Permit> {
  const answer = await asked
  if (answer.kind !== 'permit') throw new Error(`no permit: ${JSON.stringify(answer)}`)
  return answer.permit
}

/** One chat request with this permit; the text of the answer, or its status. */
export async function chat(permit: Permit, text = 'hello'): Promise<string> {
  const response = await fetch(`${permit.baseUrl}/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${permit.token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ messages: [{ role: 'user', content: text }] }),
    proxy: '',
  })
  if (!response.ok) return `${response.status} ${await response.text()}`
  const body = (await response.json()) as { choices: { message: { content: string } }[] }
  return body.choices[0]?.message.content ?? ''
}
