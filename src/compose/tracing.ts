import type { Config, Secrets, UpstreamConfig } from '#config/contract.ts'
import type { Cell } from '#kernel/words.ts'
import { Tracer } from '#monitor/index.ts'
import { systemClock } from '#platform/clock.ts'
import type { TelemetryExit } from '#platform/egress/contract.ts'
import { derive } from './settings.ts'
import { version } from './version.ts'

export interface TracingParts {
  readonly config: Cell<Config>
  readonly secrets: Cell<Secrets>
  readonly exit: TelemetryExit
}

export function composeTracing({ config, secrets, exit }: TracingParts): Tracer {
  return new Tracer({
    settings: derive(config, ({ telemetry }) => telemetry),
    headers: () => secrets.value.telemetryHeaders,
    exit,
    addressOf: (name) => {
      if (name === 'local') return { provider: 'hearth', address: null, port: null }
      const upstream = config.value.upstreams.find((each) => each.name === name)
      return upstream === undefined ? null : whereOf(upstream)
    },
    version,
    clock: systemClock,
  })
}

/** As OpenTelemetry's conventions call them; what speaks a vendor's dialect counts as that vendor. */
const providers: Readonly<Record<string, string>> = { azure: 'azure.ai.openai', gemini: 'gcp.gemini' }

function whereOf({ kind, baseUrl }: UpstreamConfig) {
  const { hostname, port, protocol } = new URL(baseUrl)
  const usual = protocol === 'https:' ? 443 : 80
  return { provider: providers[kind] ?? kind, address: hostname, port: port === '' ? usual : Number(port) }
}
