import { afterAll, expect, test } from 'bun:test'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createCell } from '#kernel/cell.ts'
import { AppError } from '#kernel/errors.ts'
import { systemClock } from '#platform/clock.ts'
import type { EgressPolicy } from '#platform/egress/contract.ts'
import { openEgress } from '#platform/egress/egress.ts'
import { silentLogger } from '#platform/log/logger.ts'
import type { PullView } from '#protocol/admin/pulls.ts'
import { sha256, startHub, type FakeHub, type FakeRepo } from '../../../test/fakes/hub.ts'
import { createHuggingfaceHub } from '../adapters/huggingface-hub.ts'
import type { Recipe } from '../core/recipe.ts'
import { PullService, type PullLimits } from './pulls.ts'

const root = mkdtempSync(join(tmpdir(), 'hearth-test-pulls-'))
const egress = openEgress({
  policy: createCell<EgressPolicy>({ proxy: null }),
  log: silentLogger,
  clock: systemClock,
})
const closing: AsyncDisposable[] = [egress]
afterAll(async () => {
  for (const one of closing.reverse()) await one[Symbol.asyncDispose]()
  rmSync(root, { recursive: true, force: true })
})

const weights = new Uint8Array(400_000).map((_, index) => (index * 7) % 253)
const small = new TextEncoder().encode('GGUF small')
const repos: Readonly<Record<string, FakeRepo>> = {
  'org/one': { files: { 'One-Q8_0.gguf': weights, 'README.md': small } },
  'org/many': { files: { 'M-Q4_K_M.gguf': weights, 'M-Q8_0.gguf': small, 'sub/N-Q8_0.gguf': small } },
  'org/split': { files: { 'S-00001-of-00002.gguf': weights, 'S-00002-of-00002.gguf': small } },
  'org/gated': { files: { 'G.gguf': small }, token: 'good' },
  'org/bge-small-GGUF': { files: { 'bge-small-q8.gguf': small } },
}

