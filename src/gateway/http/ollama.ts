import { z } from 'zod'
import { AppError } from '#kernel/errors.ts'
import { modelName } from '#kernel/ids.ts'
import type { Caller } from '#kernel/words.ts'
import { sha256Hex } from '#platform/crypto/hash.ts'
import { route, type AnyRoute, type Method, type RawRoute } from '#platform/http/route.ts'
import type { Handler } from '#platform/http/router.ts'
import { followedVersion, isRunning, runningOf, showOf, tagOf, type ListedModel } from '#protocol/ollama/models.ts'
import type { ModelCard } from '#protocol/openai/models.ts'
import { unknownModel } from '../errors.ts'
import { ollamaLanes, type Lane } from '../service/answering/lanes.ts'
import { findModel } from '../service/directory/model-list.ts'

export interface OllamaHttp {
  readonly answer: (lane: Lane, ...rest: Parameters<RawRoute['handle']>) => Promise<Response>
  readonly models: (caller: Caller) => Promise<readonly ModelCard[]>
  /** The routes of the main listener: Ollama has some of them too. */
  readonly openai: readonly AnyRoute[]
}

const tag = 'ollama'
const anything = z.looseObject({})

/** Exactly what an Ollama answers, on a listener of its own. What changes its store of models is refused. */
export function ollamaRoutes({ answer, models, openai }: OllamaHttp): readonly AnyRoute[] {
  const list = async (caller: Caller): Promise<readonly ListedModel[]> =>
    (await models(caller)).map((card) => ({ card, digest: sha256Hex(`${card.owned_by}/${card.id}`) }))
  const dataPlane = lanes.map(([path, lane, summary]): RawRoute => ({
    method: 'POST',
    path,
    summary,
    tag,
    scope: 'inference',
    raw: true,
    handle: (request, at, params) => answer(lane, request, at, params),
  }))
  return [
    greeting,
    version,
    ...dataPlane,
    get('/api/tags', 'The models this caller can use.', async (caller) => ({
      models: (await list(caller)).map(tagOf),
    })),
    get('/api/ps', 'Those of them that are in memory.', async (caller) => ({
      models: (await list(caller)).filter(({ card }) => isRunning(card)).map(runningOf),
    })),
    show(models),
    ...impossible.map(refuse),
    ...openai.filter(({ path }) => openaiPaths.has(path)),
  ]
}

const lanes: readonly (readonly [RawRoute['path'], Lane, string])[] = [
  ['/api/chat', ollamaLanes['ollama/chat'], 'Chat, streamed unless it says no.'],
  ['/api/generate', ollamaLanes['ollama/generate'], 'An answer to one prompt, streamed unless it says no.'],
  ['/api/embed', ollamaLanes['ollama/embed'], 'Embeddings of one or more texts.'],
  ['/api/embeddings', ollamaLanes['ollama/embeddings'], 'The embedding of one text.'],
]

const openaiPaths: ReadonlySet<string> = new Set([
  '/v1/chat/completions',
  '/v1/completions',
  '/v1/embeddings',
  '/v1/models',
  '/v1/models/{id+}',
])

/** Clients ask for this to see whether somebody is there; HEAD too. */
const greeting = route({
  method: 'GET',
  path: '/',
  summary: 'A sign of life.',
  tag,
  scope: null,
  responses: { 200: { contentType: 'text/plain', description: 'A sign of life.' } },
  handle: () => new Response('Ollama is running', { headers: { 'content-type': 'text/plain; charset=utf-8' } }),
})

const version = route({
  method: 'GET',
  path: '/api/version',
  summary: 'The version of Ollama whose shapes these are.',
  tag,
  scope: null,
  responses: { 200: anything },
  handle: () => ({ version: followedVersion }),
})

function get(path: `/${string}`, summary: string, tell: (caller: Caller) => Promise<unknown>): AnyRoute {
  const responses = { 200: anything }
  return route({
    method: 'GET',
    path,
    summary,
    tag,
    scope: 'inference',
    responses,
    handle: ({ caller }) => tell(caller),
  })
}

function show(models: OllamaHttp['models']): AnyRoute {
  return route({
    method: 'POST',
    path: '/api/show',
    summary: 'What is known of one model.',
    tag,
    scope: 'inference',
    body: z.looseObject({ model: z.string().optional(), name: z.string().optional() }),
    responses: { 200: anything },
    handle: async ({ caller, body }) => {
      const name = body.model ?? body.name ?? ''
      const card = findModel(await models(caller), modelName(name))
      if (!card) throw unknownModel(name, [])
      return showOf(card)
    },
  })
}

const impossible: readonly (readonly [Method, `/${string}`, string])[] = [
  ['POST', '/api/pull', 'Models are pulled on the page of models or with `hearth pull`'],
  ['POST', '/api/push', 'Models are not pushed from here'],
  ['POST', '/api/create', 'Models are described in hearth.yaml'],
  ['POST', '/api/copy', 'Another name for a model is a route in hearth.yaml'],
  ['DELETE', '/api/delete', 'Models are removed on the page of models or in hearth.yaml'],
  ['POST', '/api/blobs/{digest}', 'Models are pulled on the page of models or with `hearth pull`'],
]

function refuse([method, path, instead]: (typeof impossible)[number]): AnyRoute {
  return route({
    method,
    path,
    summary: 'Not possible here.',
    tag,
    scope: 'inference',
    responses: { 400: anything },
    handle: () => {
      const message = `This is Hearth, which does not change its models over Ollama's API. ${instead}.`
      throw new AppError('invalid', message, { reason: 'not_possible_here', isFinal: true })
    },
  })
}

/** Refusals of the router in Ollama's shape, `{"error": "text"}`; those of `/v1` stay in OpenAI's, as Ollama's do. */
export function withOllamaErrors(handler: Handler): Handler {
  return async (request, at) => {
    const response = await handler(request, at)
    const isJson = response.headers.get('content-type')?.includes('json') ?? false
    if (response.status < 400 || !isJson || new URL(request.url).pathname.startsWith('/v1/')) return response
    const body: unknown = await response.json()
    const headers = new Headers(response.headers)
    headers.delete('content-length')
    return Response.json(flat(body), { status: response.status, headers })
  }
}

function flat(body: unknown): unknown {
  const read = enveloped.safeParse(body)
  return read.success ? { error: read.data.error.message } : body
}

const enveloped = z.object({ error: z.object({ message: z.string() }) })
