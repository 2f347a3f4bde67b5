import { AppError } from '#kernel/errors.ts'
import type { Caller } from '#kernel/words.ts'
import { scopes } from '#kernel/words.ts'
import type { AnyRoute } from '#platform/http/route.ts'
import { route } from '#platform/http/route.ts'
import * as wire from '#protocol/admin/auth.ts'
import type { Door } from './contract.ts'
import { readSessionCookie, writeSessionCookie } from './core/cookie.ts'
import { iso, toWire } from './core/key.ts'
import { judgeSessionOrigin } from './core/session-origin.ts'
import { refused } from './errors.ts'
import type { AuditLog } from './service/audit-log.ts'
import { localKey } from './service/key-caller.ts'
import type { Keys, MadeKey } from './service/keys.ts'
import type { Sessions } from './service/sessions.ts'
import { sessionMs } from './service/sessions.ts'

export interface HttpParts {
  readonly door: Door
  readonly keys: Keys
  readonly sessions: Sessions
  readonly audit: AuditLog
  /** `http://127.0.0.1:9999`, or what stands before it. */
  readonly publicUrl: () => string
  readonly resetAdmin: (from: string) => Promise<string>
}

export function createRoutes(parts: HttpParts): readonly AnyRoute[] {
  return [...keyRoutes(parts), ...sessionRoutes(parts), ticketRoute(parts), ...adminRoutes(parts)]
}

function keyRoutes({ keys }: HttpParts): readonly AnyRoute[] {
  const keysOnly = { tag: 'keys', scope: 'admin' } as const
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
        const expiresAt = typeof body.expiresAt === 'string' ? Date.parse(body.expiresAt) : null
        return withSecret(await keys.create({ ...body, expiresAt }, { caller, from }))
      },
    }),
    route({
      ...keysOnly,
      method: 'GET',
      path: '/api/keys',
      summary: 'All API keys, newest first, without their secrets',
      responses: { 200: wire.keyList },
      handle: () => ({ data: keys.list().map(toWire) }),
    }),
    route({
      ...keysOnly,
      method: 'DELETE',
      path: '/api/keys/{id}',
      summary: 'Revoke a key: refused at once, and what runs with it is cut',
      params: wire.keyPath,
      responses: { 200: wire.keyView },
      handle: async ({ params, caller, from }) => toWire(await keys.revoke(params.id, { caller, from })),
    }),
    route({
      ...keysOnly,
      method: 'POST',
      path: '/api/keys/{id}/rotate',
      summary: 'Give a key a new secret; the old one is taken for graceSeconds more',
      params: wire.keyPath,
      body: wire.keyRotation,
      responses: { 200: wire.keyWithSecret },
      handle: async ({ params, body, caller, from }) =>
        withSecret(await keys.rotate(params.id, body.graceSeconds, { caller, from })),
    }),
  ]
}

function sessionRoutes({ door, sessions, publicUrl }: HttpParts): readonly AnyRoute[] {
  const tag = 'sessions'
  const cookie = (token: string, maxAgeSeconds: number, isSecure: boolean) =>
    writeSessionCookie(token, { maxAgeSeconds, isSecure: isSecure || publicUrl().startsWith('https://') })
  return [
    route({
      tag,
      scope: null,
      method: 'POST',
      path: '/api/sessions',
      summary: 'Sign in with a browser, by a one-time ticket or a key; the answer sets a cookie',
      body: wire.signIn,
      responses: { 201: wire.sessionView },
      async handle({ request, body, from, isSecure }) {
        refuseForeignSignIn(request, publicUrl())
        const { token, caller } = await sessions.signIn(proofOf(body), from)
        const headers = { 'set-cookie': cookie(token, sessionMs / 1000, isSecure), 'cache-control': 'no-store' }
        return Response.json(sessionView(caller, 'session'), { status: 201, headers })
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
        if (from === localKey) return sessionView(door.localAdmin, 'local')
        const identity = door.identify(request)
        if (!identity.ok) throw refused(identity)
        const headers = new Headers({ 'cache-control': 'no-store' })
        const token = identity.by === 'session' ? tokenOf(request) : null
        // The cookie's end moves on with the session's.
        if (token !== null) headers.set('set-cookie', cookie(token, sessionMs / 1000, isSecure))
        return Response.json(sessionView(identity.caller, identity.by), { headers })
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

function adminRoutes({ audit, resetAdmin }: HttpParts): readonly AnyRoute[] {
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
    route({
      tag: 'admin',
      scope: 'admin',
      method: 'GET',
      path: '/api/audit',
      summary: 'Control actions, newest first',
      query: wire.auditQuery,
      responses: { 200: wire.auditPage },
      async handle({ query }) {
        await audit.written().catch(() => {})
        const before = query.cursor === undefined ? null : Number(query.cursor)
        const entries = await audit.list({ limit: query.limit, before })
        const data = entries.map(({ at, who, action, target, detail, from }) => {
          return { at: iso(at), who, action, target, detail, from: from ?? null }
        })
        const last = entries.length === query.limit ? entries.at(-1) : undefined
        return { data, next: last && last.position > 1 ? String(last.position) : null }
      },
    }),
  ]
}

function withSecret(made: MadeKey): wire.KeyWithSecretWire {
  return { ...toWire(made.view), key: made.key }
}

function sessionView(caller: Caller, by: wire.SessionViewWire['by']): wire.SessionViewWire {
  return { key: caller.key, name: caller.name, scopes: scopes.filter((scope) => caller.may(scope)), by }
}

function proofOf({ ticket, key }: wire.SignInWire): { readonly ticket: string } | { readonly key: string } {
  if (ticket !== undefined && key === undefined) return { ticket }
  if (key !== undefined && ticket === undefined) return { key }
  const message = 'Send {"ticket": …} from a sign-in link, or {"key": "hk-…"}; one of the two.'
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
