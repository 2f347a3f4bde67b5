import { existsSync } from 'node:fs'
import { chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { AppError, messageOf } from '#kernel/errors.ts'
import type { Clock } from '#kernel/time.ts'
import { isPair, readCertificate, type CertificateFacts } from '#platform/crypto/certificate.ts'

export interface LocalAuthorityOptions {
  /** `HEARTH_HOME/tls`. */
  readonly folder: string
  readonly hostname: string
  readonly clock: Clock
}

export interface Issued {
  readonly certificate: string
  readonly key: string
}

const dayMs = 86_400_000
/** Clocks of other machines may be behind. */
const clockSkewMs = 3_600_000
const authorityDays = 3650
const serverDays = 90
const subjectLimit = 64
const secretMode = 0o600
const openMode = 0o644

/**
 * The house's own certificate authority: a key that stays in HEARTH_HOME, and a certificate that people hand to the
 * devices that shall trust this house. Made at the first need, never replaced by itself: what trusts it would stop.
 */
export class LocalAuthority {
  readonly certificate: string
  readonly facts: CertificateFacts
  readonly #key: string
  readonly #clock: Clock
  readonly #folder: string

  constructor(own: Issued, options: Pick<LocalAuthorityOptions, 'folder' | 'clock'>) {
    this.certificate = own.certificate
    this.facts = readCertificate(own.certificate)
    this.#key = own.key
    this.#clock = options.clock
    this.#folder = options.folder
  }

  /** Where its certificate lies, for other devices. */
  get file(): string {
    return certificateFile(this.#folder)
  }

  forServer(names: readonly string[]): Promise<Issued> {
    return this.#issue('server', { subject: names[0] ?? 'localhost', names, days: serverDays })
  }

  forClient(name: string, days: number): Promise<Issued> {
    return this.#issue('client', { subject: name, names: [], days })
  }

  async #issue(
    kind: 'server' | 'client',
    what: { readonly subject: string; readonly names: readonly string[]; readonly days: number },
  ): Promise<Issued> {
    const { issueCertificate } = await import('#platform/crypto/issue-certificate.ts')
    const now = this.#clock.now()
    const validFrom = Math.max(now - clockSkewMs, this.facts.validFrom)
    // What outlives its authority is refused by whoever checks it.
    const validUntil = Math.min(now + what.days * dayMs, this.facts.validUntil)
    const subject = what.subject.slice(0, subjectLimit)
    const authority = { certificate: this.certificate, key: this.#key }
    return issueCertificate({ kind, subject, names: what.names, validFrom, validUntil }, authority)
  }
}

/** Opens the authority of this house, and makes it where there is none. */
export async function openLocalAuthority(options: LocalAuthorityOptions): Promise<LocalAuthority> {
  const { folder } = options
  if (!existsSync(certificateFile(folder)) && !existsSync(keyFile(folder))) await makeAuthority(options)
  try {
    const [certificate, key] = await Promise.all([
      readFile(certificateFile(folder), 'utf8'),
      readFile(keyFile(folder), 'utf8'),
    ])
    if (!isPair(certificate, key)) throw new Error('the key does not belong to the certificate')
    return new LocalAuthority({ certificate, key }, options)
  } catch (cause) {
    const message =
      `The certificate authority in ${folder} cannot be used: ${messageOf(cause)}. Put ca.crt and ca.key back, or take ` +
      'both away: Hearth makes a new authority, and every device has to be given its ca.crt anew.'
    throw new AppError('invalid', message, { reason: 'authority_unusable', cause })
  }
}

export const certificateFile = (folder: string): string => join(folder, 'ca.crt')
export const keyFile = (folder: string): string => join(folder, 'ca.key')

async function makeAuthority({ folder, hostname, clock }: LocalAuthorityOptions): Promise<void> {
  const { issueCertificate } = await import('#platform/crypto/issue-certificate.ts')
  const now = clock.now()
  const subject = `Hearth on ${hostname}`.slice(0, subjectLimit)
  const validFrom = now - clockSkewMs
  const validUntil = now + authorityDays * dayMs
  const made = issueCertificate({ kind: 'authority', subject, names: [], validFrom, validUntil }, null)
  // The certificate comes last: where it is, its key is too.
  await writeSecret(keyFile(folder), made.key)
  await writeInPlace(certificateFile(folder), made.certificate, openMode)
}

/** Only its owner may read it; a reader sees the old or the new, never half. */
export const writeSecret = (path: string, content: string): Promise<void> => writeInPlace(path, content, secretMode)

async function writeInPlace(path: string, content: string, mode: number): Promise<void> {
  await mkdir(join(path, '..'), { recursive: true, mode: 0o700 })
  const beside = `${path}.new`
  await writeFile(beside, content, { mode })
  // A file that was left there by an end in the middle keeps the mode it had.
  await chmod(beside, mode)
  await rename(beside, path)
}
