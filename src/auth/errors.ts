import { AppError } from '#kernel/errors.ts'
import type { Identity } from './contract.ts'
import { keyTextForm } from './core/key-text.ts'

export function refused(identity: Extract<Identity, { ok: false }>): AppError {
  if (identity.why === 'foreign') return new AppError('forbidden', identity.message, { reason: 'foreign_origin' })
  return new AppError('unauthenticated', identity.message, { reason: identity.reason ?? reasons[identity.why] })
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

/** To a person, whose role decides. */
export function permissionMissing(permission: string): AppError {
  const message = `Your role does not hold ${permission}. An administrator can give you one that does.`
  return new AppError('forbidden', message, { reason: 'permission_missing', details: { permission } })
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

export function unknownUser(id: string): AppError {
  const message = `There is no user ${id.slice(0, 60)}. GET /api/users lists them.`
  return new AppError('not_found', message, { reason: 'unknown_user', param: 'id' })
}

export function nameTaken(param: 'username' | 'email'): AppError {
  const message = `This ${param === 'email' ? 'e-mail address' : 'user name'} is somebody’s already.`
  return new AppError('conflict', message, { reason: `${param}_taken`, param })
}

export function tooManyUsers(limit: number): AppError {
  const message = `There are ${limit} users, which is the limit. Remove those who left.`
  return new AppError('conflict', message, { reason: 'too_many_users' })
}

export function notStored(username: string, cause: unknown): AppError {
  const message =
    `${username} is out from now on, but this could not be stored: they could come back after a restart. ` +
    'Do it again when the database answers.'
  return new AppError('unavailable', message, { reason: 'deactivation_not_stored', cause })
}

export function unknownTeam(id: string): AppError {
  const message = `There is no team ${id.slice(0, 60)}. GET /api/teams lists them.`
  return new AppError('not_found', message, { reason: 'unknown_team', param: 'teams' })
}

export function teamTaken(id: string): AppError {
  return new AppError('conflict', `There is a team ${id} already.`, { reason: 'team_taken', param: 'id' })
}

export function tooManyTeams(limit: number): AppError {
  return new AppError('conflict', `There are ${limit} teams, which is the limit.`, { reason: 'too_many_teams' })
}

export function teamInUse(id: string, members: number, keys: number): AppError {
  const message = `The team ${id} has ${members} members and ${keys} keys that work. Move or end them first.`
  return new AppError('conflict', message, { reason: 'team_in_use', param: 'id' })
}

/** The same for a name of nobody, for one that is not active, and for a wrong password. */
export function wrongPassword(): AppError {
  const message = 'The name or the password is wrong. A password is reset by an administrator.'
  return new AppError('unauthenticated', message, { reason: 'wrong_password' })
}

export function wrongCurrent(): AppError {
  const message = 'The current password is wrong; nothing was changed.'
  return new AppError('forbidden', message, { reason: 'wrong_password', param: 'current' })
}

export function tooManyAttempts(retryAfterMs: number): AppError {
  const message = `Too many failed attempts; try again in ${Math.ceil(retryAfterMs / 1000)} s.`
  return new AppError('limited', message, { reason: 'too_many_sign_ins', retryAfterMs })
}

export function badRefreshToken(): AppError {
  const message = 'This refresh token is not known, has expired, or its sign-in has ended. Sign in again.'
  return new AppError('unauthenticated', message, { reason: 'invalid_refresh_token' })
}

export function reusedRefreshToken(): AppError {
  const message =
    'This refresh token was used before. Because somebody may have copied it, its sign-in is ended, with every token ' +
    'that it brought. Sign in again.'
  return new AppError('unauthenticated', message, { reason: 'refresh_token_reused' })
}

export function badPasswordLink(): AppError {
  const message = 'This link was used already, is too old, or is not the newest one. An administrator can make another.'
  return new AppError('unauthenticated', message, { reason: 'bad_password_link', param: 'token' })
}

export function badInvitation(): AppError {
  const message = 'This invitation was used already, has expired, or is none. An administrator can make another.'
  return new AppError('forbidden', message, { reason: 'bad_invitation', param: 'invitation' })
}

export function registrationClosed(mode: 'off' | 'invite'): AppError {
  const message =
    mode === 'off'
      ? 'Nobody registers here: an administrator makes accounts.'
      : 'An invitation is needed here: an administrator makes one.'
  return new AppError('forbidden', message, { reason: 'registration_closed' })
}

export function personNeeded(): AppError {
  const message = 'This is for people: sign in with a user name and a password. A key, or the machine itself, has none.'
  return new AppError('forbidden', message, { reason: 'person_needed' })
}

export function ownerBeyondOwn(what: string): AppError {
  const message = `You cannot make a key for ${what}; an administrator can.`
  return new AppError('forbidden', message, { reason: 'owner_beyond_own', param: 'owner' })
}

export function weightBeyondOwn(): AppError {
  const message = 'How much a key weighs in the line, an administrator says; leave limits.weight out.'
  return new AppError('forbidden', message, { reason: 'weight_beyond_own', param: 'limits' })
}
