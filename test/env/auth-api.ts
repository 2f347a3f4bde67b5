import { createRouter } from '../../src/platform/http/router.ts'
import { silentLogger } from '../../src/platform/log/logger.ts'
import { createHouse } from './auth-house.ts'
import type { DatabaseEngine } from './databases.ts'

export interface ApiAnswer {
  readonly status: number
  readonly headers: Headers
  readonly cookie: string | null
  readonly body: any // oxlint-disable-line no-explicit-any -- what came over the wire; every test says what it expects
}

export interface ApiOptions {
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  /** A key or an access token. */
  readonly key?: string
  readonly from?: string
}

export const origin = 'http://127.0.0.1:9999'
/** Good enough for every rule of passwords. */
export const goodPassword = 'correct donkey battery'

/** The routes of auth behind the real router; `from: 'local'` is the socket. `restart` opens them anew. */
export async function createAuthApi(engine: DatabaseEngine) {
  const house = await createHouse(engine)
  let auth = await house.open()
  const admin = auth.firstAdminKey ?? ''
  const routed = () =>
    createRouter({
      routes: auth.routes,
      gate: auth.gate,
      log: silentLogger,
      controlBodyBytes: 65_536,
      fallback: () => null,
    })
  let handler = routed()
  const call = async (request: `${string} /${string}`, options: ApiOptions = {}): Promise<ApiAnswer> => {
    const [method = '', path = ''] = request.split(' ')
    const bearer: Record<string, string> = options.key === undefined ? {} : { authorization: `Bearer ${options.key}` }
    const body = options.body === undefined ? null : JSON.stringify(options.body)
    const headers: Record<string, string> = { host: '127.0.0.1:9999', ...bearer, ...options.headers }
    const from = options.from ?? '10.0.0.1'
    const at = { from, isLocalSocket: from === 'local', setIdleTimeout: () => {} }
    const response = await handler(new Request(`${origin}${path}`, { method, headers, body }), at)
    const text = await response.text()
    return {
      status: response.status,
      headers: response.headers,
      cookie: response.headers.get('set-cookie'),
      body: text === '' ? null : JSON.parse(text),
    }
  }
  return {
    ...house,
    admin,
    call,
    get auth() {
      return auth
    },
    async restart() {
      await auth[Symbol.asyncDispose]()
      auth = await house.open()
      handler = routed()
    },
    /** A user with a good password, and their tokens. */
    async person(username: string, role = 'user', teams: readonly string[] = []) {
      const made = await call('POST /api/users', {
        key: admin,
        body: { username, role, teams, password: goodPassword },
      })
      if (made.status !== 201) throw new Error(JSON.stringify(made.body))
      const login = await call('POST /auth/login', { body: { username, password: goodPassword } })
      const { access_token: access, refresh_token: refresh } = login.body as Record<string, string>
      return { id: String(made.body.id), access: access ?? '', refresh: refresh ?? '' }
    },
  }
}

/** `403 scope_missing` */
export const reasonOf = ({ status, body }: ApiAnswer): string => `${status} ${body?.error?.code}`
