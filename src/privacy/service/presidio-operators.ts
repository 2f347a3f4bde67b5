import { decryptCbc, encryptCbc, isCbcKey } from '#platform/crypto/cbc.ts'
import { sha256Hex, sha512Hex } from '#platform/crypto/hash.ts'
import { randomHex } from '#platform/crypto/random.ts'

/** What is done with a place: the operators of Presidio, with their own complaints. */

export interface Operator {
  readonly name: string
  readonly parameters: Readonly<Record<string, unknown>>
}

/** 422: what Presidio says of parameters that do not fit. */
export class BadParameter extends Error {}

export const anonymizers = ['encrypt', 'hash', 'keep', 'mask', 'redact', 'replace'] as const
export const deanonymizers = ['decrypt', 'deanonymize_keep'] as const

type Operate = (value: string, parameters: Operator['parameters'], entity: string) => string

/** Throws BadParameter. */
export function operate(
  known: readonly string[],
  { name, parameters }: Operator,
  place: { readonly value: string; readonly entity: string },
): string {
  const run = known.includes(name) ? operators[name] : undefined
  if (run === undefined) throw new BadParameter(`Invalid operator class '${name.slice(0, 100)}'.`)
  return run(place.value, parameters, place.entity)
}

const operators: Readonly<Record<string, Operate>> = {
  keep: (value) => value,
  deanonymize_keep: (value) => value,
  redact: () => '',
  replace(_, { new_value: given }, entity) {
    check(given, 'new_value', 'string')
    return typeof given === 'string' && given !== '' ? given : `<${entity}>`
  },
  mask(value, { masking_char: char, chars_to_mask: count, from_end: isFromEnd }) {
    need(char, 'masking_char', 'string')
    const mark = String(char)
    if ([...mark].length > 1) throw new BadParameter('Invalid input, masking_char must be a character')
    need(count, 'chars_to_mask', 'number')
    need(isFromEnd, 'from_end', 'boolean')
    const letters = [...value]
    const masked = Math.max(0, Math.min(letters.length, Number(count)))
    const marks = mark.repeat(masked)
    const kept = letters.length - masked
    return isFromEnd === true ? letters.slice(0, kept).join('') + marks : marks + letters.slice(masked).join('')
  },
  hash(value, parameters) {
    const type = parameters['hash_type'] ?? 'sha256'
    if (type !== 'sha256' && type !== 'sha512') {
      const shown = typeof type === 'string' ? type.slice(0, 100) : typeof type
      throw new BadParameter(`Parameter hash_type value ${shown} is not in range of values ['sha256', 'sha512']`)
    }
    const salted = Buffer.concat([Buffer.from(value), saltOf(parameters['salt'])])
    return type === 'sha256' ? sha256Hex(salted) : sha512Hex(salted)
  },
  encrypt: (value, { key }) => encryptCbc(keyOf(key), value),
  decrypt(value, { key }) {
    const plain = decryptCbc(keyOf(key), value)
    if (plain === null) throw new BadParameter('Invalid input, the text was not encrypted with this key')
    return plain
  },
}

function saltOf(salt: unknown): Uint8Array {
  if (salt === undefined) return Buffer.from(randomHex(32), 'hex')
  const bytes = Buffer.from(typeof salt === 'string' ? salt : '')
  if (bytes.length === 0)
    throw new BadParameter(
      'Salt parameter cannot be empty. Either omit the salt parameter to auto-generate a random salt, or provide a ' +
        'salt of at least 16 bytes (128 bits).',
    )
  if (bytes.length >= 16) return bytes
  throw new BadParameter(`Salt must be at least 16 bytes (128 bits). Provided salt is ${bytes.length} bytes.`)
}

function keyOf(key: unknown): Uint8Array {
  need(key, 'key', 'string')
  const bytes = new TextEncoder().encode(String(key))
  if (isCbcKey(bytes)) return bytes
  throw new BadParameter('Invalid input, key must be of length 128, 192 or 256 bits')
}

type JsonType = 'string' | 'number' | 'boolean'

function need(value: unknown, name: string, type: JsonType): void {
  if (value === undefined || value === null) throw new BadParameter(`Expected parameter ${name}`)
  check(value, name, type)
}

/** As Presidio, which lets pass whatever is empty or 0. */
export function check(value: unknown, name: string, type: JsonType): void {
  if (!value || typeof value === type) {
    if (type !== 'number' || typeof value !== 'number' || Number.isInteger(value)) return
    throw new BadParameter(`Invalid parameter value for '${name}'.`)
  }
  const given = Array.isArray(value) ? 'array' : typeof value
  throw new BadParameter(`Invalid parameter value for ${name}. Expecting '${type}', but got '${given}'.`)
}
