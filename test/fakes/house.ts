import type { KeyView } from '../../sdk/typescript/key-types.ts'
import type { ModelView, PullView } from '../../sdk/typescript/types.ts'
import { answerChat } from './house-chat.ts'
import { createFeed } from './house-feed.ts'
import type { Feed } from './house-feed.ts'
import { fakePools, fakeRoutes, findRequest, listRequests } from './house-gateway.ts'
import { fakeAuditEntry, fakeKey, fakeModel, fakeModels, fakePull, fakeStatus, refuse } from './house-state.ts'

/** The key that the fake takes over TCP; its socket needs none, like the real one's. */
export const fakeAdminKey = `hk-aaaaaaaaaaaa-${'0'.repeat(48)}`
/** A key that is known and may do nothing but inference. */
export const fakeGuestKey = `hk-bbbbbbbbbbbb-${'0'.repeat(48)}`

export interface FakeHouse extends AsyncDisposable {
  readonly url: string
  readonly feed: Feed
  /** `METHOD /path?query` of every request, with its body, in order. */
  readonly seen: { readonly line: string; readonly body: unknown }[]
  /** Chats whose client went away before the answer's end. */
  readonly hangUps: string[]
}

export type FakeAt = { readonly socket: string } | { readonly port: number }

interface State {
  readonly models: Map<string, ModelView>
  readonly keys: Map<string, KeyView>
  readonly pulls: Map<string, PullView>
  readonly overlay: Map<string, unknown>
  readonly feed: Feed
  readonly seen: FakeHouse['seen']
  readonly hangUps: string[]
}

interface Ask {
  readonly request: Request
  readonly url: URL
  readonly body: Record<string, unknown>
  readonly state: State
}

/** A house without models and engines that speaks the control routes, for tests of their clients. */
export function startFakeHouse(at: FakeAt): FakeHouse {
  const feed = createFeed({ version: fakeStatus.version, startedAt: fakeStatus.startedAt })
  const state: State = {
    models: new Map(fakeModels.map((model) => [model.id, model])),
    keys: new Map([[fakeKey.id, fakeKey]]),
    pulls: new Map(),
    overlay: new Map(),
    feed,
    seen: [],
    hangUps: [],
  }
  const isLocal = 'socket' in at
  const listener = {
    development: false as const,
    fetch: (request: Request) => answer(request, state, isLocal),
    error: (error: Error) => refuse(500, 'internal', `The fake met a fault of its own: ${error.message}`),
  }
  const server = isLocal
    ? Bun.serve({ ...listener, unix: at.socket })
    : Bun.serve({ ...listener, hostname: '127.0.0.1', port: at.port, idleTimeout: 0 })
  return {
    url: isLocal ? at.socket : `http://127.0.0.1:${server.port}`,
    feed,
    seen: state.seen,
    hangUps: state.hangUps,
    async [Symbol.asyncDispose]() {
      feed.close()
      await server.stop(true)
    },
  }
}

type Handler = (ask: Ask, id: string) => Response | Promise<Response>
type Entry = readonly [pattern: RegExp, scope: 'open' | 'inference' | 'other', handler: Handler]

