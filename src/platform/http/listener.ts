import { chmodSync, rmSync } from 'node:fs'
import { AppError, messageOf } from '#kernel/errors.ts'
import type { Logger } from '#platform/log/logger.ts'
import { errorResponse } from './errors.ts'
import type { Connection } from './route.ts'
import type { Handler } from './router.ts'
import { socketHandler, usualSocketLimits, type ClientSocketListener, type SocketLimits } from './socket.ts'

export interface ListenOptions {
  readonly at: { readonly host: string; readonly port: number } | { readonly socket: string }
  readonly handler: Handler
  readonly log: Logger
  /**
   * Cuts idle connections, half-sent heads and bodies that drip; handlers that wait lift it for their own connection.
   */
  readonly idleSeconds: number
  /** Of WebSockets; a reload does not change them. */
  readonly sockets?: SocketLimits
  /** What it shows to prove whom one reached; not there = plain HTTP. */
  readonly tls?: ServerTls
}

/** PEM texts. */
export interface ServerTls {
  /** With those between it and its authority. */
  readonly certificate: string
  readonly key: string
  /** Only clients with a certificate of this authority come in; null = all do. */
  readonly clientAuthority: string | null
}

export interface Listener {
  /** `http://127.0.0.1:9999`, or the socket's path. */
  readonly address: string
  readonly port: number | null
  /** Takes no new connections; resolves when every running answer has ended. */
  stop(): Promise<void>
  /** Cuts what still runs. */
  cut(): Promise<void>
}

/** Opens a listener. Throws an AppError that names the address and the way out when it is taken or not allowed. */
export function listen(options: ListenOptions): Listener {
  if ('socket' in options.at) rmSync(options.at.socket, { force: true })
  const server = openServer(options)
  if ('socket' in options.at) chmodSync(options.at.socket, 0o600)
  return {
    address: addressOf(options, server.port),
    port: server.port ?? null,
    stop: () => server.stop(),
    cut: () => server.stop(true),
  }
}

/** `https://127.0.0.1:8443`, or the socket's path. */
export function addressOf({ at, tls }: ListenOptions, port: number | undefined): string {
  if ('socket' in at) return at.socket
  return `${tls ? 'https' : 'http'}://${at.host.includes(':') ? `[${at.host}]` : at.host}:${port}`
}

/** `isShared`: others may listen on the same port, which is how one takes over from another. */
export function openServer(options: ListenOptions, isShared = false): Bun.Server<ClientSocketListener> {
  const isLocalSocket = 'socket' in options.at
  const peer = { isLocalSocket, isSecure: options.tls !== undefined, hasCertificate: hasClientAuthority(options) }
  const shared = {
    development: false,
    // Bodies are limited by `readBody`, which answers in JSON; Bun's own refusal is an empty 413.
    maxRequestBodySize: Number.MAX_SAFE_INTEGER,
    fetch: (request: Request, server: Bun.Server<ClientSocketListener>) => {
      // A Host that names no host leaves an URL without its beginning, which nothing behind this line could parse.
      if (request.url.startsWith('/')) return errorResponse(badHost(), options.log)
      return options.handler(request, connectionOf(request, server, peer))
    },
    error: (thrown: Error) => errorResponse(thrown, options.log),
    websocket: socketHandler(options.sockets ?? usualSocketLimits),
  } as const
  try {
    return 'socket' in options.at
      ? Bun.serve({ ...shared, ...noIdleLimit, unix: options.at.socket })
      : Bun.serve({
          ...shared,
          hostname: options.at.host,
          port: options.at.port,
          idleTimeout: options.idleSeconds,
          reusePort: isShared,
          ...(options.tls ? { tls: tlsOptions(options.tls) } : {}),
        })
  } catch (cause) {
    throw listenError(options, cause)
  }
}

const hasClientAuthority = ({ tls }: ListenOptions): boolean => tls !== undefined && tls.clientAuthority !== null

/** Nothing below TLS 1.2 is the runtime's own default, and a test holds it to that. */
function tlsOptions({ certificate, key, clientAuthority }: ServerTls): Bun.TLSOptions {
  if (clientAuthority === null) return { cert: certificate, key }
  return { cert: certificate, key, ca: clientAuthority, requestCert: true, rejectUnauthorized: true }
}

/**
 * For the owner's socket: only they come there, and `timeout` cannot be lifted for a single connection of it, so that
 * the runtime's 10 s would cut every wait for a model and every event feed. The runtime takes it; its types do not.
 */
const noIdleLimit = { idleTimeout: 0 } as object

function badHost(): AppError {
  return new AppError('invalid', 'The Host header is not the name of a host.', { reason: 'bad_host' })
}

interface Peer {
  readonly isLocalSocket: boolean
  readonly isSecure: boolean
  readonly hasCertificate: boolean
}

function connectionOf(
  request: Request,
  server: Bun.Server<ClientSocketListener>,
  { isLocalSocket, isSecure, hasCertificate }: Peer,
): Connection {
  return {
    get from() {
      return isLocalSocket ? 'local' : (server.requestIP(request)?.address ?? 'unknown')
    },
    isLocalSocket,
    isSecure,
    hasCertificate,
    setIdleTimeout: (seconds) => {
      if (!isLocalSocket) server.timeout(request, seconds)
    },
    upgrade: ({ listener, protocol, headers }) =>
      server.upgrade(request, {
        data: listener,
        headers: protocol === null ? headers : { ...headers, 'sec-websocket-protocol': protocol },
      }),
  }
}

function listenError(options: ListenOptions, cause: unknown): AppError {
  if ('socket' in options.at) {
    return new AppError(
      'conflict',
      `Cannot open the socket ${options.at.socket}: ${messageOf(cause)}. Check that HEARTH_HOME is writable and its path short.`,
      {
        reason: 'cannot_listen',
        cause,
      },
    )
  }
  const { host, port } = options.at
  const isTaken = messageOf(cause).includes('in use') || (cause as { code?: string }).code === 'EADDRINUSE'
  const advice = isTaken
    ? `port ${port} on ${host} is taken: another Hearth may be running (\`npx hearth status\`), or choose another${options.tls ? '' : ' with HEARTH_PORT'}`
    : `${messageOf(cause)}: check the host, the port${options.tls ? ', the certificate and its key' : ''} in the settings`
  return new AppError('conflict', `Cannot listen on ${host}:${port}: ${advice}.`, { reason: 'cannot_listen', cause })
}
