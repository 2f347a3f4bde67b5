import { lookup } from 'node:dns/promises'
import type { Clock, MonoMs } from '#kernel/time.ts'
import { isLiteralAddress } from './addresses.ts'

/** All addresses of a host name; rejects when it has none. */
export type Resolve = (host: string) => Promise<readonly string[]>

/** The machine's own resolver (hosts file, DNS, mDNS), both families. */
export const systemResolve: Resolve = async (host) => {
  const found = await lookup(host, { all: true, verbatim: true })
  return found.map((entry) => entry.address)
}

const freshMs = 5_000
const maxNames = 1_000
const maxAddressesPerName = 16

/**
 * Host names to addresses, remembered for a few seconds so that the hot path does not wait for the resolver. A literal
 * address is its own answer. One question per name at a time.
 */
export class Resolver {
  readonly #resolve: Resolve
  readonly #clock: Clock
  readonly #known = new Map<string, { readonly addresses: readonly string[]; readonly until: MonoMs }>()
  readonly #asked = new Map<string, Promise<readonly string[]>>()

  constructor(options: { readonly resolve: Resolve; readonly clock: Clock }) {
    this.#resolve = options.resolve
    this.#clock = options.clock
  }

  /** At once, or null when the name must be asked for. */
  known(hostname: string): readonly string[] | null {
    if (isLiteralAddress(hostname)) return [hostname]
    const entry = this.#known.get(hostname)
    return entry && entry.until > this.#clock.mono() ? entry.addresses : null
  }

  /** Empty = the name could not be resolved. Never rejects. */
  async addresses(hostname: string): Promise<readonly string[]> {
    const known = this.known(hostname)
    if (known) return known
    const underway = this.#asked.get(hostname)
    if (underway) return underway
    const asked = this.#ask(hostname).finally(() => this.#asked.delete(hostname))
    this.#asked.set(hostname, asked)
    return asked
  }

  async #ask(hostname: string): Promise<readonly string[]> {
    let addresses: readonly string[]
    try {
      addresses = [...new Set(await this.#resolve(hostname))].slice(0, maxAddressesPerName)
    } catch {
      return []
    }
    this.#known.delete(hostname)
    if (this.#known.size >= maxNames) {
      const oldest = this.#known.keys().next()
      if (!oldest.done) this.#known.delete(oldest.value)
    }
    this.#known.set(hostname, { addresses, until: this.#clock.mono() + freshMs })
    return addresses
  }
}
