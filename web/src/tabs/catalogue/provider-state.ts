import type { WorldProvider } from '../../api/catalogue.ts'

/** How this house stands with a provider, in the order that they are shown in. */
export const providerStates = ['keyless', 'ready', 'unset', 'unreached'] as const
export type ProviderState = (typeof providerStates)[number]

type Standing = Pick<WorldProvider, 'reach' | 'upstreams' | 'keyless'>

/** One upstream without a key wants something done, whatever the others do. */
export function providerState({ reach, upstreams, keyless }: Standing): ProviderState {
  if (keyless.length > 0) return 'keyless'
  if (upstreams.length > 0) return 'ready'
  return reach === 'none' ? 'unreached' : 'unset'
}
