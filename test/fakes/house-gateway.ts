import type { RequestDetail, RequestRecord, RequestTrace } from '../../sdk/typescript/request-types.ts'
import type { PoolView, RouteTarget, RouteView } from '../../sdk/typescript/types.ts'
import { fakeRecord, refuse } from './house-state.ts'

/** A request that the second of two targets answered. */
export const fakeFailover: RequestRecord = {
  ...fakeRecord,
  id: 'req_000000000000000000000002',
  at: '2026-01-02T03:12:00.000Z',
  model: 'coder',
  upstream: 'spark-2',
  upstreamModel: 'qwen3-32b',
  ttftMs: 900,
  durationMs: 2000,
  costMicros: 1500,
}

/** A request that nobody answered. */
export const fakeRefused: RequestRecord = {
  ...fakeRecord,
  id: 'req_000000000000000000000003',
  at: '2026-01-02T03:13:00.000Z',
  endpoint: 'embeddings',
  model: 'coder',
  upstream: null,
  upstreamModel: null,
  status: 503,
  outcome: 'failed',
  isStream: false,
  tokens: null,
  usage: { promptTokens: null, completionTokens: null, cachedTokens: null },
  ttftMs: null,
  durationMs: 4,
  reason: 'all_targets_failed',
}

const records: readonly RequestRecord[] = [fakeRefused, fakeFailover, fakeRecord]

const traces: Readonly<Record<string, RequestTrace>> = {
  [fakeFailover.id]: {
    route: 'next after refused',
    cache: 'miss',
    attempts: [
      {
        upstream: 'spark-1',
        model: 'qwen3-32b',
        startedMs: 2,
        placedMs: 2,
        headMs: null,
        status: null,
        failure: 'refused',
        endedMs: 10,
      },
      {
        upstream: 'spark-2',
        model: 'qwen3-32b',
        startedMs: 10,
        placedMs: 510,
        headMs: 700,
        status: 200,
        failure: null,
        endedMs: 2000,
      },
    ],
  },
  [fakeRefused.id]: { route: null, cache: null, attempts: [] },
}

/** One query of `/api/requests`; what the real one refuses is refused. */
export function listRequests({ searchParams }: URL): Response {
  const given = (name: string): string | null => searchParams.get(name)
  const status = given('status')
  if (status !== null && !/^[1-5](xx|\d\d)$/.test(status))
    return refuse(
      400,
      'invalid_request',
      `status must be a status or a class of them, such as 429 or 5xx; it is "${status}"`,
    )
  for (const name of ['since', 'until'])
    if (given(name) !== null && Number.isNaN(Date.parse(given(name) ?? '')))
      return refuse(400, 'invalid_request', `${name} must be a time such as 2026-01-31; it is "${given(name)}"`)
  const is = (name: string, value: string | null): boolean => given(name) === null || given(name) === value
  const text = given('text')?.toLowerCase() ?? null
  const at = (name: string, otherwise: number): number =>
    given(name) === null ? otherwise : Date.parse(given(name) ?? '')
  const data = records.filter(
    (row) =>
      is('key', row.key) &&
      is('model', row.model) &&
      is('upstream', row.upstream) &&
      is('outcome', row.outcome) &&
      is('endpoint', row.endpoint) &&
      (status === null || String(row.status).startsWith(status.replace('xx', ''))) &&
      (text === null || [row.model, row.upstreamModel, row.reason].some((one) => one?.toLowerCase().includes(text))) &&
      Date.parse(row.at) >= at('since', -Infinity) &&
      Date.parse(row.at) < at('until', Infinity),
  )
  const limit = Number(given('limit') ?? 100)
  return Response.json({ data: data.slice(0, limit), next: data.length > limit ? 'more' : null })
}

export function findRequest(id: string): Response {
  const record = records.find((row) => row.id === id)
  if (record === undefined) return refuse(404, 'request_not_found', `There is no request ${id}.`)
  const detail: RequestDetail = {
    ...record,
    keyName: 'laptop',
    trace: traces[id] ?? null,
    bodies:
      id === fakeFailover.id
        ? { request: '{"model":"coder","messages":[]}', response: 'data: \u001b[2Jhello\n\n', isCut: true }
        : null,
  }
  return Response.json(detail)
}

const target: RouteTarget = {
  deployment: 'upstream:spark-1',
  upstream: 'spark-1',
  model: 'qwen3-32b',
  locality: 'lan',
  weight: 1,
  priority: 0,
  breaker: 'open',
  retryInMs: 4200,
  inFlight: 0,
  queued: 0,
  firstByteMs: null,
  engine: null,
  failures: 3,
  lastFailure: 'refused',
}

export const fakeRoutes: readonly RouteView[] = [
  {
    name: 'coder',
    aliases: ['gpt-4o'],
    policy: 'least-loaded',
    isConfigured: true,
    targets: [
      target,
      {
        ...target,
        deployment: 'upstream:spark-2',
        upstream: 'spark-2',
        breaker: 'closed',
        retryInMs: null,
        inFlight: 2,
        queued: 1,
        firstByteMs: 180,
        engine: { running: 4, waiting: 1, cacheUsage: 0.25 },
        failures: 0,
        lastFailure: null,
      },
    ],
    fallbacks: [
      { on: ['context_length'], model: 'vendor/large-1' },
      { on: [], model: 'hearth/smoke' },
    ],
  },
  {
    name: 'hearth/smoke',
    aliases: [],
    policy: 'priority',
    isConfigured: false,
    targets: [
      {
        ...target,
        deployment: 'model:hearth/smoke',
        upstream: 'local',
        model: 'hearth/smoke',
        locality: 'host',
        breaker: 'closed',
        retryInMs: null,
        failures: 0,
        lastFailure: null,
      },
    ],
    fallbacks: [],
  },
]

export const fakePools: readonly PoolView[] = [
  {
    name: 'gpu-0',
    kind: 'shared',
    limit: 3,
    perKey: 2,
    inFlight: 3,
    waiting: { interactive: 2, batch: 5 },
    oldestWaitMs: 1200,
    serviceMs: 800,
    members: ['upstream:whisper', 'upstream:kokoro'],
  },
  {
    name: 'upstream:spark-2',
    kind: 'deployment',
    limit: null,
    perKey: null,
    inFlight: 2,
    waiting: { interactive: 0, batch: 0 },
    oldestWaitMs: null,
    serviceMs: null,
    members: ['upstream:spark-2'],
  },
]
