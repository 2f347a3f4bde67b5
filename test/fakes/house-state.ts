import type { KeyView } from '../../sdk/typescript/key-types.ts'
import type { RequestRecord } from '../../sdk/typescript/request-types.ts'
import type { AuditEntry } from '../../sdk/typescript/audit-types.ts'
import type { ModelView, PullView, Status } from '../../sdk/typescript/types.ts'

/** What the fake house knows at its start: one of each thing, so that every list has something to show. */
export const fakeStatus: Status = {
  version: '0.1.0',
  startedAt: '2026-01-02T03:04:05.000Z',
  uptimeSeconds: 3725,
  address: 'http://127.0.0.1:9999',
  tls: null,
  home: '/home/ada/.hearth',
  database: 'sqlite',
  warnings: ['Text goes to cloud upstreams as it is (egress.cloudText is raw).'],
  egress: { cloudText: 'raw' },
  memory: { budgetBytes: 24 * 2 ** 30, usedBytes: 2 ** 30, from: 'configured' },
  upstreams: [
    {
      name: 'office-vllm',
      kind: 'openai',
      baseUrl: 'http://10.0.0.5:8888/v1',
      locality: 'lan',
      models: 3,
      isReachable: true,
      lastError: null,
    },
    {
      name: 'attic',
      kind: 'openai',
      baseUrl: 'http://10.0.0.6:8000/v1',
      locality: 'lan',
      models: null,
      isReachable: false,
      lastError: 'The connection to 10.0.0.6:8000 was refused.',
    },
  ],
}

export function fakeModel(id: string, facts: Partial<ModelView> = {}): ModelView {
  return {
    id,
    engine: 'llama',
    state: 'stopped',
    from: 'config',
    label: null,
    capabilities: ['chat', 'completion'],
    context: 2048,
    memoryBytes: { value: 2 ** 30, from: 'estimated' },
    ttlMs: 600_000,
    isPinned: false,
    phase: null,
    etaSeconds: null,
    progress: null,
    inFlight: 0,
    queued: 0,
    readySince: null,
    lastUsedAt: null,
    failure: null,
    pid: null,
    ...facts,
  }
}

export const fakeModels: readonly ModelView[] = [
  fakeModel('hearth/smoke', {
    state: 'ready',
    from: 'builtin',
    label: 'random weights: proves the path, speaks nonsense',
    readySince: '2026-01-02T03:05:00.000Z',
    memoryBytes: { value: 24 * 2 ** 20, from: 'measured' },
    pid: 4242,
  }),
  fakeModel('tiny-a'),
  fakeModel('broken', { state: 'failed', failure: 'The file tiny.gguf ends before its tensors do.' }),
]

export const fakeKey: KeyView = {
  id: 'abcdef012345',
  name: 'laptop',
  scopes: ['inference'],
  models: null,
  limits: {
    requestsPerMinute: 60,
    requestsPerHour: null,
    requestsPerDay: null,
    requestsPerMonth: null,
    tokensPerMinute: null,
    tokensPerHour: null,
    tokensPerDay: null,
    tokensPerMonth: null,
    concurrency: 2,
    weight: null,
    priority: null,
  },
  budget: null,
  owner: null,
  createdAt: '2026-01-01T00:00:00.000Z',
  expiresAt: null,
  revokedAt: null,
  lastUsedAt: null,
  previousSecretUntil: null,
}

export const fakeRecord: RequestRecord = {
  id: 'req_000000000000000000000001',
  at: '2026-01-02T03:10:00.000Z',
  key: 'abcdef012345',
  user: null,
  team: null,
  tags: [],
  endpoint: 'chat/completions',
  model: 'hearth/smoke',
  upstream: 'local',
  upstreamModel: 'hearth/smoke',
  status: 200,
  outcome: 'complete',
  isStream: true,
  tokens: 46,
  usage: { promptTokens: 12, completionTokens: 34, cachedTokens: 0 },
  ttftMs: 21,
  durationMs: 412,
  costMicros: null,
  reason: null,
}

export function fakePull(ref: string, facts: Partial<PullView> = {}): PullView {
  return {
    id: 'pull_1',
    ref,
    modelId: 'tiny',
    state: 'queued',
    doneBytes: 0,
    totalBytes: 1000,
    bytesPerSecond: null,
    etaSeconds: null,
    failure: null,
    ...facts,
  }
}

/** The error envelope, as the house writes it. */
export function refuse(status: number, code: string, message: string): Response {
  const headers: Record<string, string> = status === 503 ? { 'retry-after': '2' } : {}
  return Response.json({ error: { message, type: 'error', code, param: null } }, { status, headers })
}

export const fakeAuditEntry: AuditEntry = {
  position: 8,
  at: '2026-01-02T03:11:00.000Z',
  who: 'local',
  action: 'key.create',
  target: 'abcdef012345',
  detail: 'laptop; scopes inference; models all',
  from: 'local',
  before: null,
  after: { name: 'laptop', scopes: ['inference'] },
  hash: 'ab'.repeat(32),
}
