import type { AddressFacts } from './facts.ts'
import { fail, ok, warn, type Finding } from './finding.ts'

/** How this house is reached, as the settings have it, and what it shows there. */
export interface EncryptionFacts {
  readonly listeners: readonly {
    readonly kind: 'http' | 'redirect' | 'https' | 'mutual'
    readonly host: string
    readonly port: number
  }[]
  /** A proxy that is trusted stands in front, and encrypts. */
  readonly isBehindProxy: boolean
  /** null: there is no HTTPS. */
  readonly certificate: {
    readonly path: string
    readonly state:
      /** Made at the first start. */
      | { readonly kind: 'absent' }
      | { readonly kind: 'broken'; readonly message: string }
      | {
          readonly kind: 'good'
          readonly daysLeft: number
          readonly isRenewedByItself: boolean
          /** By which people come, and for which it is not. */
          readonly missingNames: readonly string[]
        }
  } | null
  /** Files that are secrets, with their permission bits. */
  readonly keys: readonly { readonly path: string; readonly mode: number }[]
}

/** Who renews a certificate by hand needs as much notice. */
const soonDays = 14

export function judgeEncryption(facts: EncryptionFacts, addresses: readonly AddressFacts[]): readonly Finding[] {
  return [...judgeInterfaces(facts, addresses), ...judgeCertificate(facts), ...facts.keys.flatMap(judgeKey)]
}

/** One finding for each interface that is reached: what can be called there, and whether others can listen. */
function judgeInterfaces(facts: EncryptionFacts, addresses: readonly AddressFacts[]): readonly Finding[] {
  const names = [...new Set(addresses.map((address) => address.interface))]
  return names.flatMap((name) => {
    const own = addresses.filter((address) => address.interface === name && address.scope !== 'link')
    const reached = facts.listeners.flatMap((listener) =>
      own
        .filter((address) => isReachedBy(listener.host, address))
        .map((address) => ({ listener, address, text: urlOf(listener, address) })),
    )
    if (reached.length === 0) return []
    const found = `${reached.map(({ text }) => text).join(', ')}.`
    const isPlain = reached.some(({ listener, address }) => listener.kind === 'http' && address.scope !== 'loopback')
    if (!isPlain || facts.isBehindProxy) return [ok(`interface ${name}`, found)]
    const advice =
      facts.certificate === null
        ? 'Set server.tls (docs/guides/tls.md), or name the proxy that encrypts in server.trustedProxies.'
        : 'Set server.http to redirect or false: whoever uses plain HTTP sends a key unencrypted.'
    return [warn(`interface ${name}`, found, advice)]
  })
}

const traffic = {
  http: 'not encrypted',
  redirect: 'sends on to HTTPS',
  https: 'TLS',
  mutual: 'TLS, with a certificate of the client',
} as const

function urlOf({ kind, port }: EncryptionFacts['listeners'][number], { address }: AddressFacts): string {
  const scheme = kind === 'http' || kind === 'redirect' ? 'http' : 'https'
  return `${scheme}://${address.includes(':') ? `[${address}]` : address}:${port} (${traffic[kind]})`
}

/** A name may stand for any address of its kind; only `localhost` is known to stand for loopback. */
function isReachedBy(host: string, { address, family, scope }: AddressFacts): boolean {
  if (host === 'localhost') return scope === 'loopback'
  if (host === '0.0.0.0') return family === 'IPv4'
  if (host === '::') return true
  return /^[\d.]+$|:/.test(host) ? address === host : scope !== 'loopback'
}

function judgeCertificate({ certificate }: EncryptionFacts): readonly Finding[] {
  if (certificate === null) return []
  const { path, state } = certificate
  const name = 'certificate'
  if (state.kind === 'absent') return [ok(name, `${path} is made at the first start.`)]
  if (state.kind === 'broken')
    return [fail(name, `${path} cannot be used: ${state.message}.`, 'Mend the file, or server.tls.')]
  const { daysLeft, isRenewedByItself, missingNames } = state
  const left = `${path} is good for ${Math.max(0, Math.floor(daysLeft))} more days`
  const renewal = isRenewedByItself ? 'Start Hearth: it renews it by itself.' : 'Renew it: Hearth reads it again then.'
  const validity =
    daysLeft <= 0
      ? fail(name, `${path} has expired: clients refuse to connect.`, renewal)
      : daysLeft < soonDays
        ? warn(name, `${left}.`, renewal)
        : ok(name, `${left}${isRenewedByItself ? ', and renewed by itself' : ''}.`)
  if (missingNames.length === 0) return [validity]
  const names = missingNames.join(', ')
  const advice = isRenewedByItself
    ? 'The next start, or "hearth tls renew", adds them.'
    : 'Ask whoever issues it for these names too, or take them out of server.names and server.publicUrl.'
  return [validity, warn('certificate names', `It is not for ${names}: clients refuse it there.`, advice)]
}

function judgeKey({ path, mode }: EncryptionFacts['keys'][number]): readonly Finding[] {
  if ((mode & 0o077) === 0) return []
  const bits = (mode & 0o777).toString(8)
  return [fail('private key', `${path} can be read by other users (mode ${bits}).`, `Run: chmod 600 ${path}`)]
}
