import type { Caller, Scope } from '#kernel/words.ts'
import type { Door } from '../contract.ts'
import { mayDoWithoutKey } from '../core/keyless.ts'
import { refused, scopeMissing } from '../errors.ts'

/** Who asks and whether they may, for the router and for the data plane. */
export interface Gate {
  /**
   * Throws AppError `unauthenticated`, or `forbidden` when the scope is missing or another site's page made the
   * request. `known`: whoever is somebody, whatever their scopes; what follows is the route's to judge.
   */
  admit(
    request: Parameters<Door['identify']>[0],
    at: { readonly isLocalSocket: boolean; readonly isTrusted?: boolean; readonly hasCertificate?: boolean },
    scope: Scope | 'known',
  ): Caller
}

/** `trusted` stands for whoever comes without a key from where none is needed. */
export function createGate(door: Door, trusted: Caller): Gate {
  return {
    admit(request, at, scope) {
      // Whoever can open the socket can read the database: a key would add nothing.
      if (at.isLocalSocket) return door.localAdmin
      const identity = door.identify(request)
      if (scope === 'known') {
        if (identity.ok) return identity.caller
        throw refused(identity)
      }
      if (!identity.ok && !(at.isTrusted && isKeyless(request, at, identity.why))) throw refused(identity)
      const caller = identity.ok ? identity.caller : trusted
      if (!caller.may(scope)) throw scopeMissing(scope, caller.name)
      return caller
    },
  }
}

type Refused = Parameters<typeof mayDoWithoutKey>[0]['why']

function isKeyless(
  { headers }: Parameters<Door['identify']>[0],
  { hasCertificate = false }: { readonly hasCertificate?: boolean },
  why: Refused,
): boolean {
  const presented = `${headers.get('authorization') ?? ''} ${headers.get('x-api-key') ?? ''}`
  const [origin, host] = [headers.get('origin'), headers.get('host')]
  return mayDoWithoutKey({ why, presented, origin, host, hasCertificate })
}
