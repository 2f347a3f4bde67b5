import { join } from 'node:path'
import { createCell } from '#kernel/cell.ts'
import type { DomainEvent } from '#kernel/words.ts'
import { openAuth, type Auth } from '#auth/index.ts'
import { configMigrations, databaseOverlayStore, openConfig, type Environment, type LiveConfig } from '#config/index.ts'
import { prepareHome } from '#config/home.ts'
import { configRoutes } from '#config/http.ts'
import type { Shelf } from '#catalogue/index.ts'
import type { Fleet } from '#fleet/index.ts'
import { openMetering } from '#metering/index.ts'
import { Monitor, monitorRoutes, monitorTasks } from '#monitor/index.ts'
import { createPassage } from '#passage/passage.ts'
import type { PassagePorts } from '#passage/ports.ts'
import { systemClock } from '#platform/clock.ts'
import { openDatabase, type Database } from '#platform/db/database.ts'
import { openEgress } from '#platform/egress/egress.ts'
import { createSeal } from '#platform/egress/seal.ts'
import { createEventBus } from '#platform/events/bus.ts'
import type { EventBus } from '#platform/events/contract.ts'
import type { Logger } from '#platform/log/logger.ts'
import type { TlsSummary } from '#protocol/admin/tls.ts'
import { startTask } from '#platform/tasks/task.ts'
import { composeCatalogue, openShelf } from './compose/catalogue.ts'
import { composeFleet } from './compose/fleet.ts'
import { openFront } from './compose/front.ts'
import { composeGateway } from './compose/gateway.ts'
import { helixSurface } from './compose/helix.ts'
import { composePrivacy } from './compose/privacy.ts'
import { composePulls } from './compose/pulls.ts'
import { derive, egressPolicy, pricesOf } from './compose/settings.ts'
import { monitorSources } from './compose/sources.ts'
import { openTls } from './compose/tls.ts'
import { tlsRoutes, tlsSummary } from './compose/tls-routes.ts'
import { composeTracing } from './compose/tracing.ts'
import { version } from './compose/version.ts'

export interface HouseOptions {
  readonly environment: Environment
  /** From `--config`; null = `hearth.yaml` in the home, which may be missing. */
  readonly configFile: string | null
  readonly log: Logger
  /** Names to addresses; the machine's resolver unless a test says otherwise. */
  readonly resolve?: (host: string) => Promise<readonly string[]>
}

export interface House extends AsyncDisposable {
  /** `http://127.0.0.1:9999` */
  readonly address: string
  readonly tls: TlsSummary | null
  readonly home: string
  /** Made at this start because there was none; it is nowhere else in clear. */
  readonly firstAdminKey: string | null
  readonly openApi: unknown
  /** A link that signs the page in, once. */
  readonly signInLink: () => Promise<string>
}

/**
 * Opens a whole Hearth in this process: what it stands on first, then the domains in the order of who is introduced to
 * whom, then the listeners. Disposing closes them in reverse, after running answers had their time. Several houses can
 * stand in one process.
 */
export async function openHouse(options: HouseOptions): Promise<House> {
  const closers = new AsyncDisposableStack()
  try {
    const ground = await layGround(options, closers)
    return await furnish(ground, closers)
  } catch (error) {
    await closers.disposeAsync()
    throw error
  }
}

interface Ground extends HouseOptions {
  readonly database: Database
  readonly shelf: Shelf
  readonly live: LiveConfig
  readonly bus: EventBus
  readonly announce: (event: DomainEvent) => void
}

/** Database, config and event bus: what every domain stands on. */
async function layGround(options: HouseOptions, closers: AsyncDisposableStack): Promise<Ground> {
  const { environment, configFile, log } = options
  const { home } = environment
  await prepareHome(home)
  const database = await openDatabase({ url: environment.databaseUrl, file: join(home, 'hearth.db'), log })
  closers.defer(() => database.close())
  await database.migrate('config', configMigrations)
  const shelf = await openShelf(home, log)
  // The bus takes its size from the config, and the config tells its reloads on the bus.
  const bus = createCell<EventBus | null>(null)
  const announce = (event: DomainEvent): void => bus.value?.publish(event)
  const live = closers.use(
    await openConfig({
      environment,
      configFile,
      store: databaseOverlayStore(database, systemClock),
      announce,
      onWarning: (warning) => log.warn(warning),
      onRefused: (problems) => {
        log.error('the changed configuration is refused; what ran before runs on', { problems: problems.length })
        for (const { line, message, fix } of problems)
          log.error('a setting is refused', { line, problem: message, fix })
      },
      onReloaded: () => log.info('the changed configuration is in effect'),
      isWatching: true,
      catalogue: shelf.catalogue,
    }),
  )
  const made = createEventBus({ clock: systemClock, capacity: live.config.value.limits.eventBuffer })
  bus.replace(made)
  return { ...options, database, shelf, live, bus: made, announce }
}

