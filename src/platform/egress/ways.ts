import type { Locality } from '#kernel/words.ts'
import type { Clock, MonoMs } from '#kernel/time.ts'
import { addressInUrl, addressKind, isLiteralAddress, kindOfAll } from './addresses.ts'
import type { Destination } from './contract.ts'
import type { Resolver } from './resolver.ts'

/**
 * How a destination is reached: addresses that we resolved and judged ourselves. The connection goes to exactly
 * these, with the name only in `Host` and in TLS, so that a name cannot mean one thing when it is checked and another
 * when it is used.
 */
export interface Way {
  readonly kind: 'way'
  readonly locality: Locality
  readonly addresses: readonly string[]
  /** `http://10.0.0.5:8888/v1`: one per address; a path is appended. */
  readonly prefixes: readonly string[]
  /** Through a proxy the proxy resolves: the name stands here. */
  readonly namedPrefix: string
  readonly host: string | null
  readonly tls: { readonly serverName: string } | null
  /** Which address answered last: tried first. */
  preferred: number
  /** When it last answered; a connection may be kept alive since then. */
  answeredAt: MonoMs
}

export type WayFound =
  | Way
  | { readonly kind: 'unresolved'; readonly host: string }
  | { readonly kind: 'forbidden'; readonly message: string }

const freshMs = 5_000
const maxWays = 1_000

/** Remembers the way to each destination for a few seconds; a literal address for good. */
export class Ways {
  readonly #resolver: Resolver
  readonly #clock: Clock
  readonly #known = new Map<string, { readonly way: Way; readonly until: MonoMs }>()

  constructor(options: { readonly resolver: Resolver; readonly clock: Clock }) {
    this.#resolver = options.resolver
    this.#clock = options.clock
  }

  /** At once, for the hot path; null = ask `find`. */
  known(to: Destination): Way | null {
    const entry = this.#known.get(keyOf(to))
    return entry && (entry.until === Infinity || entry.until > this.#clock.mono()) ? entry.way : null
  }

  async find(to: Destination): Promise<WayFound> {
    const url = new URL(to.baseUrl)
    const addresses = await this.#resolver.addresses(url.hostname)
    const found = wayOf(to, url, addresses)
    if (found.kind === 'way') this.#remember(to, found, isLiteralAddress(url.hostname))
    return found
  }

  #remember(to: Destination, way: Way, isLiteral: boolean): void {
    const key = keyOf(to)
    const before = this.#known.get(key)?.way
    if (before) {
      way.answeredAt = before.answeredAt
      way.preferred = before.preferred < way.prefixes.length ? before.preferred : 0
    }
    this.#known.delete(key)
    if (this.#known.size >= maxWays) {
      const oldest = this.#known.keys().next()
      if (!oldest.done) this.#known.delete(oldest.value)
    }
    this.#known.set(key, { way, until: isLiteral ? Infinity : this.#clock.mono() + freshMs })
  }
}

/** Judges the addresses of a destination against what is declared of it. */
export function wayOf(to: Destination, url: URL, addresses: readonly string[]): WayFound {
  if (addresses.some((address) => addressKind(address) === 'metadata')) {
    return { kind: 'forbidden', message: `${to.name} leads to a cloud's metadata service, which is never reached.` }
  }
  // A declared cloud behind a proxy may have a name that only the proxy can resolve.
  if (addresses.length === 0 && to.locality !== 'cloud') return { kind: 'unresolved', host: url.hostname }
  const seen = kindOfAll(addresses)
  const seenLocality: Locality = seen === 'metadata' ? 'cloud' : seen
  if (to.locality !== null && to.locality !== 'cloud' && isFarther(seenLocality, to.locality)) {
    const foreign = addresses.find((address) => addressKind(address) === 'cloud') ?? addresses[0] ?? ''
    return {
      kind: 'forbidden',
      message:
        `${to.name} is declared \`locality: ${to.locality}\`, but ${url.hostname} leads to ${foreign}, which is not ` +
        `in this ${to.locality === 'lan' ? 'network' : 'machine'}: nothing was sent. Declare it ` +
        `\`locality: cloud\` if that is meant.`,
    }
  }
  const isLiteral = isLiteralAddress(url.hostname)
  const tail = `${url.port === '' ? '' : `:${url.port}`}${url.pathname.replace(/\/+$/, '')}`
  return {
    kind: 'way',
    locality: to.locality ?? seenLocality,
    addresses,
    prefixes: addresses.map((address) => `${url.protocol}//${addressInUrl(address)}${tail}`),
    namedPrefix: `${url.protocol}//${url.hostname}${tail}`,
    host: isLiteral ? null : url.host,
    tls: url.protocol === 'https:' && !isLiteral ? { serverName: url.hostname } : null,
    preferred: 0,
    answeredAt: -Infinity,
  }
}

const distance: Readonly<Record<Locality, number>> = { host: 0, lan: 1, cloud: 2 }

function isFarther(seen: Locality, declared: Locality): boolean {
  return distance[seen] > distance[declared]
}

function keyOf(to: Destination): string {
  return `${to.locality ?? ''} ${to.baseUrl}`
}
