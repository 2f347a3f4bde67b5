import { createPrivateKey, X509Certificate } from 'node:crypto'
import type { EpochMs } from '#kernel/time.ts'

/** What a certificate says of itself. */
export interface CertificateFacts {
  readonly subject: string
  readonly issuer: string
  /** DNS names and addresses, as `localhost` and `192.168.1.5`. */
  readonly names: readonly string[]
  /** SHA-256 of the whole, as browsers and openssl show it: `AB:CD:…`. */
  readonly fingerprint: string
  readonly validFrom: EpochMs
  readonly validUntil: EpochMs
}

/** The first certificate of a PEM text. Throws an Error with a plain sentence when there is none. */
export function readCertificate(pem: string): CertificateFacts {
  const parsed = parse(pem)
  return {
    subject: lastPart(parsed.subject),
    issuer: lastPart(parsed.issuer),
    names: namesOf(parsed.subjectAltName ?? ''),
    fingerprint: parsed.fingerprint256,
    validFrom: Date.parse(parsed.validFrom),
    validUntil: Date.parse(parsed.validTo),
  }
}

/** Whether the private key belongs to the first certificate. Throws an Error when one of them cannot be read. */
export function isPair(certificatePem: string, keyPem: string): boolean {
  const certificate = parse(certificatePem)
  try {
    return certificate.checkPrivateKey(createPrivateKey(keyPem))
  } catch {
    throw new Error('it holds no private key that can be read (a key with a passphrase cannot be used)')
  }
}

/** Whether the first certificate was signed with the key of the other. */
export function isIssuedBy(certificatePem: string, authorityPem: string): boolean {
  const authority = parse(authorityPem)
  return parse(certificatePem).verify(authority.publicKey)
}

/** Those of the names and addresses for which clients do not take the first certificate. */
export function uncertified(certificatePem: string, names: readonly string[]): readonly string[] {
  const certificate = parse(certificatePem)
  const written = namesOf(certificate.subjectAltName ?? '')
  return names.filter((name) => {
    // A wildcard is asked for by nobody; it has to stand there itself.
    if (written.includes(name)) return false
    const isAddress = /^[\d.]+$/.test(name) || name.includes(':')
    return (isAddress ? certificate.checkIP(name) : certificate.checkHost(name)) === undefined
  })
}

function parse(pem: string): X509Certificate {
  try {
    return new X509Certificate(pem)
  } catch {
    throw new Error('it holds no certificate that can be read (PEM is wanted: -----BEGIN CERTIFICATE-----)')
  }
}

/** `O=Hearth\nCN=localhost` → `localhost`. */
function lastPart(name: string): string {
  const parts = name.split('\n')
  const called = parts.find((part) => part.startsWith('CN='))
  return (called ?? parts.at(-1) ?? '').replace(/^[A-Za-z]+=/, '')
}

function namesOf(text: string): readonly string[] {
  return text.split(', ').flatMap((part) => {
    const name = /^(?:DNS|IP Address):(.+)$/.exec(part.trim())?.[1]
    if (name === undefined) return []
    return [name.includes(':') ? new URL(`http://[${name}]`).hostname.slice(1, -1) : name]
  })
}
