import { Hono } from 'hono'
import { TrieRouter } from 'hono/router/trie-router'
import type { z } from 'zod'
import { AppError } from '#kernel/errors.ts'
import type { Caller, Scope } from '#kernel/words.ts'
import type { Logger } from '#platform/log/logger.ts'
import { newRequestId } from '#platform/crypto/ids.ts'
import { readBody } from './body.ts'
import { errorResponse } from './errors.ts'
import type { AnyRoute, Connection, RawRoute, Route } from './route.ts'

export interface RouterOptions {
  readonly routes: readonly AnyRoute[]
  readonly gate: Gate
  readonly log: Logger
  readonly controlBodyBytes: number
  /** The listener's idle limit, which comes back after a `keepOpen`. */
  readonly idleSeconds?: number
  /** What answers paths that no route has: the page's files. null → 404. */
  readonly fallback: (request: Request) => Response | null | Promise<Response | null>
}

/** Who asks and whether they may: given by `auth`. */
export interface Gate {
  /**
   * Throws AppError `unauthenticated`, or `forbidden` when the scope is missing or a session's request comes from a
   * foreign page.
   */
  admit(request: Request, at: Connection, scope: Scope | 'known'): Caller
}

const usualIdleSeconds = 30

export type Handler = (request: Request, at: Connection) => Response | Promise<Response>

/** For routes that are open to everyone: a caller who may do nothing. */
const nobody: Caller = {
  key: 'nobody' as Caller['key'],
  name: 'nobody',
  limits: { requestsPerMinute: null, tokensPerMinute: null, concurrency: null },
  may: () => false,
  mayUse: () => false,
  onRevoke: () => ({ [Symbol.dispose]: () => {} }),
}

interface Variables {
  readonly Bindings: { readonly at: Connection }
}

/**
 * All routes behind one router, so that paths and methods behave alike everywhere: a known path with another method is
 * 405.
 */
export function createRouter(options: RouterOptions): Handler {
  // Hono's default router forgets the order of registration where a parameter takes slashes.
  const app = new Hono<Variables>({ router: new TrieRouter() })
  const methodsOf = new Map<string, string[]>()
  for (const route of [...options.routes].sort(greedyLast)) {
    const path = honoPath(route.path)
    methodsOf.set(path, [...(methodsOf.get(path) ?? []), route.method])
    app.on(route.method, path, (context) => {
      const params = context.req.param() as Record<string, string>
      return 'raw' in route
        ? route.handle(context.req.raw, context.env.at, params)
        : runRoute(route, context.req.raw, context.env.at, params, options)
    })
  }
  for (const [path, methods] of methodsOf) {
    app.all(path, (context) => {
      const message = `${context.req.method} is not possible here; this path takes ${methods.join(', ')}.`
      const response = errorResponse(new AppError('invalid', message, { reason: 'method_not_allowed' }), options.log)
      response.headers.set('allow', methods.join(', '))
      return new Response(response.body, { status: 405, headers: response.headers })
    })
  }
  app.notFound(
    async (context) => (await options.fallback(context.req.raw)) ?? unknownPath(context.req.path, options.log),
  )
  app.onError((error) => errorResponse(error, options.log, { headers: { 'x-request-id': newRequestId() } }))
  // Paths without parameters are looked up as they stand: the data plane is among them, and a trie costs it a twentieth
  // of its time.
  const exact = new Map(
    options.routes
      .filter((route) => 'raw' in route && !route.path.includes('{'))
      .map((route) => [`${route.method} ${route.path}`, route as RawRoute]),
  )
  return (request, at) => {
    const route = exact.get(`${request.method} ${pathOf(request.url)}`)
    return route ? route.handle(request, at, {}) : app.fetch(request, { at })
  }
}

/** The path of an absolute URL as it stands in it; `new URL` would cost more than all the rest of the look-up. */
function pathOf(url: string): string {
  const start = url.indexOf('/', url.indexOf('//') + 2)
  if (start < 0) return '/'
  const query = url.indexOf('?', start)
  return query < 0 ? url.slice(start) : url.slice(start, query)
}

/** `/api/models/{id+}` would also take `/api/models/{id+}/log`: what has more behind it comes first. */
const greedyLast = (a: AnyRoute, b: AnyRoute): number => Number(a.path.endsWith('+}')) - Number(b.path.endsWith('+}'))

/** `/api/models/{id+}/load` → `/api/models/:id{.+}/load`. */
function honoPath(path: string): string {
  return path.replaceAll(/\{(\w+)\+\}/g, ':$1{.+}').replaceAll(/\{(\w+)\}/g, ':$1')
}

async function runRoute(
  route: Exclude<AnyRoute, RawRoute>,
  request: Request,
  at: Connection,
  params: Record<string, string>,
  options: RouterOptions,
): Promise<Response> {
  const headers = { 'x-request-id': newRequestId() }
  let isKeptOpen = false
  const letGo = (): void => at.setIdleTimeout(options.idleSeconds ?? usualIdleSeconds)
  try {
    const caller = route.scope === null ? nobody : options.gate.admit(request, at, route.scope)
    const call = {
      request,
      caller,
      params: parse(route.params, params, 'path'),
      query: parse(route.query, Object.fromEntries(new URL(request.url, 'http://localhost').searchParams), 'query'),
      body: route.body
        ? parse(route.body, await readJson(request, route.maxBodyBytes ?? options.controlBodyBytes), 'body')
        : undefined,
      from: at.from,
      isSecure: at.isSecure ?? false,
      keepOpen: () => {
        isKeptOpen = true
        at.setIdleTimeout(0)
        return letGo
      },
    }
    const result: unknown = await route.handle(call)
    if (isKeptOpen && !(result instanceof Response)) letGo()
    const response = toResponse(result, route, headers)
    // Nobody will read it: what makes it must not go on.
    if (request.method === 'HEAD') await response.body?.cancel()
    return response
  } catch (thrown) {
    if (isKeptOpen) letGo()
    return errorResponse(thrown, options.log.child({ path: route.path, request: headers['x-request-id'] }), { headers })
  }
}

function toResponse(result: unknown, route: Route, headers: Readonly<Record<string, string>>): Response {
  if (result instanceof Response) {
    result.headers.set('x-request-id', headers['x-request-id'] ?? '')
    return result
  }
  return Response.json(result, { status: route.status ?? 200, headers: { ...headers, 'cache-control': 'no-store' } })
}

async function readJson(request: Request, limitBytes: number): Promise<unknown> {
  const bytes = await readBody(request, limitBytes)
  if (bytes.byteLength === 0) return {}
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (cause) {
    throw new AppError(
      'invalid',
      `The request's body is not JSON: ${cause instanceof Error ? cause.message : 'unreadable'}.`,
      {
        reason: 'invalid_json',
      },
    )
  }
}

/** All problems at once, each with its member; the value at fault is not echoed (it may be a secret). */
function parse(schema: z.ZodType | undefined, value: unknown, where: string): unknown {
  if (!schema) return value
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const sentences = parsed.error.issues.map((issue) => `${issue.path.join('.') || where}: ${issue.message}`)
  throw new AppError(
    'invalid',
    `The ${where} has ${sentences.length === 1 ? 'a problem' : 'problems'}: ${sentences.join('; ')}.`,
    {
      reason: 'invalid_request',
      param: parsed.error.issues[0]?.path.join('.') || where,
    },
  )
}

function unknownPath(path: string, log: Logger): Response {
  const message = `There is nothing at ${path.slice(0, 200)}. The API is described at /openapi.json; inference is under /v1.`
  return errorResponse(new AppError('not_found', message, { reason: 'unknown_path' }), log)
}
