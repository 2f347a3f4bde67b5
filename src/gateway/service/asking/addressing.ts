import type { Exchange } from '#passage/exchange.ts'
import type { Destination } from '#platform/egress/contract.ts'
import type { Target } from '../../core/choose.ts'
import type { Permit } from '../../ports.ts'

/** How a target is called in sentences. */
export const nameOf = (target: Target): string =>
  target.upstream === 'local' ? `The local model ${target.model}` : `The upstream ${target.upstream}`

/** Names may hold any letters and line ends; a header with them could not be sent, or would be two. */
export const headerText = (text: string): string =>
  /^[\x20-\x7e]*$/.test(text) ? text : encodeURI(text.toWellFormed())

/** Where a target is, for the door. */
export function destinationOf(target: Target, permit: Permit): Destination {
  return {
    name: target.upstream === 'local' ? target.model : target.upstream,
    baseUrl: target.baseUrl ?? permit.baseUrl,
    locality: target.locality,
  }
}

/** A target's own headers, with the key that a local engine was started with. */
export function authorized({ headers }: Target, { token }: Permit): Readonly<Record<string, string>> {
  return token === null ? headers : { ...headers, authorization: `Bearer ${token}` }
}

/** Which trace a request belongs to; clouds are not told of the house's own. */
export function traceFor({ locality }: Target, { traceparent }: Exchange): string | null {
  return locality === 'cloud' ? null : traceparent
}

/** What a target is told beside a request that passes as it is: its key, and which trace it belongs to. */
export function ownHeaders(exchange: Exchange, target: Target, permit: Permit): Readonly<Record<string, string>> {
  const headers = authorized(target, permit)
  const traceparent = traceFor(target, exchange)
  return traceparent === null ? headers : { ...headers, traceparent }
}
