/**
 * A small real server that behaves like a house for whoever works on the page. `bun web/dev/fake-house.ts` takes the
 * place of a Hearth at port 9999, where Vite's own server looks for one; the pictures of the page are taken with it
 * too. It keeps sessions, streams events, loads models in seconds and chats. What it is asked for in a chat decides
 * how it misbehaves (`fake-chat.ts`). `POST /dev/<word>` changes its mood: empty, full, failing, slow, quick, expire,
 * ticket, cut, version; `request` ends one more request; locked, silent, reads and well are moods of privacy.
 */
import type { KeyView, ModelView, PullView } from '../src/api/types.ts'
import { json, refuse } from './answers.ts'
import { answerChat } from './fake-chat.ts'
import { createLedger } from './fake-ledger.ts'
import { createFakeCatalogue } from './fake-catalogue.ts'
import { createFakePrivacy } from './fake-privacy.ts'
import { fakePools, fakeRoutes } from './fake-routes.ts'
import { library, publicModels, runningPull, startKeys, startModels, status, suggestions } from './fake-data.ts'

export const devKey = `hk-aaaa1111bbbb-${'0123456789ab'.repeat(4)}`

/** `page` answers for the files of the page, or null. */
export function startFakeHouse(port: number, page: (request: Request) => Response | null = () => null) {
  const house = createState()
  const server = Bun.serve({
    port,
    hostname: '127.0.0.1',
    idleTimeout: 0,
    development: false,
    async fetch(request) {
      const file = page(request)
      if (file) return file
      if (house.mood.isSlow) await new Promise((resolve) => setTimeout(resolve, 3_000))
      return await answer(request, house)
    },
  })
  return { url: `http://127.0.0.1:${server.port}`, house, stop: () => server.stop(true) }
}

type House = ReturnType<typeof createState>

function createState() {
  const encoder = new TextEncoder()
  const streams = new Set<ReadableStreamDefaultController<Uint8Array>>()
  let nextEvent = 1
  const state = {
    models: startModels(),
    keys: startKeys(),
    pulls: [runningPull()] as PullView[],
    mood: { isSlow: false, isEmpty: false, isFailing: false, hasSession: true, version: '0.1.0' },
    tickets: new Set<string>(),
    ledger: createLedger(Date.now()),
    streams,
    tell(type: string, data: unknown) {
      const text = encoder.encode(`id: dev-${nextEvent++}\nevent: ${type}\ndata: ${JSON.stringify(data)}\n\n`)
      for (const stream of streams) {
        try {
          stream.enqueue(text)
        } catch {
          streams.delete(stream)
        }
      }
    },
    setModel(id: string, change: Partial<ModelView>) {
      state.models = state.models.map((model) => (model.id === id ? { ...model, ...change } : model))
      state.tell('model.state', { model: state.models.find((model) => model.id === id) })
    },
  }
  return Object.assign(state, { privacy: createFakePrivacy(state.tell), catalogue: createFakeCatalogue() })
}

async function answer(request: Request, house: House): Promise<Response> {
  const { pathname, searchParams } = new URL(request.url)
  const at = `${request.method} ${pathname}`
  if (pathname.startsWith('/dev/')) return changeMood(pathname.slice(5), house)
  if (at === 'POST /api/sessions') return await signIn(request, house)
  if (at === 'POST /auth/password/reset') return await choosePassword(request)
  const isSignedIn = house.mood.hasSession && request.headers.get('cookie')?.includes('hearth_session=')
  if (!isSignedIn) return refuse(401, 'unauthenticated', 'Sign in first.')
  if (at === 'DELETE /api/session') return json({}, 200, { 'set-cookie': 'hearth_session=; Path=/; Max-Age=0' })
  if (at === 'GET /api/session')
    return json({ key: 'aaaa1111bbbb', name: 'Admin of this machine', scopes: ['admin'], by: 'session', user: null })
  if (at === 'GET /api/events') return streamEvents(house)
  if (house.mood.isFailing)
    return refuse(500, 'internal', 'The database file is locked by another process. Restart Hearth.')
  if (at === 'POST /v1/chat/completions') return await chat(request, house)
  if (pathname.startsWith('/api/requests')) return requests(request, house)
  if (pathname.startsWith('/api/models/')) return operate(request, house)
  if (pathname.startsWith('/api/pulls')) return pull(request, house)
  if (pathname.startsWith('/api/keys')) return await keys(request, house)
  const privacy = await house.privacy.answer(request)
  if (privacy) return privacy
  const catalogue = house.catalogue(request)
  if (catalogue) return catalogue
  const { isEmpty } = house.mood
  switch (at) {
    case 'GET /api/models':
      return json({ data: isEmpty ? [] : house.models })
    case 'GET /v1/models':
      return json({ object: 'list', data: isEmpty ? [] : publicModels(house.models) })
    case 'GET /api/status':
      return json(
        isEmpty
          ? { ...status([]), warnings: [], upstreams: [] }
          : { ...status(house.models), version: house.mood.version },
      )
    case 'GET /api/routes':
      return json({ data: isEmpty ? [] : fakeRoutes(house.models) })
    case 'GET /api/pools':
      return json({ data: isEmpty ? [] : fakePools(house.models) })
    case 'GET /api/suggestions':
      return json({ memoryBytes: 24 * 2 ** 30, data: isEmpty ? [] : suggestions })
    case 'GET /api/library':
      return json({ data: isEmpty ? [] : library })
    case 'POST /api/models':
      return json({}, 201)
    default:
      return refuse(404, 'not_found', `There is no ${at}.${searchParams.size > 0 ? ' (with a query)' : ''}`)
  }
}

