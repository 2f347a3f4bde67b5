import { readFile, stat } from 'node:fs/promises'
import { AppError, messageOf } from '#kernel/errors.ts'
import { isPair, readCertificate } from '#platform/crypto/certificate.ts'
import type { CertificateSource, Material } from './keeper.ts'

export interface CertificateFiles {
  readonly certificate: string
  readonly key: string
}

/**
 * A certificate that somebody else keeps (certbot, an ACME client, the company's own authority): read again when one
 * of the files changes. While the two do not belong together, because only one is written yet, the former stays.
 */
export function certificateFiles(files: CertificateFiles): CertificateSource {
  let seen = ''
  const load = async (): Promise<Material> => {
    seen = await marksOf(files)
    return readPair(files)
  }
  return {
    from: 'files',
    open: load,
    async newer(shown, isForced) {
      if (!isForced && (await marksOf(files)) === seen) return null
      const found = await load().catch((error: unknown) => {
        // Looked at again at the next turn, also when nothing more is written.
        seen = ''
        throw error
      })
      return found.certificate === shown.certificate && found.key === shown.key ? null : found
    },
    renewsAt: () => null,
  }
}

async function readPair({ certificate, key }: CertificateFiles): Promise<Material> {
  const material = { certificate: await textOf(certificate), key: await textOf(key) }
  inFile(certificate, () => readCertificate(material.certificate))
  if (inFile(key, () => isPair(material.certificate, material.key))) return material
  throw unusable(key, `it is not the key of the certificate in ${certificate}`)
}

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    throw unusable(path, messageOf(error))
  }
}

function inFile<T>(path: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    throw unusable(path, messageOf(error))
  }
}

const unusable = (path: string, why: string): AppError =>
  new AppError('invalid', `${path} cannot be used: ${why}.`, { reason: 'certificate_unusable' })

/** Through links: renewal programs put a new one in place. */
async function marksOf({ certificate, key }: CertificateFiles): Promise<string> {
  const marks = await Promise.all([certificate, key].map((path) => stat(path).catch(() => null)))
  return marks.map((mark) => (mark === null ? 'absent' : `${mark.mtimeMs} ${mark.size} ${mark.ino}`)).join(' ')
}
