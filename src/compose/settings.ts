import { createCell, type OwnedCell } from '#kernel/cell.ts'
import type { Cell } from '#kernel/words.ts'
import type { Config, Secrets, UpstreamConfig } from '#config/contract.ts'
import type { EgressPolicy } from '#platform/egress/contract.ts'
import type { GatewaySettings } from '#gateway/index.ts'
import type { UpstreamPrices } from '#metering/index.ts'
import type { SpoolLimits } from '#platform/files/spool.ts'

/** A cell that follows others: computed anew whenever the one it is derived from changes. */
export function derive<From, To>(from: Cell<From>, compute: (value: From) => To): Cell<To> {
  const cell: OwnedCell<To> = createCell(compute(from.value))
  from.onChange((value) => cell.replace(compute(value)))
  return cell
}

/** Connections that are idle, half-sent heads and bodies that drip are cut after this long. */
export const idleConnectionSeconds = 30

/** The listener counts in a byte. */
const longestTimeoutSeconds = 255

/** How clouds are reached, and where telemetry goes. */
export const egressPolicy = ({ egress, telemetry }: Config): EgressPolicy => ({
  proxy: egress.proxy,
  telemetry: telemetry.tracesUrl,
})

/** The config as the data plane wants it. Keys of upstreams become headers here and are nowhere else. */
export function gatewaySettings(config: Config, secrets: Secrets): GatewaySettings {
  const { limits } = config
  return {
    upstreams: config.upstreams.map((upstream) => ({
      name: upstream.name,
      baseUrl: upstream.baseUrl,
      locality: upstream.locality,
      models: upstream.models,
      headers: authHeaders(upstream, secrets),
      splitThink: upstream.splitThink,
      modelUrl: upstream.modelUrl,
      query: upstream.query,
      apis: upstream.apis,
      context: upstream.context,
      prices: upstream.prices,
      engine: upstream.engine,
      metricsUrl: upstream.metricsUrl,
      known: upstream.known,
      refusesStreamOptions: upstream.refusesStreamOptions,
      // Anthropic tells 20 of its models at a time unless it is asked for more.
      ...(upstream.kind === 'anthropic' ? { listQuery: '?limit=1000' } : {}),
      // Gemini's list has its names with a prefix that its other paths do without.
      ...(upstream.kind === 'gemini' ? { idPrefix: 'models/' } : {}),
    })),
    routes: config.routes,
    routing: config.routing,
    passLimits: {
      uploadBodyBytes: limits.uploadBodyBytes,
      socketMessageBytes: limits.socketMessageBytes,
      socketIdleMs: limits.socketIdleMs,
    },
    cache: config.cache,
    limits: {
      requestBodyBytes: limits.requestBodyBytes,
      responseBodyBytes: limits.responseBodyBytes,
      loadWaitMs: config.server.loadWaitMs,
      stalledReaderMs: limits.stalledReaderMs,
      bodyReadSeconds: Math.min(longestTimeoutSeconds, Math.ceil(limits.bodyReadMs / 1000)),
      idleConnectionSeconds,
      deadlines: {
        connectMs: limits.connectMs,
        firstByteMs: limits.firstByteMs,
        idleMs: limits.idleMs,
        totalMs: limits.totalMs,
      },
    },
  }
}

/** What answers cost: those of upstreams, and of local models where people say what these cost them. */
export function pricesOf({ upstreams, localPrices }: Config): readonly UpstreamPrices[] {
  return [...upstreams, { name: 'local', prices: localPrices }]
}

/** The version of Anthropic's API that is spoken where the caller names none. */
const anthropicVersion = { 'anthropic-version': '2023-06-01' } as const

function authHeaders(upstream: UpstreamConfig, secrets: Secrets): Readonly<Record<string, string>> {
  const key = secrets.upstreamKeys.get(upstream.name)
  if (upstream.kind === 'anthropic')
    return key === undefined ? anthropicVersion : { ...anthropicVersion, 'x-api-key': key }
  if (key === undefined) return {}
  return upstream.kind === 'azure' ? { 'api-key': key } : { authorization: `Bearer ${key}` }
}

/** How much of uploads is held in memory and on the disk while they come in. */
export function spoolLimits({ limits }: Config): SpoolLimits {
  return { memoryBytes: limits.uploadMemoryBytes, diskBytes: limits.uploadDiskBytes }
}