async function choosePassword(request: Request): Promise<Response> {
  const { token, password } = (await request.json()) as { token?: string; password?: string }
  if (token !== 'reset' || password !== devPerson.password) return refuse(401, 'bad_password_link', 'Used already.')
  return json({ username: devPerson.username })
}

/** Whoever this house knows by a name. */
export const devPerson = { username: 'ada', password: 'correct donkey battery' } as const

async function signIn(request: Request, house: House): Promise<Response> {
  const given = (await request.json()) as { key?: string; ticket?: string; username?: string; password?: string }
  const isPerson = given.username === devPerson.username && given.password === devPerson.password
  const isRight = isPerson || given.key === devKey || (given.ticket !== undefined && house.tickets.delete(given.ticket))
  if (!isRight) return refuse(401, 'unauthenticated', 'This key or ticket is not known.')
  house.mood.hasSession = true
  return json({}, 201, { 'set-cookie': 'hearth_session=dev; HttpOnly; SameSite=Strict; Path=/' })
}

/** Every chat is a row of the ledger, told when it began: nothing here waits for its end. */
async function chat(request: Request, house: House): Promise<Response> {
  const response = await answerChat(request)
  const row = house.ledger.add(
    response.ok ? {} : { status: response.status, outcome: 'failed', reason: 'rate_limit_exceeded', upstream: null },
  )
  house.tell('request.finished', row)
  response.headers.set('x-request-id', row.id)
  if (response.ok) response.headers.set('x-hearth-route', 'local/hearth/smoke; only target')
  return response
}

function requests(request: Request, house: House): Response {
  const { pathname, searchParams } = new URL(request.url)
  if (pathname === '/api/requests')
    return json(house.mood.isEmpty ? { data: [], next: null } : house.ledger.page(searchParams))
  const id = decodeURIComponent(pathname.slice('/api/requests/'.length))
  const detail = house.ledger.detail(id)
  return detail ? json(detail) : refuse(404, 'request_not_found', `There is no request ${id}.`)
}

function changeMood(word: string, house: House): Response {
  const { mood } = house
  if (word === 'empty' || word === 'full') mood.isEmpty = word === 'empty'
  if (word === 'failing' || word === 'full') mood.isFailing = word === 'failing'
  if (word === 'slow' || word === 'quick') mood.isSlow = word === 'slow'
  if (word === 'expire') mood.hasSession = false
  if (word === 'request') house.tell('request.finished', house.ledger.add())
  if (word === 'ticket') house.tickets.add('one-time')
  if (word === 'version') mood.version = '0.2.0'
  house.privacy.mood(word)
  if (word === 'cut' || word === 'version') for (const stream of house.streams) stream.close()
  if (word === 'cut' || word === 'version') house.streams.clear()
  return json({ mood: word })
}

function streamEvents(house: House): Response {
  let own: ReadableStreamDefaultController<Uint8Array> | null = null
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      own = controller
      house.streams.add(controller)
      const hello = { version: house.mood.version, startedAt: new Date().toISOString() }
      controller.enqueue(new TextEncoder().encode(`id: dev-0\nevent: hello\ndata: ${JSON.stringify(hello)}\n\n`))
    },
    cancel: () => void (own && house.streams.delete(own)),
  })
  return new Response(body, { headers: { 'content-type': 'text/event-stream', 'cache-control': 'no-store' } })
}

