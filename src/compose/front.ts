import { join } from 'node:path'
import { z } from 'zod'
import type { Config } from '#config/contract.ts'
import type { Cell } from '#kernel/words.ts'
import { withCors } from '#platform/http/cors.ts'
import { listen, type Listener } from '#platform/http/listener.ts'
import { openApiDocument } from '#platform/http/openapi.ts'
import { route, type AnyRoute } from '#platform/http/route.ts'
import { createRouter, type Gate, type Handler } from '#platform/http/router.ts'
import { usualSocketLimits } from '#platform/http/socket.ts'
import { createPage } from '#platform/http/static.ts'
import type { Logger } from '#platform/log/logger.ts'
import { openCompat, type CompatOptions } from './compat.ts'
import { mainAddress, openListeners, type Opened } from './listeners.ts'
import { idleConnectionSeconds } from './settings.ts'
import type { TlsDesk } from './tls.ts'
import { version } from './version.ts'

export interface FrontOptions {
  readonly routes: readonly AnyRoute[]
  /** What clients of Ollama find, where they are wanted. */
  readonly ollama: CompatOptions['ollama']
  /** The same for clients of Presidio. */
  readonly presidio: CompatOptions['presidio']
  /** The same for clients of HelixFlow. */
  readonly helix: CompatOptions['helix']
  readonly gate: Gate
  readonly config: Cell<Config>
  readonly home: string
  readonly log: Logger
  /** null: no HTTPS. */
  readonly tls: TlsDesk | null
  /** Called when the time of running answers is over: a last chance to end them with a word instead of a cut. */
  readonly interrupt: () => void
}

export interface Front {
  readonly address: string
  /** Of the main API. */
  readonly listeners: readonly Opened[]
  readonly openApi: unknown
  /** Running answers may finish; what still runs after `server.drain` is cut. */
  close(): Promise<void>
}

const pageFolder = join(import.meta.dir, '..', '..', 'web', 'dist')

/** All routes behind one router, on the address of the config and on the owner's socket. */
export function openFront(options: FrontOptions): Front {
  const { routes, gate, config, home, log, interrupt } = options
  const described = [...routes, openApiRoute(() => openApi)]
  const openApi = openApiDocument(described, {
    title: 'Hearth',
    version,
    description: 'The control plane for AI that you own.',
  })
  const { limits } = config.value
  const router = createRouter({
    routes: described,
    gate,
    log,
    controlBodyBytes: limits.controlBodyBytes,
    idleSeconds: idleConnectionSeconds,
    fallback: createPage({ directory: pageFolder }),
  })
  const handler = withCors(router, () => config.value.server.corsOrigins)
  const sockets = { ...usualSocketLimits, messageBytes: limits.socketMessageBytes }
  const main = openListeners({ config, tls: options.tls, handler, log, sockets })
  const others = [...listenLocally(join(home, 'hearth.sock'), router, log), ...openCompat(options)]
  const all = [...main.map(({ listener }) => listener), ...others]
  return {
    address: mainAddress(main),
    listeners: main,
    openApi,
    close: () => drain(all, config.value.server.drainMs, interrupt),
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

/**
 * The owner's way in. A path that is too long for a socket must not keep the house closed: the CLI then needs a key.
 */
function listenLocally(socket: string, handler: Handler, log: Logger): readonly Listener[] {
  try {
    return [listen({ at: { socket }, handler, log, idleSeconds: idleConnectionSeconds })]
  } catch (error) {
    log.warn('the socket for the hearth command cannot be opened; the command needs a key', { error })
    return []
  }
}

/** How long what was interrupted has for its last bytes. */
const lastWordsMs = 1000

async function drain(listeners: readonly Listener[], drainMs: number, interrupt: () => void): Promise<void> {
  const stopped = Promise.all(listeners.map((listener) => listener.stop()))
  if (await isWithin(stopped, drainMs)) return
  interrupt()
  if (!(await isWithin(stopped, lastWordsMs))) await Promise.all(listeners.map((listener) => listener.cut()))
}

async function isWithin(work: Promise<unknown>, ms: number): Promise<boolean> {
  const late = Promise.withResolvers<false>()
  const timeout = setTimeout(() => late.resolve(false), ms)
  const isDone = await Promise.race([work.then(() => true as const), late.promise])
  clearTimeout(timeout)
  return isDone
}
