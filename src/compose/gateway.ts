import { join } from 'node:path'
import type { LiveConfig } from '#config/index.ts'
import { engineModelName, type Fleet } from '#fleet/index.ts'
import { createKyselyResponseStore } from '#gateway/adapters/kysely-response-store.ts'
import { KeptResponses, migrations, openGateway, type Gateway } from '#gateway/index.ts'
import type { DomainEvent } from '#kernel/words.ts'
import type { Metering } from '#metering/index.ts'
import type { Privacy } from '#privacy/index.ts'
import type { Passage } from '#passage/passage.ts'
import { systemClock } from '#platform/clock.ts'
import type { Database } from '#platform/db/database.ts'
import { SpoolRoom } from '#platform/files/spool.ts'
import type { Logger } from '#platform/log/logger.ts'
import { derive, gatewaySettings, spoolLimits } from './settings.ts'

export interface GatewayParts {
  readonly home: string
  readonly database: Database
  readonly live: LiveConfig
  readonly privacy: Privacy
  readonly metering: Metering
  readonly fleet: Fleet
  readonly passage: Passage
  readonly log: Logger
  readonly announce: (event: DomainEvent) => void
}

/** The data plane with what it keeps. Closing it ends what runs in the background and writes what waits. */
export async function composeGateway(parts: GatewayParts, closers: AsyncDisposableStack): Promise<Gateway> {
  const { home, database, live, privacy, metering, fleet, passage, log, announce } = parts
  const { config, secrets } = live
  const clock = systemClock
  await database.migrate('gateway', migrations)
  const kept = closers.use(
    new KeptResponses({
      store: createKyselyResponseStore(database),
      clock,
      log,
      settings: () => ({ ...config.value.responses, conversationBytes: config.value.limits.requestBodyBytes }),
      isAlone: database.dialect === 'sqlite',
    }),
  )
  const spool = new SpoolRoom({ folder: join(home, 'tmp'), limits: () => spoolLimits(config.value) })
  return closers.use(
    openGateway({
      settings: derive(config, (value) => gatewaySettings(value, secrets.value)),
      localNames: derive(config, ({ models }) =>
        models.map((model) => ({ id: model.id, model: engineModelName(model), contextTokens: model.context })),
      ),
      localModels: () => fleet.views(),
      queued: (deployment) => fleet.traffic(deployment)?.queued ?? 0,
      places: fleet.places,
      inference: privacy.inference,
      sockets: privacy.sockets,
      bodies: metering.bodies,
      kept,
      spool,
      passage,
      clock,
      log,
      announce,
    }),
  )
}
