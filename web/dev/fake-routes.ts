import type { ModelView, PoolView, RouteView, TargetView } from '../src/api/types.ts'

const target: TargetView = {
  deployment: 'upstream:office-vllm',
  upstream: 'office-vllm',
  model: 'qwen3-30b-a3b',
  locality: 'lan',
  weight: 1,
  priority: 0,
  breaker: 'closed',
  retryInMs: null,
  inFlight: 3,
  queued: 0,
  firstByteMs: 182,
  engine: { running: 3, waiting: 0, cacheUsage: 0.41 },
  failures: 0,
  lastFailure: null,
}

/** Two routes somebody wrote, and every model under its own name. */
export function fakeRoutes(models: readonly ModelView[]): readonly RouteView[] {
  const coder: RouteView = {
    name: 'coder',
    aliases: ['gpt-4o', 'claude-sonnet'],
    policy: 'least-in-flight',
    isConfigured: true,
    targets: [
      { ...target, weight: 2 },
      {
        ...target,
        deployment: 'upstream:attic',
        upstream: 'attic',
        breaker: 'open',
        retryInMs: 21_000,
        inFlight: 0,
        firstByteMs: null,
        engine: null,
        failures: 5,
        lastFailure: 'refused',
      },
      {
        ...target,
        deployment: 'upstream:basement',
        upstream: 'basement',
        model: 'qwen3-coder-480b-a35b-instruct-with-a-long-name',
        breaker: 'half_open',
        inFlight: 1,
        queued: 4,
        firstByteMs: 1_240,
        engine: { running: 8, waiting: null, cacheUsage: null },
        failures: 2,
        lastFailure: 'timeout',
      },
    ],
    fallbacks: [
      { on: ['context_length'], model: 'long-reader' },
      { on: [], model: 'qwen3-8b-instruct' },
    ],
  }
  const waiting: RouteView = { ...coder, name: 'long-reader', aliases: [], targets: [], fallbacks: [] }
  return [coder, waiting, ...models.map(ownRoute)]
}

function ownRoute(model: ModelView): RouteView {
  return {
    name: model.id,
    aliases: [],
    policy: 'priority',
    isConfigured: false,
    targets: [
      {
        ...target,
        deployment: `model:${model.id}`,
        upstream: 'local',
        model: model.id,
        locality: 'host',
        inFlight: model.inFlight,
        queued: model.queued,
        firstByteMs: model.state === 'ready' ? 64 : null,
        engine: null,
      },
    ],
    fallbacks: [],
  }
}

/** A GPU that two share, sound of an upstream, and the own places of everybody. */
export function fakePools(models: readonly ModelView[]): readonly PoolView[] {
  const pool: PoolView = {
    name: 'gpu-0',
    kind: 'shared',
    limit: 3,
    perKey: 2,
    inFlight: 3,
    waiting: { interactive: 4, batch: 12 },
    oldestWaitMs: 42_300,
    serviceMs: 3_240,
    members: ['upstream:office-vllm', 'model:qwen3-8b-instruct'],
  }
  const free = { waiting: { interactive: 0, batch: 0 }, oldestWaitMs: null, serviceMs: null, perKey: null, inFlight: 0 }
  const own = (name: string): PoolView => ({ ...pool, ...free, kind: 'deployment', name, limit: 4, members: [name] })
  return [
    pool,
    { ...pool, ...free, name: 'upstream:attic/audio', kind: 'audio', perKey: 2, members: ['upstream:attic'] },
    { ...own('upstream:office-vllm'), limit: null, inFlight: 3, serviceMs: 5_100 },
    own('upstream:attic'),
    ...models.map((model) => ({ ...own(`model:${model.id}`), inFlight: model.inFlight })),
  ]
}
