import { AppError } from '#kernel/errors.ts'
import type { Identity } from './contract.ts'
import { keyTextForm } from './core/key-text.ts'

export function refused(identity: Extract<Identity, { ok: false }>): AppError {
  if (identity.why === 'foreign') return new AppError('forbidden', identity.message, { reason: 'foreign_origin' })
  return new AppError('unauthenticated', identity.message, { reason: reasons[identity.why] })
}

/** `invalid_api_key` is the code that OpenAI's clients know. */
const reasons = {
  missing: 'missing_api_key',
  malformed: 'invalid_api_key',
  unknown: 'invalid_api_key',
  expired: 'expired_api_key',
  revoked: 'revoked_api_key',
} as const

export function scopeMissing(scope: string, keyName: string): AppError {
  const message = `The key “${keyName}” does not have the scope ${scope}. An administrator can make a key that has it.`
  return new AppError('forbidden', message, { reason: 'scope_missing', details: { scope } })
}

export function unknownKey(id: string): AppError {
  const message = `There is no key ${id.slice(0, 40)}. GET /api/keys lists them; the id is the part between the dashes.`
  return new AppError('not_found', message, { reason: 'unknown_key', param: 'id' })
}

export function keyIsOver(id: string, why: 'revoked' | 'expired'): AppError {
  return new AppError('conflict', `The key ${id} is ${why} and stays so; make a new one.`, { reason: `key_${why}` })
}

export function keyOfEnvironment(): AppError {
  const message =
    'This key comes from HEARTH_ADMIN_KEY. Change the variable and start Hearth anew; the key of now is refused then.'
  return new AppError('conflict', message, { reason: 'key_of_environment' })
}

export function tooManyKeys(limit: number): AppError {
  const message = `There are ${limit} keys in use, which is the limit. Revoke those that nobody needs.`
  return new AppError('conflict', message, { reason: 'too_many_keys' })
}

export function badAdminKey(): AppError {
  const message =
    `HEARTH_ADMIN_KEY is not of the form ${keyTextForm}. ` +
    'Leave it unset and Hearth makes an admin key at the first start, or take one that Hearth made.'
  return new AppError('invalid', message, { reason: 'bad_admin_key' })
}

export function badTicket(): AppError {
  const message = 'This sign-in link was used already or is older than 10 minutes. `hearth open` makes a new one.'
  return new AppError('unauthenticated', message, { reason: 'bad_ticket' })
}

export function tooManySignIns(retryAfterMs: number): AppError {
  const message = `Too many failed sign-ins from your address; try again in ${Math.ceil(retryAfterMs / 1000)} s.`
  return new AppError('limited', message, { reason: 'too_many_sign_ins', retryAfterMs })
}
