import { AppError } from '#kernel/errors.ts'
import type { Counts, PrivacyPolicy } from './contract.ts'

export function unknownPolicy(name: string, near: readonly string[]): AppError {
  const message = `There is no policy “${name.slice(0, 64)}”; there are, for example, ${near.join(', ')}.`
  return new AppError('invalid', message, { reason: 'unknown_policy', param: 'policy' })
}

export function textTooLarge(size: string, limit: string, param: string): AppError {
  const message = `This is ${size} of text, and privacy.limits.text is ${limit}: send it in parts.`
  return new AppError('too_large', message, { reason: 'text_too_large', param })
}

export function identifiersFound(counts: Counts): AppError {
  const found = Object.entries(counts)
  const list = found.map(([type, count]) => `${count} ${type}`).join(', ')
  return new AppError('blocked', `Identifiers were found: ${list}. Nothing is given back.`, {
    reason: 'identifiers_found',
    details: { by_type: counts },
  })
}

export function namesUnprotected({ name, names }: PrivacyPolicy): AppError {
  const message =
    `The policy ${name} says names: ${names}, and no recogniser of names is configured: people would stay in the ` +
    'text. Configure privacy.recogniser, or use a policy with names: known-names.'
  return new AppError('blocked', message, { reason: 'names_unprotected', param: 'policy' })
}

/** Unknown, expired and somebody else's look the same. */
export function unknownMap(param: string): AppError {
  const message = 'There is no such map for this key: it never was, it has expired, or it is of another key.'
  return new AppError('not_found', message, { reason: 'unknown_map', param })
}

export function tooManyMisses(retryAfterMs: number): AppError {
  const message = 'This key asked for too many maps that are not there; it may ask again in a while.'
  return new AppError('limited', message, { reason: 'too_many_misses', retryAfterMs })
}

export function oneOf(members: readonly string[]): AppError {
  const message = `Exactly one of ${members.join(', ')} is needed.`
  return new AppError('invalid', message, { reason: 'invalid_request', param: members[0] ?? 'body' })
}

export function unknownScope(id: string): AppError {
  const message = `There is no scope ${id.slice(0, 64)} of this key. GET /v1/privacy/scopes lists them.`
  return new AppError('not_found', message, { reason: 'unknown_scope', param: 'id' })
}

/** `why`: a sentence with what to do. */
export function vaultLocked(why: string): AppError {
  const message = `Nothing may leave for a cloud, because the vault of values is locked: ${why}`
  return new AppError('unavailable', message, { reason: 'vault_locked', isFinal: true })
}

export function vaultUnavailable(cause: unknown): AppError {
  const message = 'What would leave cannot be written down now, so nothing leaves; try again soon.'
  return new AppError('unavailable', message, { reason: 'vault_unavailable', retryAfterMs: 2000, cause })
}

export function diskFull(cause: unknown): AppError {
  const message = 'What would leave cannot be written down, because the database is full: nothing leaves. Make room.'
  return new AppError('unavailable', message, { reason: 'vault_full', retryAfterMs: 30_000, cause })
}

export function tooManyValues(limit: number): AppError {
  const message = `This conversation has ${limit} values that must not leave (privacy.limits.valuesPerScope): begin a new one.`
  return new AppError('unavailable', message, { reason: 'vault_full', isFinal: true })
}

/** Another process gave the same placeholder to something else, or the scope was deleted while it was in use. */
export function vaultChanged(): AppError {
  const message = 'The values of this conversation were changed elsewhere meanwhile: nothing left. Send it again.'
  return new AppError('unavailable', message, { reason: 'vault_changed', retryAfterMs: 100 })
}

export function vaultBusy(waiting: number): AppError {
  const message = `${waiting} requests wait for the vault of values, which is the limit; try again soon.`
  return new AppError('busy', message, { reason: 'vault_busy', retryAfterMs: 1000 })
}

/** What is kept does not open: somebody changed it, or put another database in its place. */
export function vaultDamaged(): AppError {
  const message =
    'The values of this conversation cannot be read: what the database holds was changed. Begin a new one.'
  return new AppError('unavailable', message, { reason: 'vault_damaged', isFinal: true })
}

export function badHandle(): AppError {
  const message = 'A handle is m_ and 26 of 0-9 a-z without i, l, o, u. Leave it out and one is made.'
  return new AppError('invalid', message, { reason: 'bad_handle', param: 'handle' })
}

export function badList(problem: { readonly param: string; readonly message: string }): AppError {
  return new AppError('invalid', problem.message, { reason: 'bad_list', param: problem.param })
}

export function listsChanged(version: number): AppError {
  const message = `The lists were changed meanwhile: version ${version} stands. Read them again and change that.`
  return new AppError('conflict', message, { reason: 'lists_changed', details: { version } })
}

export function badCursor(text: string): AppError {
  const message = `“${text.slice(0, 40)}” is not a cursor of this list: pass \`next\` of the page before.`
  return new AppError('invalid', message, { reason: 'invalid_request', param: 'cursor' })
}

/** What stands where nothing can be put in its place: an address, a header, a field of a form. */
export function identifiersLeft(counts: Counts): AppError {
  const list = Object.entries(counts).map(([type, count]) => `${count} ${type}`)
  return new AppError(
    'blocked',
    `Nothing was sent: the address, a header or a field of this request for a cloud holds identifiers ` +
      `(${list.join(', ')}), and there they cannot be replaced. Take them out, or use a local model.`,
    { reason: 'leak_blocked', details: { leak: { counts } } },
  )
}

export function tokensLeft(): AppError {
  const message =
    'Nothing was sent: this text came as numbers of tokens, which nobody can look into before they leave for a ' +
    'cloud. Send it as text, or use a local model.'
  return new AppError('blocked', message, { reason: 'unreadable_body' })
}

export function unreadable(what: string, cause?: unknown): AppError {
  const message =
    `Nothing was sent: this body (${what.slice(0, 60)}) cannot be looked into, and what cannot be looked into does ` +
    'not leave for a cloud. Send JSON or text, or use a local model.'
  return new AppError('blocked', message, { reason: 'unreadable_body', cause })
}

export function namesBlocked(upstream: string): AppError {
  const message =
    `Nothing was sent to ${upstream}: its policy says names: block, and no recogniser of names is configured. ` +
    'Configure privacy.recogniser, or use a local model.'
  return new AppError('blocked', message, { reason: 'names_unprotected' })
}

export function namesStay(upstream: string): string {
  return (
    `The upstream ${upstream} is a cloud, and its policy keeps free text in the house (names: local-only) as long as ` +
    'no recogniser of names is configured: use a local model for it.'
  )
}

export function internalFault(cause: unknown): AppError {
  const message = 'Nothing was sent: a fault of Hearth kept it from looking through this request. See its log.'
  return new AppError('internal', message, { reason: 'internal', cause })
}

export function handleTaken(): AppError {
  const message = 'A map with this handle is there already. Leave the handle out and a new one is made.'
  return new AppError('conflict', message, { reason: 'handle_taken', param: 'handle' })
}

/** What must never leave is not known any more: nothing may go on as if there were none. */
export function listsDamaged(): AppError {
  const message = 'The lists of privacy cannot be read: what the database holds was changed. Put it back from a copy.'
  return new AppError('unavailable', message, { reason: 'lists_damaged', isFinal: true })
}
