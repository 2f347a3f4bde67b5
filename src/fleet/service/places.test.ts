import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { createCell } from '#kernel/cell.ts'
import { keyId, localDeployment, modelId } from '#kernel/ids.ts'
import { systemClock } from '#platform/clock.ts'
import { createLogger } from '#platform/log/logger.ts'
import { fakeRecipe, MiB } from '../../../test/fakes/fleet.ts'
import type { Acquired, Permit, PermitResult } from '../contract.ts'
import { livenessPolicy } from '../core/liveness.ts'
import type { FleetEvent } from '../events.ts'
import { openFleet } from '../index.ts'
import type { Engine, EngineDriver, EngineExit, EngineProbe } from '../ports.ts'

/**
 * Engines without processes: they start and end in the next round of the event loop, and count what a real machine
 * would suffer.
 */
function openMachine(budgetBytes: number) {
  const alive = new Map<string, { readonly model: string; readonly bytes: number; readonly crash: () => void }>()
  // Kept and checked at the end: thrown here it would be taken for a failed start.
  const violations: string[] = []
  /** Engines that are alive and answer nothing. */
  const hung = new Set<string>()
  let count = 0
  const driver: EngineDriver = {
    sweep: () => Promise.resolve(0),
    measure: () => new Map(),
    logTail: () => Promise.resolve(''),
    start({ recipe }) {
      const instance = `${recipe.id}-${count++}`
      const ended = Promise.withResolvers<EngineExit>()
      const end = (exit: EngineExit) => {
        alive.delete(instance)
        ended.resolve(exit)
      }
      alive.set(instance, {
        model: recipe.id,
        bytes: recipe.memoryBytes ?? 0,
        crash: () => end({ code: 139, signal: null }),
      })
      const used = [...alive.values()].reduce((sum, one) => sum + one.bytes, 0)
      if (used > budgetBytes) violations.push(`${instance} beside ${[...alive.keys()].join(', ')}`)
      const engine: Engine = {
        instance,
        pid: 1,
        rootUrl: `http://${instance}`,
        token: instance,
        exited: ended.promise,
        lastLines: () => [],
        async stop() {
          await new Promise((resolve) => setImmediate(resolve))
          end({ code: 0, signal: null })
        },
      }
      return Promise.resolve(engine)
    },
  }
  return { alive, hung, driver, violations }
}

const models = ['a', 'b', 'c'] as const
const releases = fc.record({
  kind: fc.constant('release' as const),
  which: fc.nat(9),
  result: fc.constantFrom<PermitResult[]>('ok', 'failed', 'aborted'),
})
const command = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('acquire' as const),
      model: fc.constantFrom(...models),
      key: fc.nat(2),
      priority: fc.constantFrom('interactive' as const, 'batch' as const),
      waitMs: fc.constantFrom<number[]>(0, 1, 5000),
    }),
  },
  { weight: 5, arbitrary: releases },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('hangUp' as const), which: fc.nat(9) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('crash' as const), which: fc.nat(2) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('hang' as const), which: fc.nat(2) }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('config' as const), withC: fc.boolean(), context: fc.constantFrom(1, 2) }),
  },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('turn' as const) }) },
)
type Command = typeof command extends fc.Arbitrary<infer T> ? T : never

test('whatever happens: never too many permits, too much memory or another model, and all is given back', async () => {
  const property = fc.asyncProperty(fc.array(command, { maxLength: 80, size: 'max' }), (commands) =>
    play(commands, leave),
  )
  await fc.assert(property, { numRuns: 150 })
}, 60_000)

/** Requests of people who stay: nobody hangs up, nothing crashes, nothing is changed. */
const patient = fc.oneof(
  fc.record({
    kind: fc.constant('acquire' as const),
    model: fc.constantFrom(...models),
    key: fc.nat(2),
    priority: fc.constantFrom('interactive' as const, 'batch' as const),
    waitMs: fc.constant<number>(30_000),
  }),
  releases,
  fc.record({ kind: fc.constant('turn' as const) }),
)

test('who waits is served: no order of requests and releases leaves anybody behind', async () => {
  const property = fc.asyncProperty(fc.array(patient, { maxLength: 80, size: 'max' }), (commands) =>
    play(commands, serveAll),
  )
  await fc.assert(property, { numRuns: 150 })
}, 60_000)

/** Everybody ends: who waits hangs up, what is held is given back. */
async function leave(stage: Stage): Promise<void> {
  for (const hangUp of stage.hangUps) hangUp.abort()
  await Promise.all(stage.asked)
  for (const { permit } of stage.held) permit.release()
}

/** Permits come back one by one until all who asked have theirs, except those whom a full line had turned away. */
async function serveAll(stage: Stage): Promise<void> {
  let isOver = false
  void Promise.all(stage.asked).then(() => (isOver = true))
  for (let rounds = 0; !isOver; rounds++) {
    expect(rounds).toBeLessThan(20_000)
    stage.held.shift()?.permit.release()
    await new Promise((resolve) => setImmediate(resolve))
  }
  for (const { permit } of stage.held) permit.release()
  expect([...new Set(stage.answers)].filter((kind) => kind !== 'permit' && kind !== 'full')).toEqual([])
}

interface Stage {
  readonly held: { readonly permit: Permit; readonly instance: string; readonly key: string }[]
  readonly hangUps: AbortController[]
  readonly asked: Promise<void>[]
  readonly answers: Acquired['kind'][]
}

