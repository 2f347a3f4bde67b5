import { openSealed, sealBytes } from '#platform/crypto/seal.ts'
import type { Origin, VaultEntry } from '../../core/words.ts'
import type { StoredEntry } from '../../ports.ts'

interface Content {
  readonly value: string
  readonly canonical: string
  readonly origin: Origin
  readonly isRestorable: boolean
  readonly createdAt: number
}

/** One surface, with the data key of its scope; bound to scope, placeholder and type: no row takes another's place. */
export function sealEntry(
  entry: VaultEntry,
  to: { readonly dataKey: Uint8Array; readonly scope: string; readonly position: number },
): StoredEntry {
  const { type, tag, form, value, canonical, origin, isRestorable, createdAt } = entry
  const content: Content = { value, canonical, origin, isRestorable, createdAt }
  const sealed = sealBytes(to.dataKey, JSON.stringify(content), placeOf(to.scope, entry))
  return { position: to.position, tag, form, type, sealed }
}

/** null: it was changed, or is of another scope. */
export function openEntry(
  stored: StoredEntry,
  from: { readonly dataKey: Uint8Array; readonly scope: string },
): VaultEntry | null {
  const plain = openSealed(from.dataKey, stored.sealed, placeOf(from.scope, stored))
  if (plain === null) return null
  const { type, tag, form } = stored
  return { type, tag, form, ...(JSON.parse(new TextDecoder().decode(plain)) as Content) }
}

function placeOf(scope: string, { tag, form, type }: Pick<VaultEntry, 'tag' | 'form' | 'type'>): string {
  return `${scope}|${type}|${tag}|${form}`
}
