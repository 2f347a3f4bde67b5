import type { Config } from '#config/contract.ts'
import { messageOf } from '#kernel/errors.ts'
import type { Cell } from '#kernel/words.ts'
import { addressMatcher } from '#platform/egress/addresses.ts'
import { withCors } from '#platform/http/cors.ts'
import { listen, type Listener } from '#platform/http/listener.ts'
import type { AnyRoute } from '#platform/http/route.ts'
import { createRouter, type Gate, type Handler } from '#platform/http/router.ts'
import type { Logger } from '#platform/log/logger.ts'
import { idleConnectionSeconds } from './settings.ts'

/** What one listener answers; `shape` gives what the router itself refuses the form of the replaced system. */
export interface CompatSurface {
  readonly routes: readonly AnyRoute[]
  readonly shape: (handler: Handler) => Handler
}

export interface CompatOptions {
  readonly ollama: CompatSurface
  /** null: privacy does not run here. */
  readonly presidio: CompatSurface | null
  readonly helix: CompatSurface
  readonly gate: Gate
  readonly config: Cell<Config>
  readonly log: Logger
}

/** The settings that hold a port, with how people call who comes there. */
const systems = [
  { name: 'ollama', clients: 'clients of Ollama', itself: 'an Ollama' },
  { name: 'presidio', clients: 'clients of Presidio', itself: 'a Presidio' },
  { name: 'helix', clients: 'clients of HelixFlow', itself: 'its auth service' },
] as const

/**
 * Listeners of their own for systems that Hearth replaces, each with exactly its routes. They are optional: one whose
 * port is taken (by the system itself, often enough) is told in a warning, and the house opens without it.
 */
export function openCompat(options: CompatOptions): readonly Listener[] {
  const { compat } = options.config.value
  return systems.flatMap((system) => {
    const surface = options[system.name]
    const port = compat[system.name]
    return surface === null || port === null ? [] : openOne(surface, port, system, options)
  })
}

function openOne(
  { routes, shape }: CompatSurface,
  port: number,
  { name, clients, itself }: (typeof systems)[number],
  { gate, config, log }: CompatOptions,
): readonly Listener[] {
  const { compat, limits } = config.value
  const router = createRouter({
    routes,
    gate,
    log,
    controlBodyBytes: limits.controlBodyBytes,
    idleSeconds: idleConnectionSeconds,
    fallback: () => null,
  })
  const cors = withCors(shape(router), () => config.value.server.corsOrigins)
  const handler = trusting(cors, addressMatcher(compat.trust))
  try {
    const listener = listen({ at: { host: compat.host, port }, handler, log, idleSeconds: idleConnectionSeconds })
    log.info(`${clients} are answered`, { address: listener.address })
    return [listener]
  } catch (error) {
    log.warn(`${clients} are not answered: their port cannot be opened`, {
      port,
      why: messageOf(error),
      fix: `Stop what listens there (${itself}?), or choose another port for compat.${name}.`,
    })
    return []
  }
}

/** Tells those who judge the request whether its peer may come without a key. */
function trusting(handler: Handler, isTrusted: (address: string) => boolean): Handler {
  return (request, at) =>
    handler(request, {
      from: at.from,
      isLocalSocket: at.isLocalSocket,
      isTrusted: isTrusted(at.from),
      setIdleTimeout: (seconds) => at.setIdleTimeout(seconds),
    })
}
