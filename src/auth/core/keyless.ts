import type { Identity } from '../contract.ts'

export interface KeylessFacts {
  /** What the request's headers proved. */
  readonly why: Extract<Identity, { readonly ok: false }>['why']
  /** What stood where a key stands: `authorization` and `x-api-key`. */
  readonly presented: string
  readonly origin: string | null
  readonly host: string | null
  /** It came over TLS and showed a certificate: it knows by whose name it came here. */
  readonly hasCertificate: boolean
}

/**
 * Whether a request from a trusted place may do without a key.
 * 1. It has none, or something that never was one of ours: clients of keyless servers send a placeholder, because their
 *    SDK wants a key. A key of ours that is wrong, cut short, expired or revoked is refused, here too.
 * 2. No page made it: the browser of a person in the trusted network runs pages of everywhere, and they say an Origin.
 * 3. It was sent to an address or a name of the network itself: a page whose own name was made to lead here (DNS
 *    rebinding) asks for that name, and where it only reads it says no Origin. Over TLS that name would have to be in
 *    our certificate.
 */
export function mayDoWithoutKey({ why, presented, origin, host, hasCertificate }: KeylessFacts): boolean {
  if ((why !== 'missing' && why !== 'malformed') || /(^|\s)hk-/i.test(presented)) return false
  return origin === null && (hasCertificate || (host !== null && isOfThisNetwork(host)))
}

const localEndings = ['.localhost', '.local', '.lan', '.home.arpa', '.internal']

function isOfThisNetwork(host: string): boolean {
  const name = host.replace(/:\d+$/, '').toLowerCase()
  const isAddress = name.startsWith('[') || /^\d+(\.\d+){3}$/.test(name)
  return isAddress || !name.includes('.') || localEndings.some((ending) => name.endsWith(ending))
}
