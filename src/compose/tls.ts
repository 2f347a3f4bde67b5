import { readFile } from 'node:fs/promises'
import { hostname, networkInterfaces } from 'node:os'
import { join } from 'node:path'
import type { Config } from '#config/contract.ts'
import { AppError, messageOf } from '#kernel/errors.ts'
import type { Clock } from '#kernel/time.ts'
import type { Cell } from '#kernel/words.ts'
import { readCertificate, uncertified } from '#platform/crypto/certificate.ts'
import type { Logger } from '#platform/log/logger.ts'
import { certificateFiles } from '#platform/tls/certificate-files.ts'
import { openKeeper, soonMs, type CertificateKeeper } from '#platform/tls/keeper.ts'
import { openLocalAuthority, type LocalAuthority } from '#platform/tls/local-authority.ts'
import { localCertificate } from '#platform/tls/local-certificate.ts'
import { canonical, namesToCertify } from '#platform/tls/names.ts'

/** The certificates of this house: the one that it shows, its own authority, and whom it lets in by theirs. */
export interface TlsDesk {
  readonly keeper: CertificateKeeper
  /** null: its certificate comes from files, and no client needs one of this house. */
  readonly authority: LocalAuthority | null
  /** PEM; null: no client is asked for a certificate. */
  readonly clientAuthority: string | null
  /** What a person should look at, as sentences. */
  readonly problems: () => readonly string[]
}

export interface TlsParts {
  readonly config: Cell<Config>
  readonly clock: Clock
  readonly log: Logger
}

export const tlsFolder = (home: string): string => join(home, 'tls')

/** Opens what HTTPS needs; null: the settings want none. Rejects with an AppError when a certificate cannot be used. */
export async function openTls({ config, clock, log }: TlsParts): Promise<TlsDesk | null> {
  const { server, home } = config.value
  if (server.tls === null) return null
  const folder = tlsFolder(home)
  const isAuthorityWanted = server.tls.files === null || server.mutualTls?.clientCa === null
  const authority = isAuthorityWanted ? await openLocalAuthority({ folder, hostname: hostname(), clock }) : null
  const source =
    server.tls.files === null && authority !== null
      ? localCertificate({ folder, authority, clock, names: () => wantedNames(config.value) })
      : certificateFiles(server.tls.files ?? { certificate: '', key: '' })
  const keeper = await openKeeper({
    source,
    clock,
    log,
    uncertified: (certificate) => uncertified(certificate, namedByPeople(config.value)),
  })
  const problems = () => [...keeper.problems, ...authorityProblems(authority, clock)]
  return { keeper, authority, clientAuthority: await clientAuthorityOf(config.value, authority), problems }
}

/** Every name by which this house may be called, as things are now: addresses come and go. */
export function wantedNames({ server: { hosts, names, publicUrl } }: Config): readonly string[] {
  const addresses = Object.values(networkInterfaces()).flatMap((all) => (all ?? []).map(({ address }) => address))
  return namesToCertify({ hosts, names, publicUrl, hostname: hostname(), addresses })
}

/** What the settings say themselves: a certificate from files must be good for these. */
export function namedByPeople({ server: { names, publicUrl, trustedProxies } }: Config): readonly string[] {
  // What people call a proxy is for the proxy's certificate.
  const asked = publicUrl === null || trustedProxies.length > 0 ? [] : [new URL(publicUrl).hostname]
  return [...new Set([...names, ...asked].map(canonical))]
}

async function clientAuthorityOf({ server }: Config, authority: LocalAuthority | null): Promise<string | null> {
  if (server.mutualTls === null) return null
  const file = server.mutualTls.clientCa
  if (file === null) return authority?.certificate ?? null
  try {
    const text = await readFile(file, 'utf8')
    readCertificate(text)
    return text
  } catch (cause) {
    const message = `server.mutualTls.clientCa is ${file}, which cannot be used: ${messageOf(cause)}.`
    throw new AppError('invalid', message, { reason: 'certificate_unusable', cause })
  }
}

function authorityProblems(authority: LocalAuthority | null, clock: Clock): readonly string[] {
  if (authority === null || authority.facts.validUntil - clock.now() > soonMs * 12) return []
  const day = new Date(authority.facts.validUntil).toISOString().slice(0, 10)
  return [`The authority of this house ends on ${day}; docs/guides/tls.md tells how to begin another.`]
}
