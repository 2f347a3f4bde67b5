import { messageOf } from '#kernel/errors.ts'
import type { Clock, EpochMs } from '#kernel/time.ts'
import type { Logger } from '#platform/log/logger.ts'
import type { Task } from '#platform/tasks/task.ts'
import { readCertificate, type CertificateFacts } from '#platform/crypto/certificate.ts'

/** What a server shows, with the key that proves it. */
export interface Material {
  readonly certificate: string
  readonly key: string
}

/** Where certificates come from: files that somebody else renews, or the house's own authority. */
export interface CertificateSource {
  readonly from: 'files' | 'local'
  /** The one to show; rejects with a plain sentence when there is none that can be used. */
  open(): Promise<Material>
  /**
   * A newer one, or null: what is shown is still right. Rejects when there should be one and it cannot be used.
   * `isForced`: somebody asked for a new one.
   */
  newer(shown: Material, isForced: boolean): Promise<Material | null>
  /** When it renews by itself; null = somebody else does. */
  renewsAt(facts: CertificateFacts): EpochMs | null
}

export interface KeeperOptions {
  readonly source: CertificateSource
  readonly clock: Clock
  readonly log: Logger
  /** The settings name hosts that people come by: who is not in the certificate is told in a warning. */
  readonly uncertified: (certificate: string) => readonly string[]
}

/** Below this much time, a certificate that nobody has renewed is a warning. */
export const soonMs = 14 * 86_400_000
const lookEveryMs = 10_000

/** Holds the certificate that is shown, and puts a newer one in its place when there is one. */
export class CertificateKeeper {
  readonly #options: KeeperOptions
  readonly #listeners = new Set<(material: Material) => void>()
  #material: Material
  #facts: CertificateFacts
  #failure: string | null = null
  #queue: Promise<unknown> = Promise.resolve()

  constructor(first: Material, options: KeeperOptions) {
    this.#options = options
    this.#material = first
    this.#facts = readCertificate(first.certificate)
  }

  get material(): Material {
    return this.#material
  }

  get facts(): CertificateFacts {
    return this.#facts
  }

  get from(): 'files' | 'local' {
    return this.#options.source.from
  }

  get renewsAt(): EpochMs | null {
    return this.#options.source.renewsAt(this.#facts)
  }

  onChange(listener: (material: Material) => void): void {
    this.#listeners.add(listener)
  }

  /** What a person should look at, as sentences. */
  get problems(): readonly string[] {
    const { clock, uncertified } = this.#options
    const leftMs = this.#facts.validUntil - clock.now()
    const day = new Date(this.#facts.validUntil).toISOString().slice(0, 10)
    const missing = uncertified(this.#material.certificate)
    return [
      ...(this.#failure === null ? [] : [`The certificate cannot be renewed: ${this.#failure}`]),
      ...(leftMs <= 0 ? [`The certificate has expired (${day}): clients refuse to connect.`] : []),
      ...(leftMs > 0 && leftMs < soonMs ? [`The certificate expires on ${day}.`] : []),
      ...(missing.length === 0 ? [] : [`The certificate is not for ${missing.join(', ')}: clients refuse it there.`]),
    ]
  }

  /** Looks for a newer one; whether there was. Rejects when there should be one and it cannot be used. */
  renew(isForced: boolean): Promise<boolean> {
    const mine = this.#queue.then(() => this.#renew(isForced))
    this.#queue = mine.catch(() => undefined)
    return mine
  }

  readonly task: Task = {
    name: 'tls-certificate',
    everyMs: lookEveryMs,
    activate: async () => {
      const hasFailed = this.#failure !== null
      try {
        return (await this.renew(false)) ? `shows ${this.#facts.fingerprint}` : null
      } catch (error) {
        // Said once, and as a warning of the house for as long as it lasts.
        if (!hasFailed) this.#options.log.error('the certificate cannot be renewed; the one before stays', { error })
        return `cannot be renewed: ${messageOf(error)}`
      }
    },
  }

  async #renew(isForced: boolean): Promise<boolean> {
    const { source, log } = this.#options
    try {
      const newer = await source.newer(this.#material, isForced)
      if (newer !== null) this.#show(newer)
      this.#failure = null
      if (newer === null) return false
    } catch (error) {
      this.#failure = messageOf(error)
      throw error
    }
    const { fingerprint, validUntil } = this.#facts
    log.info('another certificate is shown from now on', { fingerprint, until: new Date(validUntil).toISOString() })
    return true
  }

  #show(material: Material): void {
    const facts = readCertificate(material.certificate)
    for (const listener of this.#listeners) listener(material)
    this.#material = material
    this.#facts = facts
  }
}

export async function openKeeper(options: KeeperOptions): Promise<CertificateKeeper> {
  return new CertificateKeeper(await options.source.open(), options)
}
