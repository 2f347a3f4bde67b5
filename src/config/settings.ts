import { isAbsolute, join, resolve } from 'node:path'
import type { Catalogue } from '#catalogue/core/catalogue.ts'
import { builtinModels } from './builtin.ts'
import type { Config, ModelConfig, Secrets } from './contract.ts'
import type { Environment } from './env.ts'
import { pricedOf } from './settings-prices.ts'
import { privacyOf } from './settings-privacy.ts'
import { routeOf, routingOf, upstreamOf } from './settings-routing.ts'
import { encryptionOf } from './settings-tls.ts'
import type { ModelSettings, Settings } from './schema.ts'

interface MeaningOptions {
  readonly settings: Settings
  readonly environment: Environment
  /** Paths in the file are relative to it. */
  readonly folder: string
  readonly isFromOverlay: (list: string, index: number) => boolean
  readonly catalogue: Catalogue
}

/** What the file's words mean: units and defaults are resolved already, names are those of the contract. */
export function configOf(options: MeaningOptions): Config {
  const { settings, environment, folder } = options
  const { server, fleet, egress, hub, limits } = settings
  const models = settings.models.map((model, index) =>
    modelOf(model, { folder, isOverlay: options.isFromOverlay('models', index), environment }),
  )
  return {
    server: {
      hosts: server.host,
      port: server.port,
      http: server.http,
      ...encryptionOf(settings, (path) => absolute(path, { folder, environment })),
      names: server.names,
      trustedProxies: server.trustedProxies,
      loadWaitMs: server.loadWait,
      drainMs: server.drain,
      corsOrigins: server.corsOrigins,
      publicUrl: server.publicUrl ?? null,
    },
    home: environment.home,
    enginesDir: environment.enginesDir,
    ...pricedOf(
      settings.upstreams.map((upstream) => upstreamOf(upstream, options.catalogue)),
      settings,
    ),
    models: [...models, ...builtinModels],
    pools: settings.pools.map(({ name, concurrency, perKey }) => ({ name, concurrency, perKey: perKey ?? null })),
    fleet: {
      memoryBytes: fleet.memory ?? null,
      swap: fleet.swap,
      maxQueuePerModel: fleet.maxQueuePerModel,
      maxQueuePerKey: fleet.maxQueuePerKey ?? null,
      batchAgeMs: fleet.batchAge,
      engineSilenceMs: fleet.engineSilence,
      drainMs: fleet.drain,
      logBytes: fleet.log,
    },
    routes: settings.routes.map(routeOf),
    routing: routingOf(settings.routing),
    egress: { cloudText: egress.cloudText, proxy: egress.proxy ?? null },
    privacy: privacyOf(settings),
    hub: { huggingface: hub.huggingface },
    auth: authOf(settings),
    compat: compatOf(settings),
    responses: keptOf(settings),
    limits: {
      requestBodyBytes: limits.requestBody,
      controlBodyBytes: limits.controlBody,
      responseBodyBytes: limits.responseBody,
      bodyReadMs: limits.bodyRead,
      stalledReaderMs: limits.stalledReader,
      connectMs: limits.connect,
      firstByteMs: limits.firstByte,
      idleMs: limits.idle,
      totalMs: limits.total,
      eventBuffer: limits.eventBuffer,
      uploadBodyBytes: limits.uploadBody,
      uploadMemoryBytes: limits.uploadMemory,
      uploadDiskBytes: limits.uploadDisk,
      socketMessageBytes: limits.socketMessage,
      socketIdleMs: limits.socketIdle,
      journalBytes: limits.journal,
      requestRetentionDays: limits.requestRetention,
    },
    ...observabilityOf(settings),
  }
}

const authOf = ({ auth: { registration, accessToken, refreshToken } }: Settings): Config['auth'] => ({
  registration,
  accessTokenMs: accessToken,
  refreshTokenMs: refreshToken * 24 * 3_600_000,
})

const keptOf = ({ responses: { store, retention, body, background } }: Settings): Config['responses'] => ({
  isStoring: store === 'on',
  retentionDays: retention,
  bodyBytes: body,
  background,
})

const compatOf = ({ compat: { host, trust, ollama, presidio, helix } }: Settings): Config['compat'] => ({
  host,
  trust,
  ollama: ollama ?? null,
  presidio: presidio ?? null,
  helix: helix ?? null,
})

type Observability = Pick<Config, 'log' | 'cache' | 'telemetry'>

function observabilityOf({ log, cache, telemetry }: Settings): Observability {
  return {
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
    pool: settings.pool ?? null,
    audio: settings.audio,
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

function absolute(path: string, place: Pick<ModelPlace, 'folder' | 'environment'>): string {
  if (path === '~' || path.startsWith('~/')) return join(place.environment.userHome, path.slice(1))
  return isAbsolute(path) ? path : resolve(place.folder, path)
}

function splitOnce(text: string, separator: string): readonly string[] {
  const at = text.indexOf(separator)
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)]
}
