import { isLiteralAddress } from '#platform/egress/addresses.ts'

export interface NameFacts {
  /** Where it listens. */
  readonly hosts: readonly string[]
  /** What people named in the settings. */
  readonly names: readonly string[]
  readonly publicUrl: string | null
  /** Of this machine. */
  readonly hostname: string
  readonly addresses: readonly string[]
}

/** A certificate with hundreds of names is slow for everybody; what people named comes first. */
export const mostNames = 60

const everyAddress = new Set(['0.0.0.0', '::'])
const dnsName = /^(\*\.)?([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/

/**
 * The names and addresses by which this house may be called: this machine, what it listens on, its host name (with
 * `.local`, as multicast DNS has it), what people named, and their public address.
 */
export function namesToCertify({ hosts, names, publicUrl, hostname, addresses }: NameFacts): readonly string[] {
  const listened = hosts.flatMap((host) => (everyAddress.has(host) ? addresses : [host]))
  const machine = hostname.toLowerCase()
  const own = machine.includes('.') ? [machine] : [machine, `${machine}.local`]
  const asked = publicUrl === null ? [] : [new URL(publicUrl).hostname]
  const all = ['localhost', '127.0.0.1', '::1', ...names, ...asked, ...own, ...listened].map(canonical)
  return [...new Set(all)].filter(isCertifiable).slice(0, mostNames)
}

/** As certificates are compared: lower case, without brackets, IPv6 in its short form. */
export function canonical(name: string): string {
  const bare = name.replace(/^\[|\]$/g, '').toLowerCase()
  if (!bare.includes(':')) return bare
  return URL.canParse(`http://[${bare}]`) ? new URL(`http://[${bare}]`).hostname.slice(1, -1) : bare
}

/** Link-local addresses have a zone, which no certificate can hold. */
export function isCertifiable(name: string): boolean {
  if (name.includes(':')) return isLiteralAddress(name) && !name.includes('%') && !name.startsWith('fe80:')
  return isLiteralAddress(name) || (name.length <= 253 && dnsName.test(name))
}
