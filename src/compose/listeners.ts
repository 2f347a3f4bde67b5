import type { Config } from '#config/contract.ts'
import type { Cell } from '#kernel/words.ts'
import { behindProxies } from '#platform/http/forwarded.ts'
import { httpsOnly, withStrictTransport } from '#platform/http/https-only.ts'
import { listen, type Listener, type ListenOptions } from '#platform/http/listener.ts'
import type { Handler } from '#platform/http/router.ts'
import { listenTls, type TlsListener } from '#platform/http/tls-listener.ts'
import type { Material } from '#platform/tls/keeper.ts'
import type { TlsView } from '#protocol/admin/tls.ts'
import { idleConnectionSeconds } from './settings.ts'
import type { TlsDesk } from './tls.ts'

export interface Opened {
  readonly kind: TlsView['listeners'][number]['kind']
  readonly listener: Listener
}

export interface ListenersOptions {
  readonly config: Cell<Config>
  readonly tls: TlsDesk | null
  readonly handler: Handler
  readonly log: ListenOptions['log']
  readonly sockets: NonNullable<ListenOptions['sockets']>
}

/** Longer than a connection may idle: none is cut when a certificate is replaced. */
const leaveMs = (idleConnectionSeconds + 15) * 1000

/**
 * The listeners of the main API, on every address of `server.host`: plain, encrypted, and for clients that show a
 * certificate. All or none: one that cannot be opened closes those before it, and its address is in the error.
 */
export function openListeners(options: ListenersOptions): readonly Opened[] {
  const opened: Opened[] = []
  try {
    openPlain(options, opened)
    if (options.tls !== null) openEncrypted(options, options.tls, opened)
    return opened
  } catch (error) {
    for (const { listener } of opened) void listener.cut()
    throw error
  }
}

/** What people are told: plain HTTP only where it is answered. */
export function mainAddress(opened: readonly Opened[]): string {
  const main = opened.find(({ kind }) => kind === 'http') ?? opened.find(({ kind }) => kind === 'https')
  return main === undefined ? '' : reachable(main.listener.address)
}

/** The name of an encrypted listener on all addresses has to be one that its certificate is good for. */
export const reachable = (address: string): string =>
  address.replace(/^https:\/\/(0\.0\.0\.0|\[::\]):/, 'https://localhost:')

function openPlain(options: ListenersOptions, opened: Opened[]): void {
  const { config, log } = options
  const { server } = config.value
  if (server.http === 'none') return
  const kind = server.http === 'serve' ? 'http' : 'redirect'
  const port = (): number => opened.find((each) => each.kind === 'https')?.listener.port ?? server.tls?.port ?? 0
  const onward = httpsOnly({ port, publicUrl: () => config.value.server.publicUrl, log })
  const handler = kind === 'http' ? behindProxies(options.handler, server.trustedProxies) : onward
  eachHost(server.hosts, server.port, (at) => {
    const listener = listen({ ...shared(options), at, handler })
    opened.push({ kind, listener })
    return listener
  })
}

function openEncrypted(options: ListenersOptions, desk: TlsDesk, opened: Opened[]): void {
  const { server } = options.config.value
  const all = behindProxies(options.handler, server.trustedProxies)
  const handler = server.http === 'serve' ? all : withStrictTransport(all)
  const open = (kind: 'https' | 'mutual', port: number, own: Handler, clientAuthority: string | null): void => {
    const tls = ({ certificate, key }: Material) => ({ certificate, key, clientAuthority })
    eachHost(server.hosts, port, (at) => {
      const material = desk.keeper.material
      const listener: TlsListener = listenTls({ ...shared(options), at, handler: own, tls: tls(material), leaveMs })
      opened.push({ kind, listener })
      desk.keeper.onChange((newer) => listener.replace(tls(newer)))
      return listener
    })
  }
  if (server.tls !== null) open('https', server.tls.port, handler, null)
  if (server.mutualTls === null || desk.clientAuthority === null) return
  const own = server.mutualTls.isTrusted ? trusting(handler) : handler
  open('mutual', server.mutualTls.port, own, desk.clientAuthority)
}

const shared = ({ log, sockets }: ListenersOptions) => ({ log, sockets, idleSeconds: idleConnectionSeconds })

/** A port that the system chose for the first address is taken on the others too. */
function eachHost(
  hosts: readonly string[],
  port: number,
  open: (at: { readonly host: string; readonly port: number }) => Listener,
): void {
  let at = port
  for (const host of hosts) at = open({ host, port: at }).port ?? at
}

/** Whoever comes here has shown a certificate that is trusted: no key is asked for. */
function trusting(handler: Handler): Handler {
  return (request, at) =>
    handler(request, {
      from: at.from,
      isLocalSocket: at.isLocalSocket,
      isSecure: true,
      hasCertificate: true,
      isTrusted: true,
      setIdleTimeout: (seconds) => at.setIdleTimeout(seconds),
      ...(at.upgrade === undefined ? {} : { upgrade: at.upgrade }),
    })
}
