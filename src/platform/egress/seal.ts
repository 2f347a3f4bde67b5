import type { Destination, Outbound } from './contract.ts'

declare const scrubbed: unique symbol

/**
 * A request that may go to one cloud: somebody looked at every byte of it. Nobody but the holder of a `Seal` can make
 * one (a cast gets past the compiler, not past the door), and only `src/privacy/` is given it.
 */
export interface ScrubbedRequest {
  readonly [scrubbed]: true
}

export interface Seal {
  /** For this destination and no other; what is in it must not change any more. */
  close(to: Destination, what: Outbound): ScrubbedRequest
  /** What was sealed for this destination; null: it is none of this seal's, or meant for another place. */
  open(to: Destination, request: ScrubbedRequest): Outbound | null
}

/** One for each door; `compose.ts` gives it to the door and to privacy. */
export function createSeal(): Seal {
  const sealed = new WeakMap<ScrubbedRequest, { readonly baseUrl: string; readonly what: Outbound }>()
  return {
    close({ baseUrl }, what) {
      const request = Object.freeze({}) as ScrubbedRequest
      sealed.set(request, { baseUrl, what: Object.freeze({ ...what }) })
      return request
    },
    open({ baseUrl }, request) {
      const found = sealed.get(request)
      return found === undefined || found.baseUrl !== baseUrl ? null : found.what
    },
  }
}
