import type { Caller, Scope } from '#kernel/words.ts'
import type { Door } from '../contract.ts'
import { refused, scopeMissing } from '../errors.ts'

/** Who asks and whether they may, for the router and for the data plane. */
export interface Gate {
  /**
   * Throws AppError `unauthenticated`, or `forbidden` when the scope is missing or another site's page made the
   * request.
   */
  admit(request: Parameters<Door['identify']>[0], at: { readonly isLocalSocket: boolean }, scope: Scope): Caller
}

export function createGate(door: Door): Gate {
  return {
    admit(request, at, scope) {
      // Whoever can open the socket can read the database: a key would add nothing.
      if (at.isLocalSocket) return door.localAdmin
      const identity = door.identify(request)
      if (!identity.ok) throw refused(identity)
      if (!identity.caller.may(scope)) throw scopeMissing(scope, identity.caller.name)
      return identity.caller
    },
  }
}
