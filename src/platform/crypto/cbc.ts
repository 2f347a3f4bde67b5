import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'

/**
 * AES-CBC with PKCS #7, a random initial vector before the cipher text, all of it in base64url: what other systems
 * wrote with a key of theirs. It tells nobody whether somebody changed it; what is ours is sealed (`seal.ts`).
 */
export function encryptCbc(key: Uint8Array, text: string): string {
  const iv = randomBytes(blockBytes)
  const cipher = createCipheriv(nameOf(key), key, iv)
  const bytes = Buffer.concat([iv, cipher.update(text, 'utf8'), cipher.final()])
  return bytes.toString('base64').replaceAll('+', '-').replaceAll('/', '_')
}

/** null: it is not of this key, or not encrypted at all. */
export function decryptCbc(key: Uint8Array, text: string): string | null {
  try {
    const bytes = Buffer.from(text.replaceAll('-', '+').replaceAll('_', '/'), 'base64')
    const decipher = createDecipheriv(nameOf(key), key, bytes.subarray(0, blockBytes))
    const plain = Buffer.concat([decipher.update(bytes.subarray(blockBytes)), decipher.final()])
    return new TextDecoder('utf-8', { fatal: true }).decode(plain)
  } catch {
    return null
  }
}

/** 128, 192 or 256 bits. */
export const isCbcKey = (key: Uint8Array): boolean => [16, 24, 32].includes(key.byteLength)

const blockBytes = 16
const nameOf = (key: Uint8Array): string => `aes-${key.byteLength * 8}-cbc`