const routes: readonly Entry[] = [
  [/^GET \/health$/, 'open', () => Response.json({ status: 'ok' })],
  [/^GET \/ready$/, 'open', () => Response.json({ status: 'ready' })],
  [/^GET \/v1\/models$/, 'inference', listCallable],
  [/^POST \/v1\/chat\/completions$/, 'inference', (ask) => answerChat(ask)],
  [/^GET \/api\/status$/, 'other', () => Response.json(fakeStatus)],
  [/^GET \/api\/events$/, 'other', ({ request, state }) => state.feed.open(request)],
  [/^GET \/api\/config$/, 'other', ({ state }) => Response.json(configView(state))],
  [/^PUT \/api\/config\/(.+)$/, 'other', setConfig],
  [/^DELETE \/api\/config\/(.+)$/, 'other', unsetConfig],
  [/^GET \/api\/models$/, 'other', ({ state }) => list(state.models)],
  [/^POST \/api\/models$/, 'other', addModel],
  [/^POST \/api\/models\/(.+)\/load$/, 'other', (ask, id) => operate(ask, id, 'load')],
  [/^POST \/api\/models\/(.+)\/unload$/, 'other', (ask, id) => operate(ask, id, 'unload')],
  [/^GET \/api\/models\/(.+)\/log$/, 'other', (ask, id) => readLog(ask, id)],
  [/^GET \/api\/models\/(.+)$/, 'other', (ask, id) => withModel(ask, id, (model) => Response.json(model))],
  [/^DELETE \/api\/models\/(.+)$/, 'other', removeModel],
  [/^GET \/api\/keys$/, 'other', ({ state }) => list(state.keys)],
  [/^POST \/api\/keys$/, 'other', createKey],
  [/^POST \/api\/keys\/(\w+)\/rotate$/, 'other', (ask, id) => withKey(ask, id, (key) => withSecret(key, 200))],
  [/^DELETE \/api\/keys\/(\w+)$/, 'other', (ask, id) => withKey(ask, id, (key) => Response.json(revoked(key)))],
  [/^GET \/api\/routes$/, 'other', () => Response.json({ data: fakeRoutes })],
  [/^GET \/api\/pools$/, 'other', () => Response.json({ data: fakePools })],
  [/^GET \/api\/requests$/, 'other', ({ url }) => listRequests(url)],
  [/^GET \/api\/requests\/(.+)$/, 'other', (_, id) => findRequest(id)],
  [/^GET \/api\/audit$/, 'other', () => Response.json({ data: [fakeAuditEntry], next: '7' })],
  [/^GET \/api\/audit\/verify$/, 'other', () => Response.json(auditVerdict)],
  [/^GET \/api\/audit\.jsonl$/, 'other', () => new Response(`${JSON.stringify(fakeAuditEntry)}\n`)],
  [/^POST \/api\/audit\/prune$/, 'other', () => Response.json({ rows: 3 })],
  [/^GET \/api\/usage$/, 'other', usage],
  [/^GET \/api\/library$/, 'other', () => Response.json({ data: [libraryFile] })],
  [/^GET \/api\/suggestions$/, 'other', () => Response.json({ memoryBytes: 16 * 2 ** 30, data: [suggestion] })],
  [/^GET \/api\/pulls$/, 'other', ({ state }) => list(state.pulls)],
  [/^POST \/api\/pulls$/, 'other', startPull],
  [/^DELETE \/api\/pulls\/(.+)$/, 'other', cancelPull],
  [/^GET \/api\/engines$/, 'other', () => Response.json({ data: [engine] })],
  [/^POST \/api\/engines\/(\w+)\/install$/, 'other', installEngine],
  [/^POST \/api\/tickets$/, 'other', () => Response.json(ticket, { status: 201 })],
  [/^POST \/api\/admin\/reset$/, 'other', () => Response.json({ key: fakeAdminKey })],
]

async function answer(request: Request, state: State, isLocal: boolean): Promise<Response> {
  const url = new URL(request.url, 'http://localhost')
  const path = decodeURIComponent(url.pathname)
  const text = await request.text()
  let body: Record<string, unknown>
  try {
    body = text === '' ? {} : (JSON.parse(text) as Record<string, unknown>)
  } catch {
    return refuse(400, 'invalid', 'The body is not JSON.')
  }
  state.seen.push({ line: `${request.method} ${path}${url.search}`, body })
  for (const [pattern, scope, handler] of routes) {
    const match = pattern.exec(`${request.method} ${path}`)
    if (!match) continue
    const refused = isLocal || scope === 'open' ? null : refusal(request, scope)
    return refused ?? handler({ request, url, body, state }, match[1] ?? '')
  }
  return refuse(404, 'not_found', `There is no ${request.method} ${path}.`)
}

function refusal(request: Request, scope: 'inference' | 'other'): Response | null {
  const key = /^Bearer (.+)$/.exec(request.headers.get('authorization') ?? '')?.[1] ?? null
  if (key === null) return refuse(401, 'missing_key', 'This needs a key: send Authorization: Bearer hk-….')
  if (key === fakeAdminKey || (key === fakeGuestKey && scope === 'inference')) return null
  if (key === fakeGuestKey) return refuse(403, 'missing_scope', 'The key bbbbbbbbbbbb may not do this.')
  return refuse(401, 'unknown_key', 'No such key.')
}

