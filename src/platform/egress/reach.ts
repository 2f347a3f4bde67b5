/**
 * Watches whether an address takes connections at all. The runtime's fetch cannot tell a host that is off from a model
 * that thinks: both are silent. A connection of our own beside it can: it is opened, and closed as soon as it stands.
 */
export interface Reach extends Disposable {
  /** Resolves when nobody took the connection in time; never where somebody did, or refused it (fetch tells that). */
  readonly unreachable: Promise<'unreachable'>
}

export function reach(url: string, connectMs: number): Reach {
  const { hostname, port, protocol } = new URL(url)
  const late = Promise.withResolvers<'unreachable'>()
  const timer = setTimeout(() => late.resolve('unreachable'), connectMs)
  const settled = (): void => clearTimeout(timer)
  Bun.connect({
    hostname: hostname.replace(/^\[|\]$/g, ''),
    port: port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port),
    socket: {
      open(socket) {
        settled()
        socket.end()
      },
      data() {},
      connectError: settled,
    },
  }).catch(settled)
  return { unreachable: late.promise, [Symbol.dispose]: settled }
}