let folders = 0
async function house(
  options: {
    readonly hub?: FakeHub
    readonly folder?: string
    readonly token?: string
    readonly limits?: Partial<PullLimits>
  } = {},
) {
  const hub = options.hub ?? (await startHub(repos, { pageSize: 2 }))
  if (!options.hub) closing.push(hub)
  const folder = options.folder ?? join(root, `models-${folders++}`)
  const events: PullView[] = []
  const added: Readonly<Record<string, unknown>>[] = []
  const taken = new Set<string>()
  const pulls = new PullService({
    hub: createCell(
      createHuggingfaceHub({ download: egress.download, baseUrl: hub.url, token: options.token ?? null }),
    ),
    folder,
    recipes: createCell<readonly Recipe[]>([]),
    book: {
      async add(recipe) {
        if (taken.has(String(recipe['id']))) throw new AppError('conflict', 'taken')
        taken.add(String(recipe['id']))
        added.push(recipe)
      },
      remove: async () => false,
    },
    announce: (event) => events.push(event.data.pull),
    log: silentLogger,
    clock: systemClock,
    limits: { spareBytes: 0, retryMs: [1, 1, 1], ...options.limits },
  })
  closing.push(pulls)
  const ended = async (id: string): Promise<PullView> => {
    for (;;) {
      const view = pulls.list().find((pull) => pull.id === id)
      if (view && ['done', 'failed', 'cancelled'].includes(view.state)) return view
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
  const pull = async (ref: string, id: string | null = null) => ended((await pulls.start(ref, id)).id)
  return { hub, folder, pulls, events, added, taken, ended, pull }
}

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise((resolve) => setImmediate(resolve))
}

const caught = (thrown: unknown) => thrown as AppError

test('a model is brought here, proven, named, and becomes a recipe', async () => {
  const { folder, pull, events, added, hub } = await house()
  const view = await pull('org/one')
  expect(view).toMatchObject({
    state: 'done',
    modelId: 'one-q8_0',
    doneBytes: weights.byteLength,
    totalBytes: weights.byteLength,
    failure: null,
  })
  const path = join(folder, 'org/one/One-Q8_0.gguf')
  expect(Buffer.compare(readFileSync(path), weights)).toBe(0)
  expect(existsSync(`${path}.part`) || existsSync(`${path}.part.json`)).toBe(false)
  expect(added).toEqual([{ id: 'one-q8_0', file: path }])
  expect(events.map((event) => event.state)).toEqual(expect.arrayContaining(['queued', 'running', 'verifying', 'done']))
  expect(hub.requests.filter((request) => request.at === 'cdn')).toHaveLength(1)
})

test('what broke in the middle goes on where it broke, and only the missing bytes are fetched', async () => {
  const { hub, pull } = await house()
  hub.cuts.push(150_000, 100_000)
  expect(await pull('org/one')).toMatchObject({ state: 'done', doneBytes: weights.byteLength })
  const ranges = hub.requests
    .filter((request) => request.at === 'cdn')
    .map((request) => Number(/\d+/.exec(request.range ?? '0')?.[0]))
  expect(ranges).toHaveLength(3)
  expect(ranges[0]).toBe(0)
  expect(ranges[1] ?? 0).toBeGreaterThan(0)
  expect(ranges[2] ?? 0).toBeGreaterThan(ranges[1] ?? 0)
})

test('a pull that a restart interrupts is found again and goes on with what is here', async () => {
  const first = await house()
  first.hub.bytesPerSecond = 2_000_000
  const { id } = await first.pulls.start('org/one', 'mine')
  await until(() => (first.pulls.list()[0]?.doneBytes ?? 0) > 50_000)
  await first.pulls[Symbol.asyncDispose]()
  first.hub.bytesPerSecond = Infinity
  const second = await house({ hub: first.hub, folder: first.folder })
  expect(await second.pulls.resume()).toBe(1)
  expect(await second.ended(id)).toMatchObject({ state: 'done', modelId: 'mine' })
  const last = first.hub.requests.filter((request) => request.at === 'cdn').at(-1)
  expect(Number(/\d+/.exec(last?.range ?? '')?.[0])).toBeGreaterThan(50_000)
  expect(await (await house({ hub: first.hub, folder: first.folder })).pulls.resume()).toBe(0)
})

test('bytes that are not those that were promised are thrown away', async () => {
  const { hub, folder, pull, added } = await house()
  hub.isCorrupt = true
  const view = await pull('org/one')
  expect(view.state).toBe('failed')
  expect(view.failure).toContain('not those that the hub promised')
  expect(
    existsSync(join(folder, 'org/one/One-Q8_0.gguf')) || existsSync(join(folder, 'org/one/One-Q8_0.gguf.part')),
  ).toBe(false)
  expect(added).toEqual([])
  hub.isCorrupt = false
  expect(await pull('org/one')).toMatchObject({ state: 'done' })
})

test('a part of another version is not gone on with', async () => {
  const { folder, pull } = await house()
  const path = join(folder, 'org/one/One-Q8_0.gguf')
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(`${path}.part`, 'other bytes of an older upload')
  writeFileSync(`${path}.part.json`, JSON.stringify({ sha256: sha256(small), sizeBytes: 10, etag: '"x"' }))
  expect(await pull('org/one')).toMatchObject({ state: 'done' })
})

test('a connection that breaks again and again ends as failed, and what came is kept', async () => {
  const { hub, folder, pull } = await house()
  hub.cuts.push(100_000, 0, 0, 0, 0, 0)
  const view = await pull('org/one')
  expect(view).toMatchObject({ state: 'failed' })
  expect(view.failure).toContain('pull again to go on')
  expect(existsSync(join(folder, 'org/one/One-Q8_0.gguf.part'))).toBe(true)
  hub.cuts.length = 0
  expect(await pull('org/one')).toMatchObject({ state: 'done' })
  expect(Number(/\d+/.exec(hub.requests.at(-1)?.range ?? '')?.[0])).toBeGreaterThan(0)
})

test('the parts of a split model come together, and the first is the one that is loaded', async () => {
  const { folder, pull, added } = await house()
  expect(await pull('org/split')).toMatchObject({ state: 'done', totalBytes: weights.byteLength + small.byteLength })
  expect(added).toEqual([{ id: 's', file: join(folder, 'org/split/S-00001-of-00002.gguf') }])
  expect(readFileSync(join(folder, 'org/split/S-00002-of-00002.gguf')).byteLength).toBe(small.byteLength)
})

test('a cancelled pull leaves nothing and stays cancelled', async () => {
  const { hub, folder, pulls, pull } = await house()
  hub.bytesPerSecond = 500_000
  const { id } = await pulls.start('org/one', null)
  await until(() => (pulls.list()[0]?.doneBytes ?? 0) > 0)
  expect(await pulls.cancel(id)).toMatchObject({ state: 'cancelled' })
  expect(existsSync(join(folder, 'org/one/One-Q8_0.gguf.part'))).toBe(false)
  expect(await pulls.cancel(id)).toMatchObject({ state: 'cancelled' })
  expect(await pulls.cancel('nothing')).toBeNull()
  expect(await pulls.resume()).toBe(0)
  hub.bytesPerSecond = Infinity
  expect(await pull('org/one')).toMatchObject({ state: 'done' })
})

test('the same reference at the same time is one pull; at most two run at once', async () => {
  const { hub, pulls, ended } = await house()
  hub.bytesPerSecond = 1_000_000
  const views = await Promise.all(['org/one', 'org/many:Q4_K_M', 'org/split'].map((ref) => pulls.start(ref, null)))
  expect((await pulls.start('org/one', null)).id).toBe(views[0]?.id ?? '')
  await until(() => pulls.list().some((view) => view.state === 'running'))
  expect(pulls.list().map((view) => view.state)).toEqual(['running', 'running', 'queued'])
  hub.bytesPerSecond = Infinity
  for (const view of views) expect((await ended(view.id)).state).toBe('done')
})

test('a token goes to the hub alone, and opens a gated repository', async () => {
  const { hub, pull } = await house({ token: 'good' })
  expect(await pull('org/gated')).toMatchObject({ state: 'done' })
  for (const request of hub.requests) expect(request.hasToken).toBe(request.at === 'hub')
})

const refusals = [
  { ref: 'org/gated', token: undefined, kind: 'forbidden', says: 'set HF_TOKEN' },
  { ref: 'org/gated', token: 'bad', kind: 'forbidden', says: 'Accept its terms' },
  { ref: 'org/none', token: undefined, kind: 'not_found', says: 'it does not exist, or it is private' },
  { ref: 'org/one@gone', token: undefined, kind: 'not_found', says: 'no revision gone' },
  { ref: 'org/many', token: undefined, kind: 'invalid', says: 'name one' },
  { ref: 'org/many:Q2_K', token: undefined, kind: 'not_found', says: 'holds no "Q2_K"' },
  { ref: 'org/one:../../x.gguf', token: undefined, kind: 'invalid', says: 'climb' },
] as const

test.each(refusals)('$ref with token $token is refused at once: $says', async ({ ref, token, kind, says }) => {
  const { pulls } = await house(token === undefined ? {} : { token })
  const thrown = await pulls.start(ref, null).catch(caught)
  expect(thrown).toMatchObject({ kind })
  expect(String(thrown)).toContain(says)
  expect(pulls.list()).toEqual([])
})

test('a disk without room is said before a byte is fetched', async () => {
  const { hub, pull } = await house({ limits: { spareBytes: Number.MAX_SAFE_INTEGER } })
  const view = await pull('org/one')
  expect(view.failure).toContain('make room')
  expect(hub.requests.some((request) => request.at === 'cdn')).toBe(false)
})

test('a name that is taken gets a number; one that a person chose does not', async () => {
  const { taken, pull, added } = await house()
  taken.add('one-q8_0')
  expect(await pull('org/one')).toMatchObject({ modelId: 'one-q8_0-2' })
  expect(await pull('org/many:Q8_0', 'one-q8_0')).toMatchObject({ state: 'failed' })
  expect(await pull('org/bge-small-GGUF')).toMatchObject({ state: 'done' })
  expect(added.at(-1)).toMatchObject({ embeddings: true })
})

test('the fleet gets the path of a file, from the hub once and from the disk ever after', async () => {
  const { hub, pulls, folder, added } = await house()
  const ref = { repo: 'org/many', revision: 'main', file: 'sub/N-Q8_0.gguf' }
  const path = join(folder, 'org/many/sub/N-Q8_0.gguf')
  const { signal } = new AbortController()
  expect(
    await Promise.all([pulls.ensure(ref, () => undefined, signal), pulls.ensure(ref, () => undefined, signal)]),
  ).toEqual([path, path])
  const asked = hub.requests.length
  expect(await pulls.ensure(ref, () => undefined, signal)).toBe(path)
  expect(hub.requests.length).toBe(asked)
  expect(added).toEqual([])
  expect(await pulls.ensure({ ...ref, file: '../../x' }, () => undefined, signal).catch(caught)).toMatchObject({
    kind: 'invalid',
  })
  expect(await pulls.ensure({ ...ref, file: 'gone.gguf' }, () => undefined, signal).catch(String)).toContain(
    'gone.gguf',
  )
})

test('giving up waiting does not end the pull', async () => {
  const { hub, pulls } = await house()
  hub.bytesPerSecond = 2_000_000
  const client = new AbortController()
  const waiting = pulls
    .ensure({ repo: 'org/one', revision: 'main', file: 'One-Q8_0.gguf' }, () => client.abort(), client.signal)
    .catch(caught)
  expect(await waiting).toMatchObject({ kind: 'unavailable', reason: 'aborted' })
  await until(() => pulls.list()[0]?.state === 'done')
})
