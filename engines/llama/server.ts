import { timingSafeEqual } from 'node:crypto'
import { chatCompletions } from './chat.ts'
import { textCompletions } from './completions.ts'
import { embeddings } from './embeddings.ts'
import type { Engine } from './engine.ts'
import { ApiError, errorResponse, jsonResponse } from './errors.ts'
import { metricsText } from './metrics.ts'
import { rerank } from './rerank.ts'
import { detokenize, tokenize } from './tokens.ts'

/** What `/health` tells before the model is there. */
export interface Loading {
  /** 0 to 1. */
  progress: number
  engine: Engine | null
}

export interface ServerOptions {
  readonly host: string
  readonly port: number
  /** null = everybody who reaches the port may ask. */
  readonly token: string | null
  readonly loading: Loading
}

type Endpoint = (engine: Engine, request: Request) => Response | Promise<Response>

const endpoints: Readonly<Record<string, Endpoint>> = {
  'POST /v1/chat/completions': chatCompletions,
  'POST /v1/completions': textCompletions,
  'POST /v1/embeddings': embeddings,
  'POST /v1/rerank': rerank,
  'POST /tokenize': tokenize,
  'POST /detokenize': detokenize,
  'GET /v1/models': listModels,
  'GET /metrics': metrics,
}

/** llama-server answers under these names too. */
const otherNames: Readonly<Record<string, string>> = {
  '/chat/completions': '/v1/chat/completions',
  '/completions': '/v1/completions',
  '/embeddings': '/v1/embeddings',
  '/rerank': '/v1/rerank',
  '/reranking': '/v1/rerank',
  '/v1/reranking': '/v1/rerank',
  '/models': '/v1/models',
}

const idleSeconds = 30

/** Opens the listener; it answers `/health` at once and everything else when `loading.engine` is set. */
export function serve(options: ServerOptions): Bun.Server<undefined> {
  return Bun.serve({
    hostname: options.host,
    port: options.port,
    development: false,
    idleTimeout: idleSeconds,
    maxRequestBodySize: 128 * 2 ** 20,
    async fetch(request, server) {
      // An answer may be silent for as long as the prompt takes; the 0 is taken back, or it would stay with the
      // connection.
      server.timeout(request, 0)
      try {
        const response = await answer(request, options)
        if (!isStream(response)) server.timeout(request, idleSeconds)
        return response
      } catch (thrown) {
        server.timeout(request, idleSeconds)
        if (request.signal.aborted) return new Response(null, { status: 499 })
        return errorResponse(thrown)
      }
    },
    error: (thrown) => errorResponse(thrown),
  })
}

const isStream = (response: Response): boolean =>
  response.headers.get('content-type')?.startsWith('text/event-stream') ?? false

async function answer(request: Request, options: ServerOptions): Promise<Response> {
  const { pathname } = new URL(request.url, 'http://engine')
  const { engine, progress } = options.loading
  if (pathname === '/health' || pathname === '/v1/health') {
    if (engine !== null) return jsonResponse({ status: 'ok' })
    return jsonResponse({ status: 'loading model', progress }, { status: 503 })
  }
  if (options.token !== null && !isAllowed(request, options.token)) {
    throw new ApiError(401, 'The bearer token is missing or wrong.', { code: 'invalid_api_key' })
  }
  const path = otherNames[pathname] ?? pathname
  const endpoint = endpoints[`${request.method} ${path}`]
  if (endpoint === undefined) {
    const isOtherMethod = Object.keys(endpoints).some((known) => known.endsWith(` ${path}`))
    if (isOtherMethod)
      throw new ApiError(405, `${request.method} is not for ${pathname}.`, { code: 'method_not_allowed' })
    throw new ApiError(404, `There is nothing at ${pathname}.`)
  }
  if (engine === null) throw new ApiError(503, 'Loading model', { code: 'model_loading' })
  return endpoint(engine, request)
}

function isAllowed(request: Request, token: string): boolean {
  const given = Buffer.from(request.headers.get('authorization') ?? '')
  const wanted = Buffer.from(`Bearer ${token}`)
  return given.length === wanted.length && timingSafeEqual(given, wanted)
}

function listModels(engine: Engine): Response {
  const { facts } = engine.model
  const meta = {
    architecture: facts.architecture,
    n_vocab: facts.vocabulary,
    n_ctx: engine.context,
    n_ctx_train: facts.trainContext,
    n_embd: facts.embedding,
    n_params: facts.parameters,
    size: facts.sizeBytes,
    n_parallel: engine.model.sequences.length,
    n_threads: engine.model.threads,
    chat_format: engine.model.wrapper.wrapperName,
    can_rerank: facts.canRank,
  }
  const entry = { id: engine.id, object: 'model', created: engine.created, owned_by: 'hearth', meta }
  return jsonResponse({ object: 'list', data: [entry] })
}

function metrics(engine: Engine): Response {
  return new Response(metricsText(engine.metrics, engine.slots), {
    headers: { 'content-type': 'text/plain; version=0.0.4' },
  })
}
