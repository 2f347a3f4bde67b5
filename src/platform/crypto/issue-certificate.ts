import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import { AsnConvert, OctetString } from '@peculiar/asn1-schema'
import {
  AlgorithmIdentifier,
  AttributeTypeAndValue,
  AttributeValue,
  AuthorityKeyIdentifier,
  BasicConstraints,
  Certificate,
  ExtendedKeyUsage,
  Extension,
  Extensions,
  GeneralName,
  id_ce_authorityKeyIdentifier,
  id_ce_basicConstraints,
  id_ce_extKeyUsage,
  id_ce_keyUsage,
  id_ce_subjectAltName,
  id_ce_subjectKeyIdentifier,
  id_kp_clientAuth,
  id_kp_serverAuth,
  KeyIdentifier,
  KeyUsage,
  KeyUsageFlags,
  Name,
  RelativeDistinguishedName,
  SubjectAlternativeName,
  SubjectKeyIdentifier,
  SubjectPublicKeyInfo,
  TBSCertificate,
  Validity,
  Version,
} from '@peculiar/asn1-x509'
import type { EpochMs } from '#kernel/time.ts'

/** A certificate with its private key, both PEM. */
export interface IssuedCertificate {
  readonly certificate: string
  readonly key: string
}

export interface CertificateRequest {
  /** Whose it is, for people: at most 64 characters. */
  readonly subject: string
  readonly kind: 'authority' | 'server' | 'client'
  /** DNS names and addresses; only of servers. */
  readonly names: readonly string[]
  readonly validFrom: EpochMs
  readonly validUntil: EpochMs
}

const ecdsaWithSha256 = '1.2.840.10045.4.3.2'
const organisationType = '2.5.4.10'
const subjectType = '2.5.4.3'
const organisation = 'Hearth'

/**
 * Makes a key (P-256) and its certificate, signed by `authority`, or by itself where there is none. What stands in it
 * follows RFC 5280: an authority may only sign certificates of the last step, a server's names are alternative names,
 * and neither server nor client can be used as the other.
 */
export function issueCertificate(request: CertificateRequest, authority: IssuedCertificate | null): IssuedCertificate {
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const key = pair.privateKey.export({ type: 'pkcs8', format: 'pem' })
  const signer = authority === null ? { key, spki: spkiOf(key) } : { key: authority.key, spki: spkiOf(authority.key) }
  const subject = nameOf(request.subject)
  const issuer = authority === null ? subject : subjectOf(authority.certificate)
  const spki = pair.publicKey.export({ type: 'spki', format: 'der' })
  const algorithm = new AlgorithmIdentifier({ algorithm: ecdsaWithSha256 })
  const body = new TBSCertificate({
    version: Version.v3,
    serialNumber: serialNumber(),
    signature: algorithm,
    issuer,
    validity: new Validity({ notBefore: new Date(request.validFrom), notAfter: new Date(request.validUntil) }),
    subject,
    subjectPublicKeyInfo: AsnConvert.parse(spki, SubjectPublicKeyInfo),
    extensions: new Extensions(extensionsOf(request, { own: spki, signer: signer.spki })),
  })
  const signature = sign('sha256', new Uint8Array(AsnConvert.serialize(body)), signer.key)
  const whole = new Certificate({
    tbsCertificate: body,
    signatureAlgorithm: algorithm,
    signatureValue: bufferOf(signature),
  })
  return { certificate: pemOf(new Uint8Array(AsnConvert.serialize(whole))), key }
}

function extensionsOf(
  { kind, names }: CertificateRequest,
  keys: { readonly own: Uint8Array; readonly signer: Uint8Array },
): Extension[] {
  const authorityKey = new AuthorityKeyIdentifier({ keyIdentifier: new KeyIdentifier(keyId(keys.signer)) })
  const shared = [
    extension(id_ce_subjectKeyIdentifier, new SubjectKeyIdentifier(keyId(keys.own))),
    extension(id_ce_authorityKeyIdentifier, authorityKey),
  ]
  if (kind === 'authority') {
    return [
      extension(id_ce_basicConstraints, new BasicConstraints({ cA: true, pathLenConstraint: 0 }), true),
      extension(id_ce_keyUsage, new KeyUsage(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign), true),
      ...shared,
    ]
  }
  const purpose = kind === 'server' ? id_kp_serverAuth : id_kp_clientAuth
  const general = names.map(generalName)
  return [
    extension(id_ce_basicConstraints, new BasicConstraints({ cA: false }), true),
    extension(id_ce_keyUsage, new KeyUsage(KeyUsageFlags.digitalSignature), true),
    extension(id_ce_extKeyUsage, new ExtendedKeyUsage([purpose])),
    ...(general.length === 0 ? [] : [extension(id_ce_subjectAltName, new SubjectAlternativeName(general))]),
    ...shared,
  ]
}

function generalName(name: string): GeneralName {
  const isAddress = /^[\d.]+$/.test(name) || name.includes(':')
  return new GeneralName(isAddress ? { iPAddress: name } : { dNSName: name })
}

function extension(id: string, value: object, isCritical = false): Extension {
  const extnValue = new OctetString(AsnConvert.serialize(value))
  return new Extension({ extnID: id, critical: isCritical, extnValue })
}

function nameOf(subject: string): Name {
  const part = (type: string, text: string) =>
    new RelativeDistinguishedName([
      new AttributeTypeAndValue({ type, value: new AttributeValue({ utf8String: text }) }),
    ])
  return new Name([part(organisationType, organisation), part(subjectType, subject)])
}

/** Byte for byte what the authority calls itself: verifiers compare the two. */
function subjectOf(certificatePem: string): Name {
  const der = Buffer.from(certificatePem.replace(/-----[^-]+-----|\s/g, ''), 'base64')
  return AsnConvert.parse(der, Certificate).tbsCertificate.subject
}

const spkiOf = (privateKeyPem: string): Uint8Array =>
  createPublicKey(createPrivateKey(privateKeyPem)).export({ type: 'spki', format: 'der' })

/** RFC 7093, method 1: the first 160 bits of the SHA-256 of the public key. */
const keyId = (spki: Uint8Array): ArrayBuffer => bufferOf(createHash('sha256').update(spki).digest().subarray(0, 20))

/** Positive, 127 bits of chance, never 0. */
function serialNumber(): ArrayBuffer {
  const bytes = randomBytes(16)
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40
  return bufferOf(bytes)
}

const bufferOf = (bytes: Uint8Array): ArrayBuffer => new Uint8Array(bytes).buffer

function pemOf(der: Uint8Array): string {
  const lines = Buffer.from(der)
    .toString('base64')
    .replaceAll(/(.{64})(?=.)/g, '$1\n')
  return `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`
}
