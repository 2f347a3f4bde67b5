import { z } from 'zod'
import { AppError } from '#kernel/errors.ts'
import { eventFeed } from '#platform/events/sse.ts'
import type { EventBus } from '#platform/events/contract.ts'
import { route, type AnyRoute } from '#platform/http/route.ts'
import { health, readiness, status, type Status } from '#protocol/admin/monitor.ts'
import type { Sources } from './ports.ts'
import type { Monitor } from './service/monitor.ts'

export interface MonitorHttp {
  readonly monitor: Monitor
  readonly sources: Sources
  readonly bus: EventBus
  /** Aborts when the house closes: feeds have no end of their own and would hold it up. */
  readonly closing: AbortSignal
  readonly about: {
    readonly version: string
    readonly home: string
    readonly database: Status['database']
    readonly address: () => string
    readonly encryption: {
      /** null: no HTTPS. */
      readonly summary: () => Status['tls']
      readonly problems: () => readonly string[]
    }
  }
}

/** A listener that leaves this much unread is dropped and comes back with its last id. */
const maxUnreadBytes = 4 * 2 ** 20
const heartbeatMs = 15_000
/** Each may hold `maxUnreadBytes`. */
const maxFeeds = 200
const tag = 'monitor'

export function monitorRoutes(parts: MonitorHttp): readonly AnyRoute[] {
  const { monitor, about } = parts
  return [
    route({
      method: 'GET',
      path: '/health',
      summary: 'Whether the process answers.',
      tag,
      scope: null,
      responses: { 200: health },
      handle: () => ({ status: 'ok', version: about.version, uptimeSeconds: monitor.uptimeSeconds }),
    }),
    route({
      method: 'GET',
      path: '/ready',
      summary: 'Whether it takes requests: 503 while it starts and while it drains.',
      tag,
      scope: null,
      responses: { 200: readiness, 503: readiness },
      handle: () =>
        Response.json(
          { status: monitor.phase },
          { status: monitor.phase === 'ready' ? 200 : 503, headers: { 'cache-control': 'no-store' } },
        ),
    }),
    route({
      method: 'GET',
      path: '/metrics',
      summary: 'Metrics in the Prometheus text format.',
      tag,
      scope: 'monitor',
      responses: { 200: { contentType: 'text/plain', description: 'Prometheus text format 0.0.4.' } },
      handle: () =>
        new Response(monitor.metrics.render(), {
          headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' },
        }),
    }),
    route({
      method: 'GET',
      path: '/api/status',
      summary: 'The house at a glance.',
      tag,
      scope: 'monitor',
      responses: { 200: status },
      handle: () => statusOf(parts),
    }),
    eventsRoute(parts),
  ]
}

function eventsRoute({ bus, monitor, about, closing }: MonitorHttp): AnyRoute {
  let feeds = 0
  return route({
    method: 'GET',
    path: '/api/events',
    summary: 'Everything live, as Server-Sent Events; resumed by `Last-Event-ID` or `lastEventId`.',
    tag,
    scope: 'monitor',
    query: z.object({
      lastEventId: z.string().max(64).optional(),
      types: z
        .string()
        .max(1000)
        .optional()
        .describe('Only these types, separated by commas; `model.*` takes all that begin so.'),
    }),
    responses: { 200: { contentType: 'text/event-stream', description: 'The feed; its first event is `hello`.' } },
    handle: ({ request, query, keepOpen, caller }) => {
      if (feeds >= maxFeeds) throw tooManyFeeds()
      feeds += 1
      const letGo = keepOpen()
      const wanted = query.types?.split(',').map((type) => type.trim()) ?? null
      return eventFeed({
        bus,
        lastId: request.headers.get('last-event-id') ?? query.lastEventId ?? null,
        hello: { version: about.version, startedAt: new Date(monitor.startedAt).toISOString() },
        maxUnreadBytes,
        heartbeatMs,
        signal: AbortSignal.any([request.signal, closing]),
        onRevoke: (listener) => caller.onRevoke(listener),
        onEnd: () => {
          feeds -= 1
          letGo()
        },
        filter: ({ type }) =>
          wanted === null ||
          wanted.some((pattern) => (pattern.endsWith('*') ? type.startsWith(pattern.slice(0, -1)) : type === pattern)),
      })
    },
  })
}

function tooManyFeeds(): AppError {
  return new AppError('busy', `${maxFeeds} listeners follow the events already; close some, or come back later.`, {
    reason: 'too_many_listeners',
    retryAfterMs: 10_000,
  })
}

function statusOf({ monitor, sources, about }: MonitorHttp): Status {
  return {
    version: about.version,
    startedAt: new Date(monitor.startedAt).toISOString(),
    uptimeSeconds: monitor.uptimeSeconds,
    address: about.address(),
    home: about.home,
    database: about.database,
    tls: about.encryption.summary(),
    warnings: [...about.encryption.problems(), ...sources.warnings()],
    egress: { cloudText: sources.cloudText() },
    memory: sources.memory(),
    upstreams: sources.upstreams().map((upstream) => ({ ...upstream })),
  }
}