async function furnish(ground: Ground, closers: AsyncDisposableStack): Promise<House> {
  const { environment, log, live, bus, database } = ground
  const domains = await introduce(ground, closers, () => publicUrl())
  const { auth, metering, privacy, fleet, gateway, sources, monitor, pullRoutes } = domains
  const tasks = [auth, metering, privacy, gateway].flatMap((domain) => domain.tasks)
  for (const task of [...tasks, ...monitorTasks(domains.tracer)]) {
    closers.use(startTask(task, { clock: systemClock, log }))
  }

  const tls = await openTls({ config: live.config, clock: systemClock, log })
  if (tls !== null) closers.use(startTask(tls.keeper.task, { clock: systemClock, log }))
  const encryption = { summary: () => tlsSummary(tls, front.listeners), problems: () => tls?.problems() ?? [] }

  const closing = new AbortController()
  const { home } = environment
  const about = { version, home, database: database.dialect, address: () => front.address, encryption }
  const front = openFront({
    routes: [
      ...gateway.routes,
      ...domains.catalogueRoutes,
      ...monitorRoutes({ monitor, sources, bus, closing: closing.signal, about }),
      ...fleet.routes,
      ...pullRoutes,
      ...auth.routes,
      ...metering.routes,
      ...privacy.routes,
      ...tlsRoutes({ desk: tls, listeners: () => front.listeners, audit: auth.audit, clock: systemClock }),
      ...configRoutes(live, (entry) => auth.audit.record({ at: systemClock.now(), ...entry })),
    ],
    ollama: gateway.ollama,
    presidio: privacy.presidio,
    helix: helixSurface(auth, gateway.routes),
    gate: auth.gate,
    config: live.config,
    home: environment.home,
    log,
    tls,
    interrupt: () => gateway.interrupt(),
  })
  const publicUrl = (): string => (live.config.value.server.publicUrl ?? front.address).replace(/\/+$/, '')
  closers.defer(() => front.close())
  closers.defer(() => {
    monitor.phase = 'draining'
    closing.abort()
  })
  await domains.pulls.resume()
  monitor.phase = 'ready'
  domains.unseenKey.isOver = true
  return {
    address: front.address,
    tls: encryption.summary(),
    home: environment.home,
    firstAdminKey: auth.firstAdminKey,
    openApi: front.openApi,
    signInLink: async () => `${publicUrl()}/#ticket=${(await auth.sessions.createTicket(auth.door.localAdmin)).ticket}`,
    [Symbol.asyncDispose]: () => closers.disposeAsync(),
  }
}

/** The domains, each opened with those it uses: auth → metering → privacy → passage → fleet → gateway → monitor. */
async function introduce(ground: Ground, closers: AsyncDisposableStack, publicUrl: () => string) {
  const { environment, log, database, live, announce } = ground
  const { config, secrets, facts } = live
  const clock = systemClock
  const seal = createSeal()
  const egress = closers.use(
    openEgress({ policy: derive(config, egressPolicy), seal, log, clock, version, ...resolving(ground) }),
  )
  const tracer = closers.use(composeTracing({ config, secrets, exit: egress.telemetry }))
  const { adminKey, home } = environment
  const people = { settings: () => config.value.auth, home }
  const auth = closers.use(await openAuth({ database, clock, log, announce, adminKey, publicUrl, ...people }))
  const unseenKey = withdrawUnseenKey(auth, closers)
  const metering = closers.use(
    await openMetering({
      database,
      folder: join(environment.home, 'journal'),
      maxJournalBytes: config.value.limits.journalBytes,
      retentionDays: () => config.value.limits.requestRetentionDays,
      prices: derive(config, pricesOf),
      bodies: derive(config, ({ log: settings }) => settings),
      keyName: (id) => auth.nameOf(id),
      limitedKeys: () => auth.keys.list().filter(({ budget, revokedAt }) => budget !== null && revokedAt === null),
      audit: (entry) => auth.audit.record({ at: clock.now(), ...entry }),
      clock,
      log,
      announce,
    }),
  )
  const privacy = closers.use(await composePrivacy({ ...ground, egress, seal, auth }))
  const { purse, ledger, prices } = metering
  const onEnd: PassagePorts['onEnd'] = (record, context) => {
    monitor.observe(record)
    if (context !== null) tracer.end(record, context)
  }
  const passage = createPassage({ gate: auth.gate, purse, ledger, prices, onEnd, tracing: tracer }, clock, log)
  const { pulls, routes: pullRoutes } = composePulls({
    ...ground,
    egress,
    budgetBytes: () => fleet.memory().budgetBytes,
  })
  closers.use(pulls)
  const fleet: Fleet = closers.use(await composeFleet({ ...ground, egress, pulls, audit: auth.audit }))
  const gateway = await composeGateway({ ...ground, home, privacy, metering, fleet, passage }, closers)
  const { auditWarning } = auth
  const sources = monitorSources({ config, facts, metering, passage, fleet, gateway, tracer, privacy, auditWarning })
  const monitor = new Monitor(clock, sources)
  const record = (entry: CatalogueEntry): void => auth.audit.record({ at: clock.now(), ...entry })
  const { shelf } = ground
  const catalogueRoutes = composeCatalogue({ shelf, config, secrets, gateway, download: egress.download, record })
  return {
    catalogueRoutes,
    auth,
    unseenKey,
    metering,
    privacy,
    fleet,
    pulls,
    pullRoutes,
    gateway,
    sources,
    monitor,
    tracer,
  }
}

const resolving = ({ resolve }: HouseOptions) => (resolve === undefined ? {} : { resolve })

type CatalogueEntry = Parameters<Parameters<typeof composeCatalogue>[0]['record']>[0]

/**
 * A first admin key that nobody saw because the start failed is taken back: the next start makes another and shows it.
 */
function withdrawUnseenKey(auth: Auth, closers: AsyncDisposableStack): { isOver: boolean } {
  const state = { isOver: false }
  closers.defer(async () => {
    const id = auth.firstAdminKey?.split('-')[1]
    if (!state.isOver && id !== undefined) await auth.keys.revoke(id, { caller: auth.door.localAdmin, from: 'local' })
  })
  return state
}
