import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createCell } from '#kernel/cell.ts'
import { AppError } from '#kernel/errors.ts'
import { keyId } from '#kernel/ids.ts'
import type { Scope } from '#kernel/words.ts'
import { systemClock } from '#platform/clock.ts'
import type { Egress, EgressPolicy } from '#platform/egress/contract.ts'
import { openEgress } from '#platform/egress/egress.ts'
import { createRouter } from '#platform/http/router.ts'
import { silentLogger } from '#platform/log/logger.ts'
import { libraryList, pullList, pullView, suggestionList, type PullView } from '#protocol/admin/pulls.ts'
import { until } from '../../../test/env/until.ts'
import { startHub, type FakeHub } from '../../../test/fakes/hub.ts'
import { createFoundFiles } from '../adapters/found-files.ts'
import { createHuggingfaceHub } from '../adapters/huggingface-hub.ts'
import type { Recipe } from '../core/recipe.ts'
import { Library } from '../service/library.ts'
import { PullService } from '../service/pulls.ts'
import { pullRoutes } from './pulls.ts'

const weights = new Uint8Array(300_000).map((_, index) => (index * 7) % 253)
weights.set(new TextEncoder().encode('GGUF'))
const ref = 'org/one:One-Q8_0.gguf'

let folder: string
let hub: FakeHub
let egress: Egress & AsyncDisposable
let pulls: PullService
let ask: (method: string, path: string, body?: unknown, scopes?: readonly Scope[]) => Promise<Response>
const added: Readonly<Record<string, unknown>>[] = []

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'hearth-test-pull-routes-'))
  hub = await startHub({ 'org/one': { files: { 'One-Q8_0.gguf': weights } } })
  egress = openEgress({
    policy: createCell<EgressPolicy>({ proxy: null }),
    log: silentLogger,
    clock: systemClock,
  })
  const recipes = createCell<readonly Recipe[]>([])
  pulls = new PullService({
    hub: createCell(createHuggingfaceHub({ download: egress.download, baseUrl: hub.url, token: null })),
    folder: join(folder, 'models'),
    recipes,
    book: { add: async (recipe) => void added.push(recipe), remove: async () => false },
    announce: () => {},
    log: silentLogger,
    clock: systemClock,
    limits: { spareBytes: 0, retryMs: [1] },
  })
  const found = createFoundFiles({
    hearthFolder: join(folder, 'models'),
    userHome: folder,
    ollamaModels: null,
    huggingfaceCache: null,
    systemOllama: join(folder, 'none'),
  })
  ask = askOf(pulls, new Library({ found, recipes, budgetBytes: () => 8 * 2 ** 30 }))
})
afterAll(async () => {
  await pulls[Symbol.asyncDispose]()
  await egress[Symbol.asyncDispose]()
  await hub[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true, force: true })
})

