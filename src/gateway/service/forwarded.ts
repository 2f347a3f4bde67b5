import type { Target } from '../core/choose.ts'
import { noHeaders } from './handling.ts'
import type { Lane } from './lanes.ts'

const anthropicHeaders = ['anthropic-beta', 'anthropic-version'] as const

/** Headers of the caller that the upstream has to see: those of the dialect that both speak. */
export function forwardedTo(
  target: Target,
  { lane, request }: { readonly lane: Lane; readonly request: Request },
): Readonly<Record<string, string>> {
  if (lane.api !== 'messages' || !target.apis.includes('messages')) return noHeaders
  const forwarded: Record<string, string> = {}
  for (const name of anthropicHeaders) {
    const value = request.headers.get(name)
    if (value !== null) forwarded[name] = value
  }
  return forwarded
}
