import type { Caller } from '#kernel/words.ts'
import type { Door, Identity } from '../contract.ts'
import { readSessionCookie } from '../core/cookie.ts'
import { looksLikeToken } from '../core/access-token.ts'
import { missingKey, presentedKey } from '../core/credentials.ts'
import { judgeSessionOrigin } from '../core/session-origin.ts'
import type { KeyRing } from './key-ring.ts'
import type { Logins } from './logins.ts'
import type { Sessions } from './sessions.ts'

export interface DoorOptions {
  readonly ring: KeyRing
  readonly sessions: Sessions
  readonly logins: Logins
  readonly localAdmin: Caller
  readonly publicUrl: () => string
}

export function createDoor(options: DoorOptions): Door {
  const { ring, logins, localAdmin } = options
  return {
    localAdmin,
    identify(request) {
      const authorization = request.headers.get('authorization')
      const apiKey = request.headers.get('x-api-key')
      if (authorization === null && apiKey === null) return bySession(request, options)
      const presented = presentedKey(authorization, apiKey)
      switch (presented.kind) {
        case 'key':
          return looksLikeToken(presented.text) ? logins.identify(presented.text) : ring.identify(presented.text)
        case 'malformed':
          return { ok: false, why: 'malformed', message: presented.message }
        case 'none':
          return missing
      }
    },
  }
}

const missing: Identity = Object.freeze({ ok: false, why: 'missing', message: missingKey })

function bySession(request: Parameters<Door['identify']>[0], options: DoorOptions): Identity {
  const cookies = request.headers.get('cookie')
  const token = cookies === null ? null : readSessionCookie(cookies)
  if (token === null) return missing
  const identity = options.sessions.identify(token)
  if (!identity.ok) return identity
  const foreign = judgeSessionOrigin({
    method: request.method ?? null,
    origin: request.headers.get('origin'),
    secFetchSite: request.headers.get('sec-fetch-site'),
    host: request.headers.get('host'),
    publicUrl: options.publicUrl(),
  })
  return foreign === null ? identity : { ok: false, why: 'foreign', message: foreign }
}
