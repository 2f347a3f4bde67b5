import type { KeyId } from '#kernel/ids.ts'
import { equalConstantTime } from '#platform/crypto/hash.ts'
import { hmacSha256, openSealed, sealBytes } from '#platform/crypto/seal.ts'
import type { FactStore, KeySource } from '../ports.ts'

/** Keys for each purpose, made from the one key of the house: none can be calculated from another. */
export interface HouseKeys {
  /** What names of scopes become. */
  nameHash(owner: KeyId, name: string): string
  /** What tags are made of. */
  tagDigest(owner: KeyId, name: string, ...parts: readonly string[]): Uint8Array
  /** Data keys of scopes, bound to their scope. */
  wrap(dataKey: Uint8Array, scope: string): Uint8Array
  /** null: it was not wrapped with this key, or is another scope's. */
  unwrap(wrapped: Uint8Array, scope: string): Uint8Array | null
  /** For what is sealed with no data key: `purpose` keeps apart what is. */
  sealer(purpose: string): Sealer
  /** For keyed digests. */
  digestKey(purpose: string): Uint8Array
}

export interface Sealer {
  seal(plain: string | Uint8Array, place: string): Uint8Array
  open(sealed: Uint8Array, place: string): Uint8Array | null
}

export type KeyState =
  | { readonly kind: 'open'; readonly keys: HouseKeys }
  /** `why`: a sentence with what to do. */
  | { readonly kind: 'locked'; readonly why: string }

const factName = 'key-check'

/**
 * The key, if it is the one that the database was written with. A wrong or missing key locks the vault and nothing
 * else: the house serves what stays in it. Throws an AppError `invalid` for a key that is none.
 */
export async function openHouseKeys(source: KeySource, facts: FactStore): Promise<KeyState> {
  const expected = await facts.get(factName)
  const found = await source.read({ mayMake: expected === null })
  if (found.kind === 'locked') return found
  const check = hex(hmacSha256(found.key, 'check'))
  const standing = expected ?? (await facts.putIfAbsent(factName, check))
  if (equalConstantTime(standing, check)) return { kind: 'open', keys: createHouseKeys(found.key) }
  const why =
    'the key is not the one that this database was written with. Put the former privacy.key back, or set ' +
    'HEARTH_PRIVACY_KEY to it; processes that share a database share the key.'
  return { kind: 'locked', why }
}

export function createHouseKeys(key: Uint8Array): HouseKeys {
  const derived = new Map<string, Uint8Array>()
  const keyFor = (...purpose: readonly string[]): Uint8Array => hmacSha256(key, 'hearth-privacy', ...purpose)
  const kept = (purpose: string): Uint8Array => {
    const known = derived.get(purpose)
    if (known !== undefined) return known
    const made = keyFor(purpose)
    derived.set(purpose, made)
    return made
  }
  return {
    nameHash: (owner, name) => hex(hmacSha256(kept('names'), owner, name)),
    tagDigest: (owner, name, ...parts) => hmacSha256(keyFor('tags', owner), name, ...parts),
    wrap: (dataKey, scope) => sealBytes(kept('data-keys'), dataKey, scope),
    unwrap: (wrapped, scope) => openSealed(kept('data-keys'), wrapped, scope),
    sealer: (purpose) => ({
      seal: (plain, place) => sealBytes(kept(`seal ${purpose}`), plain, place),
      open: (sealed, place) => openSealed(kept(`seal ${purpose}`), sealed, place),
    }),
    digestKey: (purpose) => kept(`digest ${purpose}`),
  }
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