function operate(request: Request, house: House): Response {
  const { pathname, searchParams } = new URL(request.url)
  const match = /^\/api\/models\/(.+)\/(load|unload|log)$/.exec(decodeURIComponent(pathname))
  const [, id = '', deed = ''] = match ?? []
  const model = house.models.find((candidate) => candidate.id === id)
  if (!model) return refuse(404, 'not_found', `There is no model named ${id}.`)
  if (deed === 'log')
    return new Response(model.state === 'stopped' ? '' : logOf(id), { headers: { 'content-type': 'text/plain' } })
  const others = deed === 'load' && id.startsWith('mistral') ? ['qwen3-8b-instruct'] : []
  const tooLarge = deed === 'load' && id.startsWith('<') ? ['It needs 96 GiB of memory; this machine has 24 GiB.'] : []
  const plan = {
    hash: `plan-${id.length}-${model.state}`,
    steps: [...others, id].map((name, n) => ({
      n,
      step: { kind: deed === 'load' && name === id ? 'start' : 'stop', model: name },
      after: [],
      undo: null,
    })),
    effects: [
      ...others.map(
        (name) =>
          `${name} is unloaded: 2 running answers finish first, and requests for it wait until it is loaded again.`,
      ),
      ...(deed === 'unload' && model.inFlight > 0
        ? [`${model.inFlight} running answers finish first (at most 60 s).`, 'The next request loads it again.']
        : []),
    ],
    obstacles: tooLarge,
  }
  if (searchParams.get('dryRun') === '1') return json({ plan, applied: false, model })
  if (deed === 'load') void load(id, house)
  else
    house.setModel(id, {
      state: 'stopped',
      phase: null,
      progress: null,
      etaSeconds: null,
      inFlight: 0,
      queued: 0,
      readySince: null,
    })
  return json({ plan, applied: true, model: house.models.find((candidate) => candidate.id === id) })
}

async function load(id: string, house: House): Promise<void> {
  const totalBytes = 4 * 2 ** 30
  for (let step = 0; step <= 20; step++) {
    const progress = { doneBytes: (totalBytes * step) / 20, totalBytes, bytesPerSecond: 800 * 2 ** 20 }
    house.setModel(id, {
      state: step < 3 ? 'starting' : 'loading',
      phase: step < 3 ? 'starting' : 'loading',
      progress,
      etaSeconds: (20 - step) / 5,
      failure: null,
    })
    house.tell('model.log', { id, line: `load_tensors: ${step * 5} %` })
    await new Promise((resolve) => setTimeout(resolve, 120))
  }
  house.setModel(id, {
    state: 'ready',
    phase: null,
    progress: null,
    etaSeconds: null,
    readySince: new Date().toISOString(),
    memoryBytes: { value: 2 ** 31, from: 'measured' },
  })
}

function pull(request: Request, house: House): Response {
  if (request.method === 'GET') return json({ data: house.mood.isEmpty ? [] : house.pulls })
  if (request.method === 'DELETE') {
    const id = new URL(request.url).pathname.split('/').at(-1)
    house.pulls = house.pulls.map((view) => (view.id === id ? { ...view, state: 'cancelled' } : view))
    const view = house.pulls.find((candidate) => candidate.id === id)
    house.tell('pull.progress', { pull: view })
    return json(view)
  }
  const view: PullView = {
    ...runningPull(),
    id: `pull-${house.pulls.length + 1}`,
    ref: 'org/other:file.gguf',
    state: 'queued',
    doneBytes: 0,
    etaSeconds: null,
    bytesPerSecond: null,
  }
  house.pulls = [...house.pulls, view]
  return json(view, 202)
}

async function keys(request: Request, house: House): Promise<Response> {
  const [, , , id, deed] = new URL(request.url).pathname.split('/')
  if (request.method === 'GET') return json({ data: house.mood.isEmpty ? [] : house.keys })
  if (request.method === 'DELETE') {
    house.keys = house.keys.map((key) => (key.id === id ? { ...key, revokedAt: new Date().toISOString() } : key))
    return json(house.keys.find((key) => key.id === id))
  }
  const body = (await request.json()) as Partial<KeyView>
  const first = house.keys[0]
  if (!first) return refuse(500, 'internal', 'No key.')
  const fresh: KeyView =
    deed === 'rotate'
      ? (house.keys.find((key) => key.id === id) ?? first)
      : {
          ...first,
          models: null,
          ...body,
          id: 'n3wk3yn3wk3y',
          limits: { ...first.limits, ...body.limits },
          createdAt: new Date().toISOString(),
          lastUsedAt: null,
        }
  house.keys = [...house.keys.filter((key) => key.id !== fresh.id), fresh]
  return json({ ...fresh, key: `hk-${fresh.id}-${'fedcba987654'.repeat(4)}` }, 201)
}

function logOf(id: string): string {
  return [
    `hearth: starting ${id}`,
    'llama_model_loader: loaded meta data with 28 key-value pairs',
    'load_tensors: offloaded 37/37 layers to GPU',
    'main: model loaded',
  ].join('\n')
}

if (import.meta.main) {
  const house = startFakeHouse(Number(Bun.argv[2] ?? 9999))
  process.stdout.write(`A house for the page, beside Vite: ${house.url}  key: ${devKey}\n`)
}
