import { afterAll, expect, test } from 'bun:test'
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AppError } from '#kernel/errors.ts'
import { forEachDatabase } from '../../test/env/databases.ts'
import { readEnvironment } from './env.ts'
import type { ConfigEvent } from './events.ts'
import { openConfig, type LiveConfig } from './live.ts'
import { configMigrations } from './migrations/index.ts'
import { databaseOverlayStore } from './overlay-store.ts'
import type { OverlayStore } from './ports.ts'
import { watchFile } from './watch.ts'

const folder = mkdtempSync(join(tmpdir(), 'hearth-test-config-'))
const closing: LiveConfig[] = []
afterAll(async () => {
  for (const live of closing) await live[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true, force: true })
})

function memoryStore(): OverlayStore {
  const values = new Map<string, unknown>()
  return {
    all: async () => Object.fromEntries(values),
    put: async (path, value) => void values.set(path, value),
    remove: async (path) => values.delete(path),
  }
}

let homes = 0
async function house(
  options: {
    readonly yaml?: string
    readonly store?: OverlayStore
    readonly variables?: Record<string, string>
    readonly isWatching?: boolean
  } = {},
) {
  const home = join(folder, `home-${homes++}`)
  await Bun.write(join(home, '.keep'), '')
  const file = join(home, 'hearth.yaml')
  if (options.yaml !== undefined) writeFileSync(file, options.yaml)
  const events: ConfigEvent[] = []
  const warnings: string[] = []
  const live = await openConfig({
    environment: readEnvironment({ HEARTH_HOME: home, ...options.variables }),
    configFile: null,
    store: options.store ?? memoryStore(),
    announce: (event) => events.push(event),
    onWarning: (warning) => warnings.push(warning),
    onRefused: () => undefined,
    onReloaded: () => undefined,
    isWatching: options.isWatching ?? false,
  })
  closing.push(live)
  return { live, file, events, warnings, store: options.store }
}

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise((resolve) => setImmediate(resolve))
}

const caught = (thrown: unknown) => thrown as AppError

test('a file that changes is swapped in whole; a broken one is refused and what ran before runs on', async () => {
  const { live, file, events } = await house({ yaml: 'server: { drain: 1s }\n', isWatching: true })
  const before = live.config.value
  writeFileSync(file, 'server: { drain: 2s }\nfleet: { memory: lots }\n')
  await until(() => events.length === 1)
  expect(events[0]).toMatchObject({ type: 'config.refused', data: { problems: [{ path: 'fleet.memory', line: 2 }] } })
  expect(live.config.value).toBe(before)
  const refusal = live.facts.value.warnings
  expect(refusal[0]).toBe(`${file} is refused; what ran before runs on.`)
  expect(refusal[1]).toStartWith('line 2: fleet.memory is "lots"')
  // Whoever mends a file by hand keeps nobody from changing what is set at run time.
  await live.put('server.loadWait', '5s')
  expect(live.config.value.server).toMatchObject({ loadWaitMs: 5000, drainMs: 1000 })
  expect(live.facts.value.warnings).toEqual(refusal)
  // As editors do it: a new file is put in the place of the old one.
  writeFileSync(`${file}.new`, 'server: { drain: 3s }\n')
  renameSync(`${file}.new`, file)
  await until(() => events.length === 3)
  expect(events[2]?.type).toBe('config.reloaded')
  expect(live.config.value.server).toMatchObject({ loadWaitMs: 5000, drainMs: 3000 })
  expect(live.facts.value.warnings).toEqual([])
})

test('a host or port that changes is said to wait for the next start', async () => {
  const { live, file, warnings } = await house({ yaml: 'server: { port: 1 }\n' })
  writeFileSync(file, 'server: { port: 2 }\n')
  await live.reload()
  expect(warnings).toEqual(['server.port is changed; it takes effect at the next start.'])
})

test('a problem at the start is an error that names them all', async () => {
  const thrown = await house({ yaml: 'server: { prot: 1, drain: 5 }\n' }).catch(caught)
  expect(thrown).toMatchObject({ kind: 'invalid', reason: 'invalid_config' })
  expect(String(thrown)).toContain('line 1: server.prot is not a setting. Did you mean port?')
  expect(String(thrown)).toContain('server.drain is 5')
})

test('a value set at run time that no longer fits does not keep the house from starting', async () => {
  const store = memoryStore()
  await store.put('server.drain', 'soon')
  const { live, warnings } = await house({ store })
  expect(live.config.value.server.drainMs).toBe(30_000)
  expect(warnings[0]).toContain('left out')
  expect(await live.remove('server.drain')).toBe(true)
})

