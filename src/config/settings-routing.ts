import type { Catalogue } from '#catalogue/core/catalogue.ts'
import type { RouteConfig, RoutingConfig, UpstreamConfig } from './contract.ts'
import { knownOf } from './providers.ts'
import type { Settings, UpstreamSettings } from './schema.ts'

/** What upstreams, routes and routing mean: a part of settings.ts. */

export function upstreamOf(settings: UpstreamSettings, catalogue: Catalogue): UpstreamConfig {
  const { baseUrl, ...known } = knownOf(settings, catalogue)
  const address = baseUrl === null ? addressOf(settings) : { modelUrl: null, query: '', baseUrl }
  return {
    name: settings.name,
    kind: settings.kind,
    ...address,
    apis: settings.apis !== undefined && settings.apis.length > 0 ? settings.apis : apisOf(settings),
    engine: settings.engine ?? null,
    metricsUrl: settings.metricsUrl ?? `${new URL(address.baseUrl).origin}/metrics`,
    context: settings.context,
    locality: settings.locality ?? null,
    ...known,
    concurrency: settings.concurrency ?? null,
    splitThink: settings.splitThink,
    pool: settings.pool ?? null,
    audio: settings.audio,
  }
}

const apisOf = ({ kind }: UpstreamSettings): UpstreamConfig['apis'] => (kind === 'anthropic' ? ['messages'] : ['chat'])

type Address = Pick<UpstreamConfig, 'baseUrl' | 'modelUrl' | 'query'>

function addressOf({ kind, baseUrl, apiVersion }: UpstreamSettings): Address {
  const plain = { modelUrl: null, query: '' }
  if (kind === 'gemini') return { ...plain, baseUrl: withGeminiPath(baseUrl) }
  if (kind !== 'azure') return { ...plain, baseUrl: withVersion(baseUrl) }
  // People copy the address of the resource as well as longer ones: what follows `/openai` is known.
  const resource = baseUrl.replace(/\/openai(\/.*)?$/, '')
  if (apiVersion === undefined) return { ...plain, baseUrl: `${resource}/openai/v1` }
  return {
    baseUrl: `${resource}/openai`,
    modelUrl: `${resource}/openai/deployments/{model}`,
    query: `?api-version=${apiVersion}`,
  }
}

/** Gemini's endpoint of the OpenAI dialect stands beside its own API. */
function withGeminiPath(baseUrl: string): string {
  if (baseUrl.endsWith('/openai')) return baseUrl
  const { pathname } = new URL(baseUrl)
  return pathname === '/' ? `${baseUrl}/v1beta/openai` : `${baseUrl}/openai`
}

/**
 * `http://host:8888` and `http://host:8888/v1` are the same upstream. A vendor whose path holds a version elsewhere
 * (`/v1beta/openai`) is taken at its word.
 */
function withVersion(baseUrl: string): string {
  const { pathname } = new URL(baseUrl)
  return pathname.split('/').some((step) => /^v\d/.test(step)) ? baseUrl : `${baseUrl}/v1`
}

export function routeOf(settings: Settings['routes'][number]): RouteConfig {
  const { retries, deadlines } = settings
  const limits = defined({
    connectMs: deadlines.connect,
    firstByteMs: deadlines.firstByte,
    idleMs: deadlines.idle,
    totalMs: deadlines.total,
  })
  return {
    model: settings.model,
    aliases: settings.aliases,
    policy: settings.policy,
    targets: settings.targets.map(({ upstream, model, weight, priority }) => ({
      model,
      weight,
      ...defined({ upstream, priority }),
    })),
    fallbacks: settings.fallbacks.map(({ on, model }) => ({ on: on ?? null, model })),
    retries: defined({
      attempts: retries.attempts,
      backoffMs: retries.backoff,
      maxBackoffMs: retries.maxBackoff,
    }),
    deadlines: Object.keys(limits).length > 0 ? limits : null,
    cacheTtlMs: settings.cache?.ttl ?? null,
  }
}

export function routingOf({ policy, retries, breaker, prefix }: Settings['routing']): RoutingConfig {
  return {
    policy,
    retries: {
      attempts: retries.attempts,
      maxAttempts: retries.maxAttempts,
      backoffMs: retries.backoff,
      maxBackoffMs: retries.maxBackoff,
      maxRetryAfterMs: retries.maxRetryAfter,
    },
    breaker: {
      failures: breaker.failures,
      openForMs: breaker.openFor,
      maxOpenForMs: breaker.maxOpenFor,
      whenAllOpen: breaker.whenAllOpen,
    },
    prefix,
  }
}

/** Only what was said. */
function defined<T extends Readonly<Record<string, unknown>>>(
  members: T,
): { readonly [Name in keyof T]?: Exclude<T[Name], undefined> } {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as never
}
