import type { KeyId } from '#kernel/ids.ts'
import { keyId } from '#kernel/ids.ts'

/**
 * A key as its holder writes it: `hk-<public id>-<secret>`, the id 12 of `a-z0-9`, the secret 48 lower-case hex digits.
 */
export interface KeyText {
  readonly id: KeyId
  readonly secret: string
}

const prefix = 'hk-'
const idLength = 12
const secretLength = 48
const secretAt = prefix.length + idLength + 1
export const keyTextLength = secretAt + secretLength

/** For sentences; holds nothing of a real key. */
export const keyTextForm = 'hk-<id>-<secret> (12 of a-z0-9, then 48 hex digits)'

export function formatKeyText(key: KeyText): string {
  return `${prefix}${key.id}-${key.secret}`
}

/**
 * Cuts a text of the right length and shape in its parts, else null. It does not look at the letters: the hot path
 * looks the
 * id up and hashes the secret, which finds out in any case.
 */
export function splitKeyText(text: string): KeyText | null {
  if (text.length !== keyTextLength || !text.startsWith(prefix) || text.charCodeAt(secretAt - 1) !== dash) return null
  return { id: keyId(text.slice(prefix.length, secretAt - 1)), secret: text.slice(secretAt) }
}

/** The strict reading, for what is kept or for telling a person what is wrong. */
export function parseKeyText(text: string): KeyText | null {
  return /^hk-[a-z0-9]{12}-[0-9a-f]{48}$/.test(text) ? splitKeyText(text) : null
}

const dash = 45
