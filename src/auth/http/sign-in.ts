import { scopes } from '#kernel/words.ts'
import type { AnyRoute } from '#platform/http/route.ts'
import { route } from '#platform/http/route.ts'
import * as wire from '#protocol/admin/people.ts'
import { AppError } from '#kernel/errors.ts'
import type { Door } from '../contract.ts'
import { readSessionCookie } from '../core/cookie.ts'
import { presentedKey } from '../core/credentials.ts'
import { toUserWire } from '../core/user.ts'
import { personNeeded, refused } from '../errors.ts'
import type { Entrance } from '../service/entrance.ts'
import { localKey } from '../service/key-caller.ts'
import type { Links } from '../service/links.ts'
import type { Logins, TokenPair } from '../service/logins.ts'
import type { People } from '../service/people.ts'
import type { Sessions } from '../service/sessions.ts'
import type { SigningKeys } from '../service/signing-keys.ts'

export interface SignInParts {
  readonly door: Door
  readonly people: People
  readonly entrance: Entrance
  readonly links: Links
  readonly logins: Logins
  readonly sessions: Sessions
  readonly signingKeys: SigningKeys
}

/** What people do for themselves: accounts, tokens, passwords. */
export function signInRoutes(parts: SignInParts): readonly AnyRoute[] {
  return [...accountRoutes(parts), ...tokenRoutes(parts), ...ownRoutes(parts), ...signingKeyRoutes(parts)]
}

const open = { tag: 'sign-in', scope: null } as const

function accountRoutes({ links }: SignInParts): readonly AnyRoute[] {
  return [
    route({
      ...open,
      method: 'POST',
      path: '/auth/register',
      summary: 'Make an account for oneself, where the house lets people (`auth.registration`)',
      body: wire.registration,
      status: 201,
      responses: { 201: wire.registered },
      handle: async ({ body, from }) => ({ user: toUserWire(await links.register(given(body), from)) }),
    }),
    route({
      ...open,
      method: 'POST',
      path: '/auth/password/reset',
      summary: 'Choose a password with the text of a link that an administrator made',
      body: wire.passwordReset,
      responses: { 200: wire.passwordSet },
      async handle({ body, from }) {
        const { username } = await links.choosePassword(body.token, body.password, from)
        return { username }
      },
    }),
  ]
}

function tokenRoutes({ entrance, logins }: SignInParts): readonly AnyRoute[] {
  return [
    route({
      ...open,
      method: 'POST',
      path: '/auth/login',
      summary: 'Sign in with a user name or e-mail address and a password; gives an access and a refresh token',
      body: wire.login,
      responses: { 200: wire.tokens },
      async handle({ body, from }) {
        const user = await entrance.prove(nameOf(body), body.password, from)
        return tokensWire(await logins.begin(user, from))
      },
    }),
    route({
      ...open,
      method: 'POST',
      path: '/auth/refresh',
      summary: 'A new pair of tokens for a refresh token, which is good once',
      body: wire.refreshing,
      responses: { 200: wire.tokens },
      handle: async ({ body, from }) => tokensWire(await logins.refresh(body.refresh_token, from)),
    }),
    route({
      ...open,
      method: 'POST',
      path: '/auth/revoke',
      summary: 'End the sign-in of an access or refresh token, with every token that it brought',
      body: wire.revoking,
      responses: { 200: wire.revoked },
      async handle({ body, from }) {
        await logins.revoke(body.token, from)
        return { revoked: true }
      },
    }),
  ]
}