test('a model is added at run time only with a file that is there; one that went later is a warning', async () => {
  const { live } = await house()
  const path = join(folder, 'tiny.gguf')
  const missing = await live.recipes.add({ id: 'tiny', file: path }).catch(caught)
  expect(missing).toMatchObject({ kind: 'invalid', reason: 'invalid_config' })
  expect(String(missing)).toContain(`models.tiny.file (set at run time) is ${path}, but there is no such file.`)
  writeFileSync(path, 'GGUF')
  await live.recipes.add({ id: 'tiny', file: path })
  rmSync(path)
  await live.put('server.drain', '5s')
  expect(live.facts.value.warnings.join()).toContain(`The model tiny cannot be loaded: there is no file ${path}.`)
})

const refusals: readonly {
  readonly path: string
  readonly value: unknown
  readonly kind: string
  readonly says: string
}[] = [
  { path: 'server.drain', value: 5, kind: 'invalid', says: 'must be a time' },
  { path: 'server.drian', value: '5s', kind: 'not_found', says: 'Did you mean server.drain' },
  { path: 'server.port', value: 5, kind: 'conflict', says: 'by the environment' },
  { path: 'fleet.swap', value: 'never', kind: 'conflict', says: 'hearth.yaml, line 1' },
  { path: 'models', value: [], kind: 'not_found', says: 'models.<id>' },
  { path: '__proto__.x', value: 1, kind: 'not_found', says: 'not a setting' },
  { path: 'HEARTH_HOME', value: '/x', kind: 'invalid', says: 'variable of the environment' },
  { path: 'models.x', value: { cmd: 'serve ${HEARTH_ADMIN_KEY}' }, kind: 'invalid', says: '${HEARTH_ADMIN_KEY}' },
  { path: 'upstreams.x', value: { baseUrl: 'http://h/${SECRET}' }, kind: 'invalid', says: '${SECRET}' },
  { path: 'upstreams.x', value: { baseUrl: 'http://h', apiKey: 'sk-plain' }, kind: 'invalid', says: 'not kept' },
  {
    path: 'upstreams.x',
    value: { baseUrl: 'http://h', apiKey: '${HEARTH_ADMIN_KEY}' },
    kind: 'invalid',
    says: '${HEARTH_ADMIN_KEY}',
  },
]

test.each(refusals)('setting $path to $value at run time is refused', async ({ path, value, kind, says }) => {
  const { live, events } = await house({ yaml: 'fleet: { swap: on-demand }\n', variables: { HEARTH_PORT: '0' } })
  const thrown = await live.put(path, value).catch(caught)
  expect(thrown).toMatchObject({ kind })
  expect(String(thrown)).toContain(says)
  expect(String(thrown)).not.toContain('sk-plain')
  expect(events).toEqual([])
})

test('changes at once wait for each other, and none is lost', async () => {
  const { live } = await house()
  await Promise.all(Array.from({ length: 20 }, (_, n) => live.recipes.add({ id: `m${n}`, hf: 'o/r:f.gguf' })))
  expect(live.config.value.models).toHaveLength(22)
  expect(await live.recipes.add({ id: 'm1', file: 'smoke' }).catch(caught)).toMatchObject({ kind: 'conflict' })
  expect(await live.recipes.remove('m1')).toBe(true)
  expect(await live.recipes.remove('m1')).toBe(false)
  expect(live.config.value.models).toHaveLength(21)
})

test('a file that appears, changes and goes is told each time by looking alone', async () => {
  const path = join(folder, 'watched.yaml')
  let told = 0
  using _watching = watchFile({ path, pollMs: 5, quietMs: 1, onChange: () => told++ })
  await until(() => told === 0)
  writeFileSync(path, 'a')
  await until(() => told >= 1)
  const before = told
  rmSync(path)
  await until(() => told > before)
})

forEachDatabase('the overlay store', (engine) => {
  test('values come back as they were put, in the order they were set, and go when taken away', async () => {
    const database = await engine.open()
    await database.migrate('config', configMigrations)
    let now = 1
    const store = databaseOverlayStore(database, { now: () => now++, mono: () => 0 })
    await store.put('models.org/b.c', { file: '/x', lora: [{ path: 'ü' }] })
    await store.put('fleet.memory', '1GiB')
    await store.put('fleet.memory', '2GiB')
    expect(Object.entries(await store.all())).toEqual([
      ['models.org/b.c', { file: '/x', lora: [{ path: 'ü' }] }],
      ['fleet.memory', '2GiB'],
    ])
    expect(await store.remove('fleet.memory')).toBe(true)
    expect(await store.remove('fleet.memory')).toBe(false)
  })
})
