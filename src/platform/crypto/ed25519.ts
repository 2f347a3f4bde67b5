import { createPrivateKey, createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto'
import { sha256 } from './hash.ts'

/** A pair as RFC 8037 writes it, without its `kty` and `crv`: 32 bytes each in base64url. */
export interface KeyPairText {
  /** The public part. */
  readonly x: string
  /** The secret part. */
  readonly d: string
}

export function newKeyPair(): KeyPairText {
  const { x, d } = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' })
  if (x === undefined || d === undefined) throw new Error('The runtime gave a key pair without its parts.')
  return { x, d }
}

/** Signs bytes; the key is read once. Throws when the parts are no pair. */
export function createSigner({ x, d }: KeyPairText): (bytes: Uint8Array) => Uint8Array {
  const key = createPrivateKey({ key: { kty: 'OKP', crv: 'Ed25519', x, d }, format: 'jwk' })
  return (bytes) => sign(null, bytes, key)
}

/** About 60 µs each. */
export function createVerifier(x: string): (bytes: Uint8Array, signature: Uint8Array) => boolean {
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' })
  return (bytes, signature) => signature.length === signatureBytes && verify(null, bytes, key, signature)
}

/** RFC 7638: a name for a key that anybody can work out from it. */
export function thumbprint(x: string): string {
  return toBase64Url(sha256(`{"crv":"Ed25519","kty":"OKP","x":"${x}"}`))
}

export function toBase64Url(content: Uint8Array | string): string {
  return Buffer.from(content).toString('base64url')
}

/** null: not base64url, or not as it would be written (other spare bits, padding). */
export function fromBase64Url(text: string): Uint8Array | null {
  const bytes = Buffer.from(text, 'base64url')
  return bytes.toString('base64url') === text ? bytes : null
}

const signatureBytes = 64