function ownRoutes({ door, people, entrance, logins, sessions }: SignInParts): readonly AnyRoute[] {
  const own = { tag: 'sign-in', scope: 'known' } as const
  return [
    route({
      ...own,
      method: 'GET',
      path: '/auth/me',
      summary: 'Who asks, and what they may do',
      responses: { 200: wire.me },
      handle({ request, caller, from }) {
        const person = people.personOf(caller)
        const identity = from === localKey ? null : door.identify(request)
        if (identity !== null && !identity.ok) throw refused(identity)
        return {
          user: person === null ? null : toUserWire(person),
          key: caller.key,
          scopes: scopes.filter((scope) => caller.may(scope)),
          permissions: people.authorityOf(caller).permissions,
          by: identity?.by ?? 'local',
        }
      },
    }),
    route({
      ...own,
      method: 'PATCH',
      path: '/auth/me',
      summary: 'Change one’s own names and address',
      body: wire.ownChange,
      responses: { 200: wire.userView },
      async handle({ body, caller, from }) {
        const person = people.personOf(caller)
        if (person === null) throw personNeeded()
        return toUserWire(await people.change(person.id, body, { caller, from }))
      },
    }),
    route({
      ...own,
      method: 'PUT',
      path: '/auth/password',
      summary: 'Change one’s own password; every other sign-in ends, keys go on',
      body: wire.passwordChange,
      responses: { 200: wire.passwordSet },
      async handle({ request, body, caller, from }) {
        const person = people.personOf(caller)
        if (person === null) throw personNeeded()
        const spare = (generation: number) => moveOn(request, generation, { logins, sessions })
        await entrance.changePassword(person.id, { ...body, from }, spare)
        return { username: person.username }
      },
    }),
  ]
}

function signingKeyRoutes({ signingKeys, people }: SignInParts): readonly AnyRoute[] {
  return [
    route({
      ...open,
      method: 'GET',
      path: '/.well-known/jwks.json',
      summary: 'The public keys of access tokens, for programs that judge them themselves',
      responses: { 200: wire.jwks },
      handle: () =>
        Response.json({ keys: signingKeys.jwks() }, { headers: { 'cache-control': 'public, max-age=300' } }),
    }),
    route({
      tag: 'admin',
      scope: 'admin',
      method: 'POST',
      path: '/api/admin/token-keys/rotate',
      summary: 'Sign access tokens with a new key; those of the one before are taken for keepMinutes more',
      body: wire.tokenKeyRotation,
      responses: { 200: wire.tokenKey },
      async handle({ body, caller, from }) {
        const kid = await signingKeys.rotate(body.keepMinutes * 60_000)
        const detail = `tokens of before are taken for ${body.keepMinutes} min`
        await people.write({ who: caller.key, action: 'token_key.rotate', target: kid, detail, from })
        return { kid }
      },
    }),
  ]
}

/** The place in which a password is changed goes on: this cookie's session, or this token's sign-in. */
async function moveOn(
  request: Request,
  generation: number,
  { logins, sessions }: Pick<SignInParts, 'logins' | 'sessions'>,
): Promise<void> {
  const presented = presentedKey(request.headers.get('authorization'), request.headers.get('x-api-key'))
  if (presented.kind === 'key') {
    const login = logins.loginOf(presented.text)
    if (login !== null) await logins.moveOn(login, generation)
    return
  }
  const token = readSessionCookie(request.headers.get('cookie') ?? '')
  if (token !== null) await sessions.moveOn(token, generation)
}

function nameOf({ username, email }: { readonly username?: string; readonly email?: string }): string {
  const name = username ?? email
  if (name !== undefined && (username === undefined || email === undefined)) return name
  const message = 'Send {"username": …, "password": …}; an e-mail address instead of the user name is as good.'
  throw new AppError('invalid', message, { reason: 'invalid_request', param: 'username' })
}

function tokensWire(pair: TokenPair): wire.TokensWire {
  return {
    access_token: pair.accessToken,
    token_type: 'Bearer',
    expires_in: pair.expiresInSeconds,
    refresh_token: pair.refreshToken,
    refresh_expires_in: pair.refreshExpiresInSeconds,
    user: toUserWire(pair.user),
  }
}

/** Members that were not said are not there. */
function given(body: wire.RegistrationWire) {
  const { username, password, invitation, email = null, firstName = null, lastName = null, organization = null } = body
  return { username, password, invitation, email, firstName, lastName, organization }
}
