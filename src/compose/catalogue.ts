import { catalogueRoutes, Shelf, Updates, type Connection, type Household } from '#catalogue/index.ts'
import type { Config, Secrets } from '#config/contract.ts'
import type { Gateway } from '#gateway/index.ts'
import type { Cell } from '#kernel/words.ts'
import { systemClock } from '#platform/clock.ts'
import type { DownloadExit } from '#platform/egress/contract.ts'
import type { AnyRoute } from '#platform/http/route.ts'
import type { Logger } from '#platform/log/logger.ts'

/** The catalogue must be there before the config, which fills its upstreams from it. */
export const openShelf = (home: string, log: Logger): Promise<Shelf> =>
  Shelf.open({ home, onWarning: (warning) => log.warn(warning) })

export interface CatalogueParts {
  readonly shelf: Shelf
  readonly config: Cell<Config>
  readonly secrets: Cell<Secrets>
  readonly gateway: Pick<Gateway, 'upstreams'>
  readonly download: DownloadExit
  readonly record: Parameters<typeof catalogueRoutes>[0]['record']
}

/** The routes of the catalogue, with what the house has to say to it. */
export function composeCatalogue({ shelf, config, record, ...parts }: CatalogueParts): readonly AnyRoute[] {
  const inUse = (): readonly string[] => [
    ...new Set(config.value.upstreams.flatMap(({ provider }) => (provider === null ? [] : [provider]))),
  ]
  const updates = new Updates({ shelf, download: parts.download, clock: systemClock, inUse })
  return catalogueRoutes({ shelf, updates, household: householdOf({ config, ...parts }), record })
}

type HouseParts = Pick<CatalogueParts, 'config' | 'secrets' | 'gateway'>

function householdOf({ config, secrets, gateway }: HouseParts): Household {
  return {
    connections() {
      const states = new Map(gateway.upstreams().map((state) => [state.name, state]))
      const byProvider = new Map<string, Connection[]>()
      for (const { name, provider, models } of config.value.upstreams) {
        if (provider === null) continue
        const state = states.get(name)
        const connection = {
          upstream: name,
          hasKey: secrets.value.upstreamKeys.has(name),
          isOpen: models.includes('*'),
          named: new Set(models),
          listed: state?.listed ? new Set(state.listed) : null,
          isReachable: state?.isReachable ?? null,
        }
        byProvider.set(provider, [...(byProvider.get(provider) ?? []), connection])
      }
      return byProvider
    },
    locals: () =>
      config.value.models
        .filter(({ from }) => from !== 'builtin')
        .map(({ id, source }) => ({ id, names: [id, ...weightsOf(source)] })),
    isCloudRefused: () => config.value.egress.cloudText === 'deny',
  }
}

/** Under which further names its weights go. */
function weightsOf(source: Config['models'][number]['source']): readonly string[] {
  if (source.kind === 'hf') return [source.repo, source.file]
  if (source.kind === 'file') return [source.path]
  return source.kind === 'command' && source.modelName !== null ? [source.modelName] : []
}