const list = (entries: ReadonlyMap<string, unknown>): Response => Response.json({ data: [...entries.values()] })

function listCallable({ state }: Ask): Response {
  const data = [...state.models.values()].map((model) => ({
    id: model.id,
    object: 'model',
    created: 1_767_323_045,
    owned_by: 'local',
    hearth: { state: model.state, label: model.label, capabilities: model.capabilities, context: model.context },
  }))
  return Response.json({ object: 'list', data })
}

function configView(state: State): unknown {
  const overlay = [...state.overlay].map(([path, value]) => ({ path, value, source: 'overlay', line: null }))
  const file = { path: 'server.port', value: 9999, source: 'file', line: 2 }
  return { file: '/home/ada/.hearth/hearth.yaml', settings: [file, ...overlay], warnings: [] }
}

function setConfig({ body, state }: Ask, path: string): Response {
  if (path.startsWith('nonsense')) return refuse(400, 'invalid_config', `There is no setting ${path}.`)
  state.overlay.set(path, body['value'])
  return Response.json(configView(state))
}

function unsetConfig({ state }: Ask, path: string): Response {
  if (!state.overlay.delete(path)) return refuse(404, 'not_found', `The overlay does not set ${path}.`)
  return Response.json(configView(state))
}

function withModel({ state }: Ask, id: string, then: (model: ModelView) => Response): Response {
  const model = state.models.get(id)
  return model ? then(model) : refuse(404, 'model_not_found', `There is no model ${id}. Did you mean tiny-a?`)
}

function addModel({ body, state }: Ask): Response {
  const id = String(body['id'])
  if (state.models.has(id)) return refuse(409, 'conflict', `There is a model ${id} already.`)
  const model = fakeModel(id, { from: 'overlay' })
  state.models.set(id, model)
  return Response.json(model, { status: 201 })
}

function removeModel(ask: Ask, id: string): Response {
  return withModel(ask, id, (model) => {
    if (model.from !== 'overlay') return refuse(409, 'conflict', `${id} stands in the config file: take it out there.`)
    ask.state.models.delete(id)
    return Response.json(model)
  })
}

function operate(ask: Ask, id: string, verb: 'load' | 'unload'): Response {
  return withModel(ask, id, (model) => {
    const obstacles = model.state === 'failed' ? [`${id} failed: ${model.failure ?? ''}`] : []
    const isThere = (model.state === 'ready') === (verb === 'load')
    const steps = isThere ? [] : [{ n: 1, step: { kind: verb === 'load' ? 'start' : 'stop', model: id } }]
    const effects = isThere ? [] : [verb === 'load' ? `${id} is started; it takes about 1 GiB.` : `${id} is stopped.`]
    const plan = { hash: `${verb}-${model.state}`, steps, effects, obstacles }
    const asked = ask.url.searchParams.get('hash')
    if (asked !== null && asked !== plan.hash) return refuse(409, 'plan_changed', 'The plan has changed: look again.')
    const applied = ask.url.searchParams.get('dryRun') !== '1' && obstacles.length === 0 && steps.length > 0
    if (!applied) return Response.json({ plan, applied, model })
    const after = { ...model, state: verb === 'load' ? ('ready' as const) : ('stopped' as const) }
    ask.state.models.set(id, after)
    ask.state.feed.emit('model.state', { model: after })
    return Response.json({ plan, applied, model: after })
  })
}

function readLog(ask: Ask, id: string): Response {
  const tail = Number(ask.url.searchParams.get('tail') ?? 200)
  return withModel(ask, id, () => new Response(['first', 'second', 'third'].slice(-tail).join('\n') + '\n'))
}

function createKey({ body, state }: Ask): Response {
  if (typeof body['name'] !== 'string' || body['name'] === '') return refuse(400, 'invalid', 'name: a text is needed.')
  const {
    name,
    scopes = ['inference'],
    models = null,
    expiresAt = null,
    limits,
  } = body as unknown as Partial<KeyView> & { name: string }
  const all = { ...fakeKey.limits, requestsPerMinute: null, concurrency: null, ...limits }
  const key: KeyView = { ...fakeKey, id: 'cccccccccccc', name, scopes, models, expiresAt, limits: all }
  state.keys.set(key.id, key)
  return withSecret(key, 201)
}

