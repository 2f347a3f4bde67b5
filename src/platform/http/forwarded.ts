import { addressMatcher, isLiteralAddress } from '#platform/egress/addresses.ts'
import type { Connection } from './route.ts'
import type { Handler } from './router.ts'

/** More proxies one behind another than this are nobody's; what stands further left is not read. */
const mostHops = 20

/**
 * Behind proxies that are trusted, the address of the caller is what they say it is (`X-Forwarded-For`), and its
 * connection as safe as theirs (`X-Forwarded-Proto`). From everybody else these headers mean nothing. No proxy: the
 * handler itself, at no cost.
 */
export function behindProxies(handler: Handler, proxies: readonly string[]): Handler {
  if (proxies.length === 0) return handler
  const isProxy = addressMatcher(proxies)
  return (request, at) => {
    if (at.isLocalSocket || !isProxy(at.from)) return handler(request, at)
    const { headers } = request
    return handler(request, {
      ...keptOf(at),
      from: callerOf(headers.get('x-forwarded-for') ?? '', at.from, isProxy),
      isSecure: headers.get('x-forwarded-proto')?.split(',').at(-1)?.trim().toLowerCase() === 'https',
    })
  }
}

/**
 * Each proxy adds whom it saw at the right, so the first from the right that is no proxy of ours is the caller; what
 * stands left of it was written by the caller itself.
 */
export function callerOf(forwarded: string, peer: string, isProxy: (address: string) => boolean): string {
  let caller = peer
  const hops = forwarded === '' ? [] : forwarded.split(',').slice(-mostHops)
  for (const hop of hops.reverse()) {
    const address = withoutPort(hop.trim())
    if (!isLiteralAddress(address)) return caller
    caller = address
    if (!isProxy(address)) return caller
  }
  return caller
}

/** `[::1]:5000`, `1.2.3.4:5000`, `::1`. */
function withoutPort(text: string): string {
  const bracketed = /^\[([^\]]+)\](?::\d+)?$/.exec(text)?.[1]
  if (bracketed !== undefined) return bracketed
  return /^[\d.]+:\d+$/.test(text) ? text.slice(0, text.indexOf(':')) : text
}

function keptOf(at: Connection): Pick<Connection, 'isLocalSocket' | 'setIdleTimeout'> & Partial<Connection> {
  return {
    isLocalSocket: at.isLocalSocket,
    ...(at.isTrusted === undefined ? {} : { isTrusted: at.isTrusted }),
    ...(at.hasCertificate === undefined ? {} : { hasCertificate: at.hasCertificate }),
    ...(at.upgrade === undefined ? {} : { upgrade: at.upgrade }),
    setIdleTimeout: (seconds) => at.setIdleTimeout(seconds),
  }
}
