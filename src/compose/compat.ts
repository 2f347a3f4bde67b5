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

export interface CompatOptions {
  /** `shape` gives what the router itself refuses the form of the replaced system. */
  readonly ollama: { readonly routes: readonly AnyRoute[]; readonly shape: (handler: Handler) => Handler }
  readonly gate: Gate
  readonly config: Cell<Config>
  readonly log: Logger
}

/**
 * Listeners of their own for systems that Hearth replaces, each with exactly its routes. They are optional: one whose
 * port is taken (by the system itself, often enough) is told in a warning, and the house opens without it.
 */
export function openCompat({ ollama, gate, config, log }: CompatOptions): readonly Listener[] {
  const { compat, limits } = config.value
  if (compat.ollama === null) return []
  const router = createRouter({
    routes: ollama.routes,
    gate,
    log,
    controlBodyBytes: limits.controlBodyBytes,
    idleSeconds: idleConnectionSeconds,
    fallback: () => null,
  })
  const cors = withCors(ollama.shape(router), () => config.value.server.corsOrigins)
  const handler = trusting(cors, addressMatcher(compat.trust))
  try {
    const at = { host: compat.host, port: compat.ollama }
    const listener = listen({ at, handler, log, idleSeconds: idleConnectionSeconds })
    log.info('clients of Ollama are answered', { address: listener.address })
    return [listener]
  } catch (error) {
    log.warn('clients of Ollama are not answered: their port cannot be opened', {
      port: compat.ollama,
      why: messageOf(error),
      fix: 'Stop what listens there (an Ollama?), or choose another port for compat.ollama.',
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