function withKey({ state }: Ask, id: string, then: (key: KeyView) => Response): Response {
  const key = state.keys.get(id)
  return key ? then(key) : refuse(404, 'not_found', `There is no key ${id}.`)
}

const withSecret = (key: KeyView, status: number): Response =>
  Response.json({ ...key, key: `hk-${key.id}-${'1'.repeat(48)}` }, { status })

const revoked = (key: KeyView): KeyView => ({ ...key, revokedAt: '2026-01-03T00:00:00.000Z' })

function usage({ url }: Ask): Response {
  const by = url.searchParams.get('by') ?? ''
  const name = { key: 'abcdef012345', model: 'hearth/smoke', day: '2026-01-02' }[by]
  if (name === undefined) return refuse(400, 'invalid', `by: ${by} is none of key, model, day.`)
  const sums = { requests: 3, promptTokens: 36, completionTokens: 102, cachedTokens: 0, costMicros: 1500, failed: 1 }
  return Response.json({ data: [{ [by]: name, ...sums }] })
}

function startPull({ body, state }: Ask): Response {
  const ref = String(body['ref'])
  if (!ref.includes('/')) return refuse(400, 'invalid', `ref: ${ref} is not org/repo:file.`)
  const pull = fakePull(ref)
  state.pulls.set(pull.id, pull)
  const steps: readonly PullView[] = [
    { ...pull, state: 'running', doneBytes: 400, bytesPerSecond: 200, etaSeconds: 3 },
    { ...pull, state: 'verifying', doneBytes: 1000 },
    ref.includes('bad')
      ? { ...pull, state: 'failed', doneBytes: 1000, failure: 'The SHA-256 of the file is another.' }
      : { ...pull, state: 'done', doneBytes: 1000 },
  ]
  setTimeout(() => {
    for (const step of steps) {
      state.pulls.set(step.id, step)
      state.feed.emit('pull.progress', { pull: step })
    }
  }, 5)
  return Response.json(pull, { status: 202 })
}

function cancelPull({ state }: Ask, id: string): Response {
  const pull = state.pulls.get(id)
  if (!pull) return refuse(404, 'not_found', `There is no pull ${id}.`)
  return Response.json({ ...pull, state: 'cancelled' })
}

function installEngine({ state }: Ask, name: string): Response {
  if (name !== 'llama') return refuse(404, 'not_found', `There is no engine ${name}.`)
  setTimeout(() => {
    state.feed.emit('engine.install', { engine: name, phase: 'downloading', progress: 0.5 })
    state.feed.emit('engine.install', { engine: name, phase: 'done', progress: 1 })
  }, 5)
  return Response.json(engine, { status: 202 })
}

const engine = { name: 'llama', isInstalled: true, version: '3.22.1', variant: 'linux-x64' }
const libraryFile = {
  name: 'qwen3-4b-q4_k_m.gguf',
  path: '/home/ada/models/qwen3-4b-q4_k_m.gguf',
  sizeBytes: 2_500_000_000,
  from: 'lmstudio',
  id: null,
}
const suggestion = {
  ref: 'Qwen/Qwen3-4B-GGUF:Qwen3-4B-Q4_K_M.gguf',
  name: 'Qwen3 4B',
  description: 'A small all-rounder.',
  licence: 'Apache-2.0',
  sizeBytes: 2_500_000_000,
  memoryBytes: 4_000_000_000,
  fits: true,
}
const auditVerdict = {
  isWhole: false,
  message: 'Row 7 was edited: its content does not give its hash.',
  broken: { kind: 'edited', position: 7 },
  rows: 6,
  head: { position: 8, hash: fakeAuditEntry.hash },
  prunedUpTo: null,
  linkedLater: 0,
  marks: 1,
}

const ticket = {
  url: 'http://127.0.0.1:9999/#ticket=t0',
  ticket: 't0',
  expiresAt: '2026-01-02T03:14:05.000Z',
}
