import { z } from 'zod'
import type { RawRoute } from '#platform/http/route.ts'
import { plainEndpoints } from '#protocol/openai/plain-endpoints.ts'
import type { PlainEndpoint } from '#protocol/openai/plain.ts'
import { anyAnswer, errorEnvelope } from '#protocol/openai/wire.ts'

type Handle = RawRoute['handle']

export interface EndpointsHttp {
  readonly passThrough: (endpoint: PlainEndpoint, ...rest: Parameters<Handle>) => ReturnType<Handle>
  readonly realtime: Handle
  readonly proxyUpstream: (upstream: string, ...rest: Parameters<Handle>) => ReturnType<Handle>
}

const tag = 'inference'

const failures = { 400: errorEnvelope, 401: errorEnvelope, 404: errorEnvelope, 429: errorEnvelope, 503: errorEnvelope }

/** Endpoints whose requests and answers pass as they are. */
export function endpointRoutes({ passThrough, realtime, proxyUpstream }: EndpointsHttp): readonly RawRoute[] {
  return [
    ...plainEndpoints.flatMap((endpoint) =>
      endpoint.paths.map((path): RawRoute => ({
        method: 'POST',
        path,
        summary: endpoint.summary,
        tag,
        scope: 'inference',
        raw: true,
        describe: {
          body: z.looseObject({ model: z.string(), ...Object.fromEntries(endpoint.needs.map(anything)) }),
          responses: { 200: anyAnswer, ...failures },
        },
        handle: (request, at, params) => passThrough(endpoint, request, at, params),
      })),
    ),
    {
      method: 'GET',
      path: '/v1/realtime',
      summary: 'A WebSocket to the model of the query: speech and text in both directions.',
      tag,
      scope: 'inference',
      raw: true,
      describe: { responses: failures },
      handle: realtime,
    },
    ...(['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const).map((method): RawRoute => ({
      method,
      path: '/upstreams/{name}/{path+}',
      summary: 'Anything else that an upstream has, for keys that may use every model of it.',
      tag,
      scope: 'inference',
      raw: true,
      describe: { responses: failures },
      handle: (request, at, params) => proxyUpstream(params['name'] ?? '', request, at, params),
    })),
  ]
}

const anything = (name: string) => [name, z.unknown()] as const
