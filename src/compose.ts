import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { createCell } from '#kernel/cell.ts'
import type { DomainEvent } from '#kernel/words.ts'
import { openAuth } from '#auth/index.ts'
import { configMigrations, databaseOverlayStore, openConfig, type Environment } from '#config/index.ts'
import { configRoutes } from '#config/http.ts'
import { engineModelName } from '#fleet/index.ts'
import { openGateway } from '#gateway/index.ts'
import { openMetering } from '#metering/index.ts'
import { Monitor, monitorRoutes, type Sources } from '#monitor/index.ts'
import { createPassage } from '#passage/passage.ts'
import { systemClock } from '#platform/clock.ts'
import { openDatabase } from '#platform/db/database.ts'
import { openEgress } from '#platform/egress/egress.ts'
import { createEventBus } from '#platform/events/bus.ts'
import { withCors } from '#platform/http/cors.ts'
import { listen, type Listener } from '#platform/http/listener.ts'
import { openApiDocument } from '#platform/http/openapi.ts'
import { route, type AnyRoute } from '#platform/http/route.ts'
import { createRouter, type Handler } from '#platform/http/router.ts'
import { createPage } from '#platform/http/static.ts'
import type { Logger } from '#platform/log/logger.ts'
import { startTask } from '#platform/tasks/task.ts'
import { composeFleet } from './compose/fleet.ts'
import { derive, gatewaySettings, idleConnectionSeconds } from './compose/settings.ts'
import { version } from './compose/version.ts'

export interface HouseOptions {
  readonly environment: Environment
  /** From `--config`; null = `hearth.yaml` in the home, which may be missing. */
  readonly configFile: string | null
  readonly log: Logger
}

export interface House extends AsyncDisposable {
  /** `http://127.0.0.1:9999` */
  readonly address: string
  readonly home: string
  readonly firstAdminKey: string | null
  readonly openApi: unknown
  readonly warnings: () => readonly string[]
  readonly signInLink: () => Promise<string>
}

const pageFolder = join(import.meta.dir, '..', 'web', 'dist')

/**
 * Opens a whole Hearth in this process: database and config first, then the domains in the order of who is introduced to whom,
 * then the listeners. Disposing closes them in reverse, after running answers had their time. Two houses in one process are possible.
 */
export async function openHouse({ environment, configFile, log }: HouseOptions): Promise<House> {
  const closers = new AsyncDisposableStack()
  try {
    return await furnish({ environment, configFile, log }, closers)
  } catch (error) {
    await closers.disposeAsync()
    throw error
  }
}

