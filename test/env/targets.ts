import type { Route, Target } from '#gateway/core/choose.ts'
import type { Health, VitalSigns } from '#gateway/core/health.ts'
import type { Question } from '#gateway/core/itinerary.ts'
import { keyId, modelName, upstreamDeployment, upstreamName } from '#kernel/ids.ts'

/** Routes, targets and health as plain values, for tests of deciding. */
export function targetNamed(name: string, more: Partial<Target> = {}): Target {
  const upstream = upstreamName(name)
  return {
    key: `${name}/m`,
    deployment: upstreamDeployment(upstream),
    upstream,
    model: 'm',
    locality: 'lan',
    baseUrl: `http://${name}/v1`,
    query: '',
    headers: {},
    splitThink: false,
    apis: ['chat'],
    weight: 1,
    priority: 0,
    contextTokens: null,
    costPerMillion: null,
    ...more,
  }
}

export function routeOf(targets: readonly Target[], more: Partial<Route> = {}): Route {
  return {
    name: modelName('any'),
    policy: 'priority',
    targets,
    fallbacks: [],
    retries: {
      attempts: 2,
      maxAttempts: 6,
      backoffMs: 100,
      maxBackoffMs: 1000,
      maxRetryAfterMs: 5000,
      whenAllOpen: 'ask',
    },
    deadlines: null,
    cacheTtlMs: null,
    isConfigured: true,
    ...more,
  }
}

export function questionOf(more: Partial<Question> = {}): Question {
  return { key: keyId('k'), session: null, promptTokens: 100, maxTokens: null, prefix: () => '', ...more }
}

export const wellHealth: Health = {
  condition: 'good',
  retryInMs: 0,
  inFlight: 0,
  firstByteMs: null,
  engine: null,
  lastFailure: null,
}

/** Health by the first part of a target's key. */
export function signsOf(health: Readonly<Record<string, Partial<Health>>> = {}): VitalSigns {
  return {
    of: ({ upstream }) => ({ ...wellHealth, ...health[upstream] }),
    prefixes: { find: () => null, learn: () => {}, guard: { match: 0.5, maxAhead: 32, maxRatio: 1.1 } },
  }
}

/** Mulberry32: small, seeded, good enough to spread. */
export function seededChance(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