describe('/api/pulls', () => {
  test('a pull is accepted, tells its progress in the list, and ends as a model', async () => {
    const response = await ask('POST', '/api/pulls', { ref, id: 'mine' })
    expect(response.status).toBe(202)
    const begun = pullView.parse(await response.json())
    expect(begun).toMatchObject({ ref, totalBytes: weights.byteLength, failure: null })
    expect(await ended(begun.id)).toMatchObject({ state: 'done', modelId: 'mine', doneBytes: weights.byteLength })
    expect(added).toEqual([{ id: 'mine', file: join(folder, 'models/org/one/One-Q8_0.gguf') }])
  })

  test('a cancelled pull leaves nothing behind', async () => {
    rmSync(join(folder, 'models'), { recursive: true, force: true })
    hub.bytesPerSecond = 100_000
    const { id } = pullView.parse(await (await ask('POST', '/api/pulls', { ref })).json())
    await until('something came', async () => ((await listed(id))?.doneBytes ?? 0) > 0)
    const gone = pullView.parse(await (await ask('DELETE', `/api/pulls/${id}`)).json())
    hub.bytesPerSecond = Infinity
    expect(gone.state).toBe('cancelled')
    expect(existsSync(join(folder, 'models/org/one/One-Q8_0.gguf'))).toBe(false)
    const again = await ask('DELETE', `/api/pulls/${id}`)
    expect(pullView.parse(await again.json()).state).toBe('cancelled')
  })

  test.each([
    ['a word', { ref: 'qwen' }, 400, 'org/repo'],
    ['a climbing path', { ref: 'org/one:../../x.gguf' }, 400, '../../x.gguf'],
    ['nothing', {}, 400, 'ref'],
    ['an unknown member', { ref, force: true }, 400, 'force'],
    ['a repository that nobody has', { ref: 'org/none:x.gguf' }, 404, 'org/none'],
    ['a file that is not in it', { ref: 'org/one:Two.gguf' }, 404, 'It holds: Q8_0'],
  ])('%s is refused with a sentence', async (_, body, status, says) => {
    const response = await ask('POST', '/api/pulls', body)
    const { error } = (await response.json()) as { readonly error: { readonly message: string } }
    expect({ status: response.status, message: error.message }).toEqual({
      status,
      message: expect.stringContaining(says),
    })
  })

  test('an unknown pull is not found, looking needs monitor and acting fleet.operate', async () => {
    expect((await ask('DELETE', '/api/pulls/none')).status).toBe(404)
    expect((await ask('GET', '/api/pulls', undefined, ['monitor'])).status).toBe(200)
    expect((await ask('GET', '/api/pulls', undefined, ['inference'])).status).toBe(403)
    expect((await ask('POST', '/api/pulls', { ref }, ['monitor'])).status).toBe(403)
    expect((await ask('DELETE', '/api/pulls/none', undefined, ['monitor'])).status).toBe(403)
  })
})

test('/api/library finds what other programs brought, /api/suggestions tells what fits', async () => {
  mkdirSync(join(folder, '.lmstudio/models/org/tiny'), { recursive: true })
  writeFileSync(join(folder, '.lmstudio/models/org/tiny/tiny.gguf'), weights)
  const { data } = libraryList.parse(await (await ask('GET', '/api/library')).json())
  expect(data.filter(({ from }) => from === 'lmstudio')).toEqual([
    {
      name: 'org/tiny/tiny.gguf',
      path: join(folder, '.lmstudio/models/org/tiny/tiny.gguf'),
      sizeBytes: weights.byteLength,
      from: 'lmstudio',
      id: null,
    },
  ])
  const suggestions = suggestionList.parse(await (await ask('GET', '/api/suggestions')).json())
  expect(suggestions.memoryBytes).toBe(8 * 2 ** 30)
  expect(suggestions.data.map(({ fits }) => fits)).toContain(true)
})

async function listed(id: string): Promise<PullView | undefined> {
  return pullList.parse(await (await ask('GET', '/api/pulls')).json()).data.find((pull) => pull.id === id)
}

async function ended(id: string): Promise<PullView | undefined> {
  await until('the pull is over', async () => ['done', 'failed'].includes((await listed(id))?.state ?? ''))
  return listed(id)
}

/** The routes behind the real router, asked by somebody with these scopes. */
function askOf(service: PullService, library: Library): typeof ask {
  return (method, path, body, scopes = ['admin']) => {
    const may = (scope: Scope | 'known') => scope === 'known' || scopes.includes(scope) || scopes.includes('admin')
    const handler = createRouter({
      routes: pullRoutes(service, library),
      gate: {
        admit(_request, _at, scope) {
          if (!may(scope)) throw new AppError('forbidden', `This key may not: it needs the scope ${scope}.`)
          const limits = { requestsPerMinute: null, tokensPerMinute: null, concurrency: null }
          const onRevoke = () => ({ [Symbol.dispose]() {} })
          return { key: keyId('k1'), name: 'k', limits, may, mayUse: () => true, onRevoke }
        },
      },
      log: silentLogger,
      controlBodyBytes: 1 << 20,
      fallback: () => null,
    })
    const init = { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }) }
    const connection = { from: 'test', isLocalSocket: false, setIdleTimeout() {} }
    return Promise.resolve(handler(new Request(`http://h${path}`, init), connection))
  }
}
