import { AppError } from '#kernel/errors.ts'
import type { Caller } from '#kernel/words.ts'
import { scopes } from '#kernel/words.ts'
import type { AnyRoute } from '#platform/http/route.ts'
import { route } from '#platform/http/route.ts'
import * as wire from '#protocol/admin/auth.ts'
import { readSessionCookie, writeSessionCookie } from './core/cookie.ts'
import { iso, toWire } from './core/key.ts'
import { judgeSessionOrigin } from './core/session-origin.ts'
import { refused } from './errors.ts'
import type { AuditParts } from './http/audit.ts'
import { auditRoutes } from './http/audit.ts'
import type { PeopleParts } from './http/people.ts'
import { peopleRoutes } from './http/people.ts'
import { requirePermission } from './http/permission.ts'
import type { SignInParts } from './http/sign-in.ts'
import { signInRoutes } from './http/sign-in.ts'
import { localKey } from './service/key-caller.ts'
import type { Keys, MadeKey } from './service/keys.ts'
import type { People } from './service/people.ts'
import type { Proof } from './service/sessions.ts'
import { sessionMs } from './service/sessions.ts'

export interface HttpParts extends PeopleParts, SignInParts, AuditParts {
  readonly keys: Keys
  /** `http://127.0.0.1:9999`, or what stands before it. */
  readonly publicUrl: () => string
  readonly resetAdmin: (from: string) => Promise<string>
}

export function createRoutes(parts: HttpParts): readonly AnyRoute[] {
  return [
    ...keyRoutes(parts),
    ...sessionRoutes(parts),
    ticketRoute(parts),
    ...adminRoutes(parts),
    ...auditRoutes(parts),
    ...signInRoutes(parts),
    ...peopleRoutes(parts),
  ]
}

function keyRoutes({ keys, people }: HttpParts): readonly AnyRoute[] {
  // People look after their own; the keys of others, and those of the house, are for administrators.
  const keysOnly = { tag: 'keys', scope: 'known' } as const
  return [
    route({
      ...keysOnly,
      method: 'POST',
      path: '/api/keys',
      summary: 'Make an API key; its text is in this answer and nowhere else',
      body: wire.newKey,
      status: 201,
      responses: { 201: wire.keyWithSecret },
      async handle({ body, caller, from }) {
        requirePermission(people, caller, 'api_key.create')
        const expiresAt = typeof body.expiresAt === 'string' ? Date.parse(body.expiresAt) : null
        return withSecret(await keys.create({ ...body, expiresAt }, { caller, from }))
      },
    }),
    route({
      ...keysOnly,
      method: 'GET',
      path: '/api/keys',
      summary: 'API keys, newest first, without their secrets: all for administrators, their own for people',
      responses: { 200: wire.keyList },
      handle({ caller }) {
        requirePermission(people, caller, 'api_key.read')
        return { data: keys.list(caller).map(toWire) }
      },
    }),
    route({
      ...keysOnly,
      method: 'DELETE',
      path: '/api/keys/{id}',
      summary: 'Revoke a key: refused at once, and what runs with it is cut',
      params: wire.keyPath,
      responses: { 200: wire.keyView },
      async handle({ params, caller, from }) {
        requirePermission(people, caller, 'api_key.revoke')
        return toWire(await keys.revoke(params.id, { caller, from }))
      },
    }),
    route({
      ...keysOnly,
      method: 'POST',
      path: '/api/keys/{id}/rotate',
      summary: 'Give a key a new secret; the old one is taken for graceSeconds more',
      params: wire.keyPath,
      body: wire.keyRotation,
      responses: { 200: wire.keyWithSecret },
      async handle({ params, body, caller, from }) {
        requirePermission(people, caller, 'api_key.create')
        return withSecret(await keys.rotate(params.id, body.graceSeconds, { caller, from }))
      },
    }),
  ]
}

