import type { Config } from '#config/contract.ts'
import type { ConfigFacts } from '#config/index.ts'
import type { Fleet } from '#fleet/index.ts'
import type { Gateway } from '#gateway/index.ts'
import type { Cell } from '#kernel/words.ts'
import type { Metering } from '#metering/index.ts'
import type { Sources, TargetStatus, Tracer } from '#monitor/index.ts'
import type { Passage } from '#passage/passage.ts'
import type { Privacy } from '#privacy/index.ts'

export interface SourceParts {
  readonly config: Cell<Config>
  readonly facts: Cell<ConfigFacts>
  readonly metering: Metering
  readonly passage: Passage
  readonly fleet: Fleet
  readonly gateway: Gateway
  readonly tracer: Tracer
  readonly privacy: Privacy
  /** What is wrong with the audit log; null = nothing that is known. */
  readonly auditWarning: () => string | null
}

/** What the monitor reads of the domains, at the moment of the question. */
export function monitorSources(parts: SourceParts): Sources {
  const { config, facts, metering, passage, fleet, gateway, tracer, privacy } = parts
  return {
    upstreams: () => {
      const states = new Map(gateway.upstreams().map((state) => [state.name, state]))
      return config.value.upstreams.map(({ name, kind, baseUrl, locality, models }) => {
        const state = states.get(name)
        const offered = models.includes('*') ? (state?.listed?.length ?? null) : models.length
        return {
          name,
          kind,
          baseUrl,
          locality,
          models: offered,
          isReachable: state?.isReachable ?? null,
          lastError: state?.lastError ?? null,
        }
      })
    },
    memory: () => fleet.memory(),
    warnings: () => [
      ...[parts.auditWarning()].filter((warning) => warning !== null),
      ...(privacy.lock === null ? [] : [lockedWords(privacy.lock)]),
      ...facts.value.warnings,
    ],
    privacy: () => ({ isLocked: privacy.lock !== null, ...privacy.counts() }),
    cloudText: () => config.value.egress.cloudText,
    openExchanges: () => passage.open,
    openStreams: () => gateway.openStreams(),
    journalBacklog: () => metering.ledger.backlog,
    cache: () => gateway.cache(),
    bodies: () => metering.bodies.counts,
    traces: () => tracer.counts,
    targets: () => targetsOf(gateway),
    pools: () => fleet.pools().map(({ name, limit, inFlight, waiting }) => ({ pool: name, limit, inFlight, waiting })),
    modelStates: () => countBy(fleet.views().map((view) => view.state)),
  }
}

const lockedWords = (why: string): string => `Nothing leaves for a cloud, because the vault of values is locked: ${why}`

/** Each target once, whatever routes lead to it. */
function targetsOf(gateway: Gateway): readonly TargetStatus[] {
  const found = new Map<string, TargetStatus>()
  for (const { targets } of gateway.routeViews()) {
    for (const { upstream, model, breaker, inFlight } of targets)
      found.set(`${upstream} ${model}`, { upstream, model, breaker, inFlight })
  }
  return [...found.values()]
}

function countBy(values: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
  return counts
}
