import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createCell } from '#kernel/cell.ts'
import { keyId } from '#kernel/ids.ts'
import type { Caller, RequestRecord } from '#kernel/words.ts'
import { openGateway, type GatewayOptions, type GatewaySettings } from '#gateway/index.ts'
import type { Acquired, BodyLog, Permit, Places } from '#gateway/ports.ts'
import { createPassage } from '#passage/passage.ts'
import type { PassagePorts } from '#passage/ports.ts'
import { systemClock } from '#platform/clock.ts'
import { openEgress } from '#platform/egress/egress.ts'
import { SpoolRoom } from '#platform/files/spool.ts'
import { listen } from '#platform/http/listener.ts'
import { createRouter } from '#platform/http/router.ts'
import { silentLogger, type Logger } from '#platform/log/logger.ts'
import { plainRouting } from './routing.ts'
import { noLimits, noPrices } from './purse.ts'

/** What the upstream does with a request. */
export type Behave = (request: Request, body: string) => Response | Promise<Response>

/** The data plane by itself, on a real socket, between one upstream that a test plays and places that it gives. */
export interface GatewayAlone extends AsyncDisposable {
  readonly url: string
  /** Where clients of Ollama ask. */
  readonly ollamaUrl: string
  readonly rows: RequestRecord[]
  /** Bodies that reached the upstream. */
  readonly seen: string[]
  /** Answers that nobody waited for. */
  readonly aborts: number
  /** Permits that are out. */
  readonly held: number
  readonly open: number
  /** Bytes of uploads that wait in files. */
  readonly spooled: number
  /** `model` is `up/<any name>` for the upstream and `local` for a model whose places `acquire` gives. */
  chat(model: string, more?: object, signal?: AbortSignal): Promise<Response>
  play(behave: Behave): void
  acquire: Places['acquire']
  permit(): Acquired
  /** The caller's key ends. */
  revoke(): void
}

export interface AloneOptions {
  /** Beside `up` and `cloud`. */
  readonly upstreams?: GatewaySettings['upstreams']
  readonly routes?: GatewaySettings['routes']
  readonly limits?: Partial<GatewaySettings['limits']>
  readonly passLimits?: Partial<GatewaySettings['passLimits']>
  /** Who asks, where it matters. */
  readonly caller?: Partial<Caller>
  readonly admit?: (request: Request) => void
  readonly bodies?: BodyLog
  /** Not said: nobody reads it. */
  readonly log?: Logger
  readonly kept?: GatewayOptions['kept']
  /** Not said: a key without limits. */
  readonly purse?: PassagePorts['purse']
}

