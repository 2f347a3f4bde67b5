import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'

/** Of AES-256 and of keys for digests. */
export const keyBytes = 32
const ivBytes = 12
const tagBytes = 16
const cipherName = 'aes-256-gcm'

/** A key that nobody guesses: 32 random bytes. */
export function randomKey(): Uint8Array {
  return randomBytes(keyBytes)
}

/**
 * Encrypts with AES-256-GCM: a random 12-byte nonce, the 16-byte mark, the cipher text. `associated` is not encrypted
 * but has to be the same for opening it, so that a sealed value cannot be moved to another place. One key is good for
 * 2^32 values: after that two nonces may be the same by chance.
 */
export function sealBytes(key: Uint8Array, plain: string | Uint8Array, associated: string): Uint8Array {
  const iv = randomBytes(ivBytes)
  const cipher = createCipheriv(cipherName, key, iv, { authTagLength: tagBytes })
  cipher.setAAD(Buffer.from(associated))
  const body = typeof plain === 'string' ? cipher.update(plain, 'utf8') : cipher.update(plain)
  const rest = cipher.final()
  return Buffer.concat([iv, cipher.getAuthTag(), body, rest])
}

/** What `sealBytes` sealed; null: another key, another place, or somebody changed it. */
export function openSealed(key: Uint8Array, sealed: Uint8Array, associated: string): Uint8Array | null {
  if (sealed.length < ivBytes + tagBytes) return null
  const decipher = createDecipheriv(cipherName, key, sealed.subarray(0, ivBytes), { authTagLength: tagBytes })
  decipher.setAAD(Buffer.from(associated))
  decipher.setAuthTag(sealed.subarray(ivBytes, ivBytes + tagBytes))
  try {
    return Buffer.concat([decipher.update(sealed.subarray(ivBytes + tagBytes)), decipher.final()])
  } catch {
    return null
  }
}

/**
 * HMAC-SHA-256 over its parts, each with its length before it: `('ab', 'c')` and `('a', 'bc')` differ. 32 bytes,
 * 0.5 µs.
 */
export function hmacSha256(key: Uint8Array, ...parts: readonly (string | Uint8Array)[]): Uint8Array {
  const hasher = new Bun.CryptoHasher('sha256', key)
  for (const part of parts) {
    const bytes = typeof part === 'string' ? Buffer.from(part) : part
    const length = Buffer.alloc(4)
    length.writeUInt32BE(bytes.length)
    hasher.update(length).update(bytes)
  }
  return hasher.digest()
}
