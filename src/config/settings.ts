import { isAbsolute, join, resolve } from 'node:path'
import { builtinModels } from './builtin.ts'
import type { Config, ModelConfig, RouteConfig, Secrets, UpstreamConfig } from './contract.ts'
import type { Environment } from './env.ts'
import type { ModelSettings, Settings, UpstreamSettings } from './schema.ts'

/** What the file's words mean: units and defaults are resolved already, names are those of the contract. */
export function configOf(options: {
  readonly settings: Settings
  readonly environment: Environment
  /** Paths in the file are relative to it. */
  readonly folder: string
  readonly isFromOverlay: (list: string, index: number) => boolean
}): Config {
  const { settings, environment, folder } = options
  const { server, fleet, egress, hub, limits, log, cache, telemetry } = settings
  const models = settings.models.map((model, index) =>
    modelOf(model, { folder, isOverlay: options.isFromOverlay('models', index), environment }),
  )
  return {
    server: {
      host: server.host,
      port: server.port,
      loadWaitMs: server.loadWait,
      drainMs: server.drain,
      corsOrigins: server.corsOrigins,
      publicUrl: server.publicUrl ?? null,
    },
    home: environment.home,
    enginesDir: environment.enginesDir,
    upstreams: settings.upstreams.map(upstreamOf),
    models: [...models, ...builtinModels],
    fleet: {
      memoryBytes: fleet.memory ?? null,
      swap: fleet.swap,
      maxQueuePerModel: fleet.maxQueuePerModel,
      drainMs: fleet.drain,
      logBytes: fleet.log,
    },
    routes: settings.routes.map(routeOf),
    egress: { cloudText: egress.cloudText, proxy: egress.proxy ?? null },
    hub: { huggingface: hub.huggingface },
    limits: {
      requestBodyBytes: limits.requestBody,
      controlBodyBytes: limits.controlBody,
      responseBodyBytes: limits.responseBody,
      bodyReadMs: limits.bodyRead,
      stalledReaderMs: limits.stalledReader,
      firstByteMs: limits.firstByte,
      idleMs: limits.idle,
      totalMs: limits.total,
      eventBuffer: limits.eventBuffer,
      journalBytes: limits.journal,
      requestRetentionDays: limits.requestRetention,
    },
    log: {
      bodies: log.bodies,
      bodyBytes: log.bodySize,
      maxBytes: log.size,
      retentionDays: log.retention,
      mayOptIn: log.optIn,
      exceptKeys: log.exceptKeys,
    },
    cache: { maxBytes: cache.size, maxEntryBytes: cache.entrySize },
    telemetry: {
      tracesUrl: telemetry.otlp === undefined ? null : tracesUrl(telemetry.otlp),
      sample: telemetry.sample,
      queue: telemetry.queue,
    },
  }
}

export function secretsOf(settings: Settings, environment: Environment): Secrets {
  const keys = settings.upstreams.flatMap(({ name, apiKey }) => (apiKey === undefined ? [] : [[name, apiKey] as const]))
  return {
    adminKey: environment.adminKey,
    databaseUrl: environment.databaseUrl,
    upstreamKeys: new Map(keys),
    telemetryHeaders: settings.telemetry.headers,
    huggingfaceToken: environment.huggingfaceToken,
  }
}

/**
 * `http://host:8888` and `http://host:8888/v1` are the same upstream. A vendor whose path holds a version elsewhere
 * (`/v1beta/openai`) is taken at its word.
 */
export function withVersion(baseUrl: string): string {
  const { pathname } = new URL(baseUrl)
  return pathname.split('/').some((step) => /^v\d/.test(step)) ? baseUrl : `${baseUrl}/v1`
}

/** As the receivers' own documents have it: one address for all signals, or the one for traces. */
const tracesUrl = (otlp: string): string => (otlp.endsWith('/v1/traces') ? otlp : `${otlp}/v1/traces`)

/** `org/repo:file`, `org/repo@revision:file`; its form was checked by the schema. */
export function hubReference(text: string): {
  readonly repo: string
  readonly file: string
  readonly revision: string
} {
  const [place = '', file = ''] = splitOnce(text, ':')
  const [repo = '', revision = 'main'] = splitOnce(place, '@')
  return { repo, file, revision }
}

function upstreamOf(settings: UpstreamSettings): UpstreamConfig {
  const prices = Object.entries(settings.prices).map(
    ([model, price]) => [model, { ...price, cached: price.cached ?? null }] as const,
  )
  return {
    name: settings.name,
    kind: settings.kind,
    baseUrl: withVersion(settings.baseUrl),
    locality: settings.locality ?? null,
    models: settings.models,
    concurrency: settings.concurrency ?? null,
    splitThink: settings.splitThink,
    prices: Object.fromEntries(prices),
  }
}

interface ModelPlace {
  readonly folder: string
  readonly isOverlay: boolean
  readonly environment: Environment
}

function modelOf(settings: ModelSettings, place: ModelPlace): ModelConfig {
  const pathOf = (path: string) => absolute(path, place)
  return {
    id: settings.id,
    from: place.isOverlay ? 'overlay' : 'config',
    label: settings.label ?? null,
    engine: settings.cmd === undefined ? 'llama' : 'command',
    source: sourceOf(settings, pathOf),
    mmproj: settings.mmproj === undefined ? null : pathOf(settings.mmproj),
    lora: settings.lora.map(({ path, scale }) => ({ path: pathOf(path), scale })),
    context: settings.context ?? null,
    parallel: settings.parallel,
    gpuLayers: settings.gpuLayers,
    memoryBytes: settings.memory ?? null,
    ttlMs: settings.ttl.ms,
    preload: settings.preload,
    pin: settings.pin,
    loadDeadlineMs: settings.loadDeadline ?? null,
    readyPath: settings.readyPath,
    embeddings: settings.embeddings,
    rerank: settings.rerank || settings.file === 'smoke-rank',
  }
}

function sourceOf(settings: ModelSettings, pathOf: (path: string) => string): ModelConfig['source'] {
  const { file, hf, cmd } = settings
  if (cmd !== undefined) return { kind: 'command', argv: cmd, env: settings.env, modelName: settings.modelName ?? null }
  if (hf !== undefined) return { kind: 'hf', ...hubReference(hf) }
  if (file === 'smoke') return { kind: 'smoke', which: 'chat' }
  if (file === 'smoke-rank') return { kind: 'smoke', which: 'rank' }
  return { kind: 'file', path: pathOf(file ?? '') }
}

function routeOf(settings: Settings['routes'][number]): RouteConfig {
  const targets = settings.targets.map(({ upstream, model }) =>
    upstream === undefined ? { model } : { upstream, model },
  )
  return { model: settings.model, targets }
}

function absolute(path: string, place: ModelPlace): string {
  if (path === '~' || path.startsWith('~/')) return join(place.environment.userHome, path.slice(1))
  return isAbsolute(path) ? path : resolve(place.folder, path)
}

function splitOnce(text: string, separator: string): readonly string[] {
  const at = text.indexOf(separator)
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)]
}