export async function openGatewayAlone(options: AloneOptions = {}): Promise<GatewayAlone> {
  const log = options.log ?? silentLogger
  const state = { behave: (() => new Response()) as Behave, aborts: 0, held: 0, isRevoked: false }
  const seen: string[] = []
  const upstream = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    idleTimeout: 60,
    async fetch(request) {
      if (request.method === 'GET') return Response.json({ data: [] })
      request.signal.addEventListener('abort', () => (state.aborts += 1))
      const body = await request.text()
      seen.push(body)
      return state.behave(request, body)
    },
  })
  const baseUrl = `http://127.0.0.1:${upstream.port}/v1`
  const listeners = new Set<() => void>()
  const caller: Caller = {
    key: keyId('testtesttest'),
    name: 'test',
    limits: { requestsPerMinute: null, tokensPerMinute: null, concurrency: null },
    may: () => true,
    mayUse: () => true,
    ...options.caller,
    onRevoke: (listener) => {
      if (state.isRevoked) listener()
      else listeners.add(listener)
      return { [Symbol.dispose]: () => void listeners.delete(listener) }
    },
  }
  const permit = (): Permit => {
    state.held += 1
    return { baseUrl, token: null, release: () => void (state.held -= 1) }
  }
  const rows: RequestRecord[] = []
  const gate = {
    admit(request: Request) {
      options.admit?.(request)
      return caller
    },
  }
  const spool = new SpoolRoom({
    folder: join(tmpdir(), 'hearth-alone'),
    limits: () => ({ memoryBytes: 4096, diskBytes: 64 * 2 ** 20 }),
  })
  const passage = createPassage(
    {
      gate,
      purse: options.purse ?? noLimits,
      ledger: { append: (record) => void rows.push(record), isFull: false },
      prices: noPrices,
      onEnd: () => {},
    },
    systemClock,
    log,
  )
  const egress = openEgress({
    policy: createCell({ proxy: null }),
    log,
    clock: systemClock,
  })
  const gateway = openGateway({
    settings: createCell(settings(baseUrl, options)),
    localNames: createCell([{ id: 'local', model: 'local' }]),
    localModels: () => [],
    passage,
    places: {
      tryAcquire: ({ deployment }) => (deployment.startsWith('model:') ? null : permit()),
      acquire: (ask) => alone.acquire(ask),
    },
    inference: egress.inference,
    ...(options.bodies ? { bodies: options.bodies } : {}),
    ...(options.kept ? { kept: options.kept } : {}),
    sockets: egress.sockets,
    spool,
    clock: systemClock,
    log,
    announce: () => {},
  })
  const handler = createRouter({
    routes: gateway.routes,
    gate,
    log,
    controlBodyBytes: 1000,
    fallback: () => null,
  })
  const listener = listen({ at: { host: '127.0.0.1', port: 0 }, handler, log, idleSeconds: 30 })
  const forOllama = createRouter({
    routes: gateway.ollama.routes,
    gate,
    log: silentLogger,
    controlBodyBytes: 1000,
    fallback: () => null,
  })
  const ollamaListener = listen({
    at: { host: '127.0.0.1', port: 0 },
    handler: gateway.ollama.shape(forOllama),
    log: silentLogger,
    idleSeconds: 30,
  })
  const alone: GatewayAlone = {
    url: listener.address,
    ollamaUrl: ollamaListener.address,
    rows,
    seen,
    get aborts() {
      return state.aborts
    },
    get held() {
      return state.held
    },
    get open() {
      return passage.open
    },
    get spooled() {
      return spool.diskBytes
    },
    chat: (model, more = {}, signal) =>
      fetch(`${listener.address}/v1/chat/completions`, {
        method: 'POST',
        body: JSON.stringify({ model, messages: [{ role: 'user', content: 'Hi' }], ...more }),
        ...(signal ? { signal } : {}),
      }),
    play: (behave) => void (state.behave = behave),
    acquire: async () => ({ kind: 'gone' }),
    permit: () => ({ kind: 'permit', permit: permit() }),
    revoke() {
      state.isRevoked = true
      for (const tell of listeners) tell()
    },
    async [Symbol.asyncDispose]() {
      await listener.cut()
      await ollamaListener.cut()
      gateway[Symbol.dispose]()
      await egress[Symbol.asyncDispose]()
      await upstream.stop(true)
    },
  }
  return alone
}

function settings(baseUrl: string, { upstreams = [], routes = [], limits, passLimits }: AloneOptions): GatewaySettings {
  const cloud = { name: 'cloud', baseUrl, locality: 'cloud', headers: {}, models: ['far'], splitThink: false } as const
  return {
    upstreams: [
      { name: 'up', baseUrl, locality: null, headers: {}, models: ['*'], splitThink: false },
      cloud,
      ...upstreams,
    ],
    routes,
    routing: plainRouting,
    cache: { maxBytes: 1_000_000, maxEntryBytes: 100_000 },
    passLimits: { uploadBodyBytes: 32 * 2 ** 20, socketMessageBytes: 2 ** 20, socketIdleMs: 60_000, ...passLimits },
    limits: {
      requestBodyBytes: 10_000,
      responseBodyBytes: 10_000,
      loadWaitMs: 60_000,
      stalledReaderMs: 60_000,
      bodyReadSeconds: 120,
      idleConnectionSeconds: 30,
      // As in a house that nobody configured: the fetch has no controller of its own.
      deadlines: { firstByteMs: 60_000, idleMs: 60_000, totalMs: 120_000 },
      ...limits,
    },
  }
}