async function play(commands: readonly Command[], finish: (stage: Stage) => Promise<void>): Promise<void> {
  const budgetBytes = 250 * MiB
  const machine = openMachine(budgetBytes)
  const recipesOf = (withC: boolean, context: number) =>
    models
      .filter((id) => withC || id !== 'c')
      .map((id) =>
        fakeRecipe(id, {
          memoryBytes: ((id === 'c' ? 200 : 100) / context) * MiB,
          ...{ parallel: 2, context, pool: id === 'c' ? null : 'gpu' },
        }),
      )
  const recipes = createCell(recipesOf(true, 1))
  const events: FleetEvent[] = []
  const prove: EngineProbe['prove'] = ({ token }) =>
    Promise.resolve(machine.hung.has(token) ? { kind: 'failed', message: 'It hangs.' } : { kind: 'ok' })
  const no = () => Promise.reject(new Error('not here'))
  const fleet = await openFleet({
    clock: systemClock,
    log: createLogger({ level: 'silent', format: 'lines', write: () => {}, now: () => 0 }),
    announce: (event) => void events.push(event),
    audit: { record: () => {} },
    settings: createCell({
      ...{ memoryBytes: budgetBytes, swap: 'on-demand' as const, maxQueuePerModel: 5, maxQueuePerKey: null },
      ...{ batchAgeMs: 3, engineSilenceMs: 60_000, drainMs: 5, pools: [{ name: 'gpu', concurrency: 3, perKey: 2 }] },
    }),
    recipes,
    externals: createCell([]),
    driver: machine.driver,
    probe: { health: () => Promise.resolve({ kind: 'ok' }), prove },
    installer: { list: () => Promise.resolve([]), isInstalled: () => Promise.resolve(true), install: no },
    pulls: { ensure: no },
    smoke: { ensure: no },
    weights: { look: () => Promise.resolve(null) },
    learned: { all: () => Promise.resolve([]), save: () => Promise.resolve() },
    memory: { read: () => ({ totalBytes: null, availableBytes: null, hasDiscreteGpu: false }) },
    book: { add: no, remove: () => Promise.resolve(false) },
    limits: {
      minTurnMs: 0,
      maxTurnMs: 0,
      lingerMs: 0,
      backoff: { firstMs: 1, maxMs: 2, maxRestarts: 3, healthyMs: 1 },
      keepPlaceMs: 1,
      liveness: { ...livenessPolicy, pauseMs: 0, calmMs: 0, longAbortMs: 0 },
    },
  })
  const stage: Stage = { held: [], hangUps: [], asked: [], answers: [] }
  const { held, hangUps, asked } = stage
  const take = ({ model, key }: { readonly model: string; readonly key: number }, answer: Acquired) => {
    stage.answers.push(answer.kind)
    if (answer.kind !== 'permit') return
    const instance = answer.permit.token ?? ''
    expect(instance.startsWith(`${model}-`)).toBe(true)
    expect(answer.permit.baseUrl).toBe(`http://${instance}/v1`)
    held.push({ permit: answer.permit, instance, key: `k${key}` })
    expect(held.filter((one) => one.instance === instance).length).toBeLessThanOrEqual(2)
    const inPool = held.filter((one) => !one.instance.startsWith('c-'))
    expect(inPool.length).toBeLessThanOrEqual(3)
    expect(inPool.filter((one) => one.key === `k${key}`).length).toBeLessThanOrEqual(2)
    // It may know of a permit whose promise has not been told yet.
    const seen = fleet.pools()[0]?.inFlight ?? -1
    expect([seen >= inPool.length, seen <= 3]).toEqual([true, true])
  }
  for (const one of commands) {
    switch (one.kind) {
      case 'acquire': {
        const hangUp = new AbortController()
        hangUps.push(hangUp)
        const ticket = {
          deployment: localDeployment(modelId(one.model)),
          key: keyId(`k${one.key}`),
          priority: one.priority,
          weight: one.key + 1,
        }
        asked.push(
          fleet.places
            .acquire({ ...ticket, waitMs: one.waitMs, signal: hangUp.signal })
            .then((answer) => take(one, answer)),
        )
        break
      }
      case 'release':
        for (const { permit } of held.splice(one.which, 1)) permit.release(one.result)
        break
      case 'hangUp':
        hangUps[one.which]?.abort()
        break
      case 'crash':
        ;[...machine.alive.values()][one.which]?.crash()
        break
      case 'hang':
        for (const instance of [...machine.alive.keys()].slice(one.which, one.which + 1)) machine.hung.add(instance)
        break
      case 'config':
        recipes.replace(recipesOf(one.withC, one.context))
        break
      case 'turn':
        await new Promise((resolve) => setImmediate(resolve))
    }
  }
  await finish(stage)
  expect(fleet.views().map((view) => [view.inFlight, view.queued])).toEqual(fleet.views().map(() => [0, 0]))
  for (const pool of fleet.pools())
    expect(pool).toMatchObject({ inFlight: 0, waiting: { interactive: 0, batch: 0 }, oldestWaitMs: null })
  await fleet[Symbol.asyncDispose]()
  expect([...machine.alive.keys()]).toEqual([])
  expect(machine.violations).toEqual([])
}