async function furnish({ environment, configFile, log }: HouseOptions, closers: AsyncDisposableStack): Promise<House> {
  const clock = systemClock
  const { home } = environment
  await mkdir(home, { recursive: true, mode: 0o700 })

  // Database and config.
  const database = await openDatabase({ url: environment.databaseUrl, file: join(home, 'hearth.db'), log })
  closers.defer(() => database.close())
  await database.migrate('config', configMigrations)
  const announcements = createCell<(event: DomainEvent) => void>(() => {})
  const announce = (event: DomainEvent): void => announcements.value(event)
  const live = closers.use(
    await openConfig({
      environment,
      configFile,
      store: databaseOverlayStore(database, clock),
      announce,
      onWarning: (warning) => log.warn(warning),
      onRefused: (problems) => log.error('the changed configuration is refused; what ran before runs on', { problems }),
      isWatching: true,
    }),
  )
  const { config, secrets, facts } = live
  const bus = createEventBus({ clock, capacity: config.value.limits.eventBuffer })
  announcements.replace((event) => bus.publish(event))

  // Domains.
  const egress = closers.use(openEgress({ policy: derive(config, (value) => value.egress), log, clock, version }))
  const publicUrl = (): string => config.value.server.publicUrl ?? address()
  const auth = closers.use(await openAuth({ database, clock, log, announce, adminKey: environment.adminKey, publicUrl }))
  const metering = closers.use(
    await openMetering({
      database,
      folder: join(home, 'journal'),
      clock,
      log,
      announce,
      maxJournalBytes: config.value.limits.journalBytes,
      retentionDays: () => config.value.limits.requestRetentionDays,
      prices: derive(config, ({ upstreams }) => upstreams),
    }),
  )
  const sources: Sources = {
    upstreams: () =>
      config.value.upstreams.map(({ name, kind, baseUrl, locality, models }) => {
        const state = gateway.upstreams().find((upstream) => upstream.name === name)
        const listed = models.includes('*') ? (state?.listed?.length ?? null) : models.length
        return { name, kind, baseUrl, locality, models: listed, isReachable: state?.isReachable ?? null, lastError: state?.lastError ?? null }
      }),
    memory: () => fleet.memory(),
    warnings: () => facts.value.warnings,
    cloudText: () => config.value.egress.cloudText,
    openExchanges: () => passage.open,
    openStreams: () => gateway.openStreams(),
    journalBacklog: () => metering.backlog,
    modelStates: () => countBy(fleet.views().map((view) => view.state)),
  }
  const monitor = new Monitor(clock, sources)
  const passage = createPassage({ gate: auth.gate, purse: metering.purse, ledger: metering.ledger, prices: metering.prices, onEnd: (record) => monitor.observe(record) }, clock, log)
  const fleet = closers.use(await composeFleet({ environment, live, database, egress, audit: auth.audit, announce, pulls: null as never, log }))
  const gateway = closers.use(
    openGateway({
      settings: derive(config, (value) => gatewaySettings(value, secrets.value)),
      localNames: derive(config, ({ models }) => models.map((model) => ({ id: model.id, model: engineModelName(model) }))),
      localModels: () => fleet.views(),
      passage,
      places: fleet.places,
      inference: egress.inference,
      clock,
      log,
      announce,
    }),
  )
  for (const task of [...auth.tasks, ...metering.tasks, ...gateway.tasks]) closers.use(startTask(task, { clock, log }))

  // Routes and listeners.
  const closing = new AbortController()
  const about = { version, home, database: database.dialect, address: () => address() }
  const routes: readonly AnyRoute[] = [
    ...gateway.routes,
    ...monitorRoutes({ monitor, sources, bus, closing: closing.signal, about }),
    ...fleet.routes,
    ...auth.routes,
    ...metering.routes,
    ...configRoutes(live, (entry) => auth.audit.record({ at: clock.now(), ...entry })),
  ]
  const openApi = openApiDocument([...routes, openApiRoute(() => openApi)], { title: 'Hearth', version, description: 'The control plane for AI that you own.' })
  const router = createRouter({
    routes: [...routes, openApiRoute(() => openApi)],
    gate: auth.gate,
    log,
    controlBodyBytes: config.value.limits.controlBodyBytes,
    fallback: createPage({ directory: pageFolder }),
  })
  const { host, port } = config.value.server
  const main = listen({ at: { host, port }, handler: withCors(router, () => config.value.server.corsOrigins), log, idleSeconds: idleConnectionSeconds })
  const local = listenLocally(join(home, 'hearth.sock'), router, log)
  const address = (): string => main.address
  closers.defer(() => drain([main, ...local], config.value.server.drainMs))
  closers.defer(() => {
    monitor.phase = 'draining'
    closing.abort()
  })
  monitor.phase = 'ready'
  return {
    address: main.address,
    home,
    firstAdminKey: auth.firstAdminKey,
    openApi,
    warnings: () => facts.value.warnings,
    signInLink: async () => `${publicUrl().replace(/\/+$/, '')}/#ticket=${(await auth.sessions.createTicket(auth.door.localAdmin)).ticket}`,
    [Symbol.asyncDispose]: () => closers.disposeAsync(),
  }
}

function openApiRoute(document: () => unknown): AnyRoute {
  return route({
    method: 'GET',
    path: '/openapi.json',
    summary: 'This document.',
    tag: 'monitor',
    scope: null,
    responses: { 200: z.looseObject({}) },
    handle: document,
  })
}

/** The owner's way in. A path that is too long for a socket must not keep the house closed: the CLI then needs a key. */
function listenLocally(socket: string, handler: Handler, log: Logger): readonly Listener[] {
  try {
    return [listen({ at: { socket }, handler, log, idleSeconds: idleConnectionSeconds })]
  } catch (error) {
    log.warn('the socket for the hearth command cannot be opened; the command needs a key', { error })
    return []
  }
}

/** Running answers may finish; what still runs after `drainMs` is cut. */
async function drain(listeners: readonly Listener[], drainMs: number): Promise<void> {
  const stopped = Promise.all(listeners.map((listener) => listener.stop()))
  const timer = Promise.withResolvers<'late'>()
  const timeout = setTimeout(() => timer.resolve('late'), drainMs)
  const ended = await Promise.race([stopped, timer.promise])
  clearTimeout(timeout)
  if (ended === 'late') await Promise.all(listeners.map((listener) => listener.cut()))
}

function countBy(values: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
  return counts
}
