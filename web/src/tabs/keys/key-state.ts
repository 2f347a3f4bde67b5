import type { KeyLimits, KeyView } from '../../api/types.ts'
import { strings } from '../../strings.ts'
import { number } from '../../text/format.ts'

export type KeyState = 'active' | 'expired' | 'revoked'

export function stateOf(key: KeyView, now: number): KeyState {
  if (key.revokedAt !== null) return 'revoked'
  return key.expiresAt !== null && Date.parse(key.expiresAt) <= now ? 'expired' : 'active'
}

/** Keys that open the door first, the newest on top. */
export function sortKeys(keys: readonly KeyView[]): readonly KeyView[] {
  return keys.toSorted((a, b) => b.createdAt.localeCompare(a.createdAt))
}

/** How it stands in a line, where it stands otherwise than everybody; null = like everybody. */
export function lineOf({ weight, priority }: KeyLimits): string | null {
  const said = [
    weight === null || weight === 1 ? null : strings.keys.turns(number(weight)),
    priority === 'batch' ? strings.keys.patient : null,
  ].filter((part) => part !== null)
  return said.length === 0 ? null : said.join(', ')
}

export function limitsOf(limits: KeyLimits): string {
  const said = [
    limits.requestsPerMinute === null ? null : strings.keys.perMinute(number(limits.requestsPerMinute)),
    limits.tokensPerMinute === null ? null : strings.keys.tokensPerMinute(number(limits.tokensPerMinute)),
    limits.concurrency === null ? null : strings.keys.atOnce(number(limits.concurrency)),
  ].filter((part) => part !== null)
  return said.length === 0 ? strings.keys.noLimits : said.join(', ')
}
