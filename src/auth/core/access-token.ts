import type { Scope } from '#kernel/words.ts'
import { scopes } from '#kernel/words.ts'

/**
 * Access tokens are JWTs (RFC 9068) of one strict form, because only this house writes them and only it needs to read
 * them: EdDSA, `typ: at+jwt`, a key of ours, and the very bytes that we would write. Whatever could confuse a reader
 * (another algorithm, `jku`, a member twice, spare bits) is thereby not ours.
 */
export interface AccessClaims {
  readonly iss: string
  readonly aud: typeof audience
  /** The user's id. */
  readonly sub: string
  /** The sign-in that it belongs to: ended with it. */
  readonly sid: string
  readonly jti: string
  /** Scopes, one blank between. */
  readonly scope: string
  readonly iat: number
  readonly nbf: number
  readonly exp: number
}

export const audience = 'hearth'
/** Ours have about 600; what is longer is not looked at. */
export const mostTokenLength = 2048
/** Clocks of several machines differ. */
const leewaySeconds = 30

/** Base64url and bytes are the runtime's. */
export interface TokenCoding {
  decode(text: string): Uint8Array | null
  encode(content: string): string
}

export interface TokenKeys extends TokenCoding {
  /** null: no key of ours, or one that is not taken any more. */
  verifier(kid: string): ((bytes: Uint8Array, signature: Uint8Array) => boolean) | null
}

export type ReadToken =
  | { readonly ok: true; readonly claims: AccessClaims; readonly kid: string }
  | { readonly ok: false; readonly why: 'malformed' | 'unknown' | 'early' }
  /** Ours, but its time is over: enough for signing out with it. */
  | { readonly ok: false; readonly why: 'expired'; readonly claims: AccessClaims }

/** What is signed; the signature follows after a dot. */
export function writeAccessToken(claims: AccessClaims, kid: string, encode: TokenCoding['encode']): string {
  return `${encode(headerOf(kid))}.${encode(JSON.stringify(inOrder(claims)))}`
}

/** A token has the look of one of ours; the door then reads it as one. */
export const looksLikeToken = (text: string): boolean => text.startsWith('eyJ') && text.split('.', 4).length === 3

export function readAccessToken(
  text: string,
  at: { readonly keys: TokenKeys; readonly issuer: string; readonly nowSeconds: number },
): ReadToken {
  if (text.length > mostTokenLength) return malformed
  const [header = '', payload = '', signature = '', ...rest] = text.split('.')
  if (rest.length > 0 || header === '' || payload === '' || signature === '') return malformed
  const kid = kidOf(textOf(header, at.keys))
  if (kid === null) return malformed
  const verify = at.keys.verifier(kid)
  const signed = at.keys.decode(signature)
  if (verify === null || signed === null) return unknown
  if (!verify(new TextEncoder().encode(`${header}.${payload}`), signed)) return unknown
  const claims = claimsOf(textOf(payload, at.keys))
  if (claims === null || claims.iss !== at.issuer || claims.aud !== audience) return unknown
  if (claims.nbf > at.nowSeconds + leewaySeconds) return { ok: false, why: 'early' }
  return claims.exp <= at.nowSeconds ? { ok: false, why: 'expired', claims } : { ok: true, claims, kid }
}

/** In the order of the kernel; words that are no scopes are passed over. */
export function scopesOfClaim(scope: string): readonly Scope[] {
  const granted = new Set(scope.split(' '))
  return scopes.filter((one) => granted.has(one))
}

const malformed: ReadToken = { ok: false, why: 'malformed' }
const unknown: ReadToken = { ok: false, why: 'unknown' }

const headerOf = (kid: string): string => JSON.stringify({ alg: 'EdDSA', typ: 'at+jwt', kid })

/** The header has to be the one that we would write for its key: no other member, no other algorithm, nothing twice. */
function kidOf(text: string | null): string | null {
  const kid = text === null ? undefined : objectOf(text)?.['kid']
  return typeof kid === 'string' && headerOf(kid) === text ? kid : null
}

function claimsOf(text: string | null): AccessClaims | null {
  const value = text === null ? null : objectOf(text)
  if (value === null) return null
  const isWhole =
    ['iss', 'aud', 'sub', 'sid', 'jti', 'scope'].every((name) => typeof value[name] === 'string') &&
    ['iat', 'nbf', 'exp'].every((name) => Number.isSafeInteger(value[name]))
  const claims = value as unknown as AccessClaims
  return isWhole && JSON.stringify(inOrder(claims)) === text ? claims : null
}

function inOrder({ iss, aud, sub, sid, jti, scope, iat, nbf, exp }: AccessClaims): AccessClaims {
  return { iss, aud, sub, sid, jti, scope, iat, nbf, exp }
}

function textOf(part: string, { decode }: TokenCoding): string | null {
  const bytes = decode(part)
  if (bytes === null) return null
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return null
  }
}

function objectOf(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null
  } catch {
    return null
  }
}
