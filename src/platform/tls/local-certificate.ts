import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock, EpochMs } from '#kernel/time.ts'
import {
  isIssuedBy,
  isPair,
  readCertificate,
  uncertified,
  type CertificateFacts,
} from '#platform/crypto/certificate.ts'
import type { CertificateSource, Material } from './keeper.ts'
import { writeSecret, type LocalAuthority } from './local-authority.ts'

export interface LocalCertificateOptions {
  readonly folder: string
  readonly authority: LocalAuthority
  /** Names and addresses that it must be good for, at the moment of the question. */
  readonly names: () => readonly string[]
  readonly clock: Clock
}

/** Renewed when this much of its life is over: a month is left to notice that it fails. */
const renewAfter = 2 / 3

/** Certificates from the house's own authority, kept in one file with their key and renewed in time. */
export function localCertificate({ folder, authority, names, clock }: LocalCertificateOptions): CertificateSource {
  const file = serverFile(folder)
  const renewsAt = ({ validFrom, validUntil }: CertificateFacts): EpochMs =>
    Math.round(validFrom + (validUntil - validFrom) * renewAfter)
  const isStillRight = (certificate: string): boolean =>
    renewsAt(readCertificate(certificate)) > clock.now() && uncertified(certificate, names()).length === 0
  const isUsable = ({ certificate, key }: Material): boolean =>
    isPair(certificate, key) && isIssuedBy(certificate, authority.certificate) && isStillRight(certificate)
  const make = async (): Promise<Material> => {
    const made = await authority.forServer(names())
    await writeSecret(file, `${made.certificate}${made.key}`)
    return made
  }
  return {
    from: 'local',
    async open() {
      const kept = await readKept(file)
      return kept !== null && isKept(() => isUsable(kept)) ? kept : make()
    },
    newer: async (shown, isForced) => (!isForced && isStillRight(shown.certificate) ? null : make()),
    renewsAt,
  }
}

export const serverFile = (folder: string): string => join(folder, 'server.pem')

/** null = none, or one that is broken: another is made. */
async function readKept(file: string): Promise<Material | null> {
  const text = await readFile(file, 'utf8').catch(() => '')
  const at = text.indexOf('-----BEGIN PRIVATE KEY-----')
  return at <= 0 ? null : { certificate: text.slice(0, at), key: text.slice(at) }
}

function isKept(judge: () => boolean): boolean {
  try {
    return judge()
  } catch {
    return false
  }
}