function sessionRoutes({ door, sessions, people, publicUrl }: HttpParts): readonly AnyRoute[] {
  const tag = 'sessions'
  const cookie = (token: string, maxAgeSeconds: number, isSecure: boolean) =>
    writeSessionCookie(token, { maxAgeSeconds, isSecure: isSecure || publicUrl().startsWith('https://') })
  return [
    route({
      tag,
      scope: null,
      method: 'POST',
      path: '/api/sessions',
      summary: 'Sign in with a browser, by a one-time ticket, a key, or name and password; the answer sets a cookie',
      body: wire.signIn,
      responses: { 201: wire.sessionView },
      async handle({ request, body, from, isSecure }) {
        refuseForeignSignIn(request, publicUrl())
        const { token, caller } = await sessions.signIn(proofOf(body), from)
        const headers = { 'set-cookie': cookie(token, sessionMs / 1000, isSecure), 'cache-control': 'no-store' }
        return Response.json(sessionView(people, caller, 'session'), { status: 201, headers })
      },
    }),
    route({
      tag,
      // Whoever is known may ask who they are, whatever their scopes.
      scope: null,
      method: 'GET',
      path: '/api/session',
      summary: 'Who asks, and what they may do',
      responses: { 200: wire.sessionView },
      handle({ request, from, isSecure }) {
        if (from === localKey) return sessionView(people, door.localAdmin, 'local')
        const identity = door.identify(request)
        if (!identity.ok) throw refused(identity)
        const headers = new Headers({ 'cache-control': 'no-store' })
        const token = identity.by === 'session' ? tokenOf(request) : null
        // The cookie's end moves on with the session's.
        if (token !== null) headers.set('set-cookie', cookie(token, sessionMs / 1000, isSecure))
        return Response.json(sessionView(people, identity.caller, identity.by), { headers })
      },
    }),
    route({
      tag,
      scope: null,
      method: 'DELETE',
      path: '/api/session',
      summary: 'Sign this browser out',
      responses: { 200: wire.signedOut },
      async handle({ request, isSecure }) {
        const identity = door.identify(request)
        if (!identity.ok && identity.why === 'foreign') throw refused(identity)
        const token = tokenOf(request)
        if (token !== null) await sessions.signOut(token)
        const headers = { 'set-cookie': cookie('', 0, isSecure), 'cache-control': 'no-store' }
        return Response.json({ signedOut: token !== null }, { headers })
      },
    }),
  ]
}

function ticketRoute({ sessions, publicUrl }: HttpParts): AnyRoute {
  return route({
    tag: 'sessions',
    scope: 'admin',
    method: 'POST',
    path: '/api/tickets',
    summary: 'Make a sign-in link that works once, for 10 minutes',
    status: 201,
    responses: { 201: wire.ticketView },
    async handle({ caller }) {
      const { ticket, expiresAt } = await sessions.createTicket(caller)
      return { url: `${publicUrl().replace(/\/+$/, '')}/#ticket=${ticket}`, ticket, expiresAt: iso(expiresAt) }
    },
  })
}

function adminRoutes({ resetAdmin }: Pick<HttpParts, 'resetAdmin'>): readonly AnyRoute[] {
  return [
    route({
      tag: 'admin',
      scope: 'admin',
      method: 'POST',
      path: '/api/admin/reset',
      summary:
        'Make a new admin key and revoke the earlier one that Hearth made; only through the socket in HEARTH_HOME',
      responses: { 200: wire.adminKey },
      async handle({ from }) {
        if (from === localKey) return { key: await resetAdmin(from) }
        const message = 'The admin key is reset on the machine itself: run `hearth admin reset` there.'
        throw new AppError('forbidden', message, { reason: 'local_only' })
      },
    }),
  ]
}

function withSecret(made: MadeKey): wire.KeyWithSecretWire {
  return { ...toWire(made.view), key: made.key }
}

function sessionView(people: People, caller: Caller, by: wire.SessionViewWire['by']): wire.SessionViewWire {
  const person = people.personOf(caller)
  const user = person === null ? null : { id: person.id, username: person.username, role: person.role }
  return { key: caller.key, name: caller.name, scopes: scopes.filter((scope) => caller.may(scope)), by, user }
}

function proofOf({ ticket, key, username, password }: wire.SignInWire): Proof {
  const given = [ticket, key, username ?? password].filter((one) => one !== undefined).length
  if (given === 1 && ticket !== undefined) return { ticket }
  if (given === 1 && key !== undefined) return { key }
  if (given === 1 && username !== undefined && password !== undefined) return { username, password }
  const message =
    'Send {"ticket": …} from a sign-in link, {"key": "hk-…"}, or {"username": …, "password": …}; one of the three.'
  throw new AppError('invalid', message, { reason: 'invalid_request', param: 'ticket' })
}

/** Another site must not sign somebody in as somebody else either. Programs without these headers may sign in. */
function refuseForeignSignIn(request: Request, publicUrl: string): void {
  const foreign = judgeSessionOrigin({
    method: 'GET',
    origin: request.headers.get('origin'),
    secFetchSite: request.headers.get('sec-fetch-site'),
    host: request.headers.get('host'),
    publicUrl,
  })
  if (foreign !== null) throw refused({ ok: false, why: 'foreign', message: foreign })
}

function tokenOf(request: Request): string | null {
  const cookies = request.headers.get('cookie')
  return cookies === null ? null : readSessionCookie(cookies)
}
