import { AppError } from '#kernel/errors.ts'
import type { Clock } from '#kernel/time.ts'
import type { AnyRoute } from '#platform/http/route.ts'
import { route } from '#platform/http/route.ts'
import type { Handler } from '#platform/http/router.ts'
import { registration } from '#protocol/admin/people.ts'
import * as wire from '#protocol/helix/wire.ts'
import { writeError } from '#protocol/helix/write-error.ts'
import { iso } from '../core/key.ts'
import type { SignInParts } from './sign-in.ts'

export type HelixParts = Pick<SignInParts, 'entrance' | 'links' | 'logins'> & { readonly clock: Clock }

/** HelixFlow's auth service, with its bodies, for the listener of its clients. */
export function helixRoutes({ entrance, links, logins, clock }: HelixParts): readonly AnyRoute[] {
  const open = { tag: 'helix', scope: null } as const
  return [
    route({
      ...open,
      method: 'POST',
      path: '/register',
      summary: 'Make an account for oneself, where the house lets people',
      body: wire.register,
      status: 201,
      responses: { 201: wire.registered },
      async handle({ body, from }) {
        const { id } = await links.register(accountOf(body), from)
        return { success: true, message: 'The account is made; log in.', user_id: id }
      },
    }),
    route({
      ...open,
      method: 'POST',
      path: '/login',
      summary: 'Sign in with an e-mail address (or a user name) and a password',
      body: wire.login,
      responses: { 200: wire.tokens },
      async handle({ body, from }) {
        const name = body.email ?? body.username ?? ''
        const pair = await logins.begin(await entrance.prove(name, body.password, from), from)
        return { access_token: pair.accessToken, refresh_token: pair.refreshToken }
      },
    }),
    route({
      ...open,
      method: 'POST',
      path: '/refresh',
      summary: 'A new pair of tokens for a refresh token, which is good once',
      body: wire.refresh,
      responses: { 200: wire.tokens },
      async handle({ body, from }) {
        const pair = await logins.refresh(body.refresh_token, from)
        return { access_token: pair.accessToken, refresh_token: pair.refreshToken }
      },
    }),
    route({
      ...open,
      method: 'POST',
      path: '/revoke',
      summary: 'End the sign-in of a token',
      body: wire.revoke,
      responses: { 200: wire.revoked },
      async handle({ body, from }) {
        await logins.revoke(body.token, from)
        return { status: 'success' }
      },
    }),
    route({
      ...open,
      method: 'GET',
      path: '/health',
      summary: 'Whether the house answers',
      responses: { 200: wire.health },
      handle: () => {
        const timestamp = iso(clock.now())
        return { status: 'healthy', timestamp, service: 'hearth', auth_service_connected: true }
      },
    }),
  ]
}

/** Its rules of names are ours: the same schema judges both doors. */
function accountOf(body: ReturnType<typeof wire.register.parse>) {
  const { username, email, password, first_name, last_name, organization } = body
  const names = { firstName: first_name ?? null, lastName: last_name ?? null, organization: organization ?? null }
  const parsed = registration.safeParse({ username, email, password, ...names })
  if (parsed.success) return { ...names, username: parsed.data.username, email: parsed.data.email ?? null, password }
  const [issue] = parsed.error.issues
  const message = `${issue?.path.join('.') ?? 'body'}: ${issue?.message ?? 'is not valid'}.`
  throw new AppError('invalid', message, { reason: 'invalid_request', param: issue?.path.join('.') ?? 'body' })
}

/** Refusals in HelixFlow's envelope; what was answered well, streams above all, passes as it is. */
export function withHelixErrors(handler: Handler, clock: Clock): Handler {
  return async (request, at) => {
    const response = await handler(request, at)
    const isRefusal = response.status >= 400
    if (!isRefusal || !(response.headers.get('content-type') ?? '').startsWith('application/json')) return response
    const text = await response.text()
    const facts = refusalOf(text)
    if (facts === null) return new Response(text, response)
    const requestId = response.headers.get('x-request-id') ?? ''
    const body = writeError({ ...facts, status: response.status, requestId, at: iso(clock.now()) })
    const headers = new Headers(response.headers)
    headers.delete('content-length')
    return Response.json(body, { status: response.status, headers })
  }
}

/** null: it is not in our envelope. */
function refusalOf(
  text: string,
): { readonly reason: string; readonly message: string; readonly param: string | null } | null {
  try {
    const { error } = JSON.parse(text) as { error?: { message?: unknown; code?: unknown; param?: unknown } }
    if (typeof error?.message !== 'string') return null
    const reason = typeof error.code === 'string' ? error.code : ''
    return { reason, message: error.message, param: typeof error.param === 'string' ? error.param : null }
  } catch {
    return null
  }
}
