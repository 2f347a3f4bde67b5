import type { Exchange } from '#passage/exchange.ts'
import type { Target } from '../../core/choose.ts'
import { traceFor } from '../asking/addressing.ts'
import { noHeaders } from './handling.ts'
import type { Lane } from './lanes.ts'

const anthropicHeaders = ['anthropic-beta', 'anthropic-version'] as const

/** Headers that the target has to see: of the dialect that it shares with the caller, and of the trace. */
export function forwardedTo(
  target: Target,
  { lane, request, exchange }: { readonly lane: Lane; readonly request: Request; readonly exchange: Exchange },
): Readonly<Record<string, string>> {
  const isSame = lane.api === 'messages' && target.apis.includes('messages')
  const traceparent = traceFor(target, exchange)
  if (!isSame && traceparent === null) return noHeaders
  const forwarded: Record<string, string> = traceparent === null ? {} : { traceparent }
  if (isSame) {
    for (const name of anthropicHeaders) {
      const value = request.headers.get(name)
      if (value !== null) forwarded[name] = value
    }
  }
  return forwarded
}
