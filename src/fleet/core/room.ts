/** A model that is in memory now. Times in milliseconds of one clock. */
export interface Resident {
  readonly id: string
  /** null = unknown: its end promises nothing. */
  readonly reserveBytes: number | null
  readonly isPinned: boolean
  /** No request in flight and none waiting. */
  readonly isIdle: boolean
  readonly lastUsedAt: number
}

export type Room =
  | { readonly kind: 'fits' }
  /** Ending these, and no fewer, makes room. */
  | { readonly kind: 'after'; readonly victims: readonly string[] }
  /** Larger than all there is. */
  | { readonly kind: 'too_large' }
  /** What stands in the way may not be unloaded. */
  | { readonly kind: 'blocked'; readonly by: readonly string[] }

/**
 * Who must go so that `needBytes` fit: idle models first, among them the longest unused; nobody whose end is not
 * needed. An unknown need (null) fits: nobody is sent away for a guess, and the first load measures it. A null
 * budget refuses nothing.
 */
export function makeRoom(ask: {
  readonly needBytes: number | null
  readonly budgetBytes: number | null
  readonly freeBytes: number
  readonly residents: readonly Resident[]
}): Room {
  const { needBytes, budgetBytes } = ask
  if (needBytes === null || budgetBytes === null) return { kind: 'fits' }
  if (needBytes > budgetBytes) return { kind: 'too_large' }
  if (needBytes <= ask.freeBytes) return { kind: 'fits' }
  const candidates = ask.residents
    .filter((resident) => !resident.isPinned && (resident.reserveBytes ?? 0) > 0)
    .sort((a, b) => Number(b.isIdle) - Number(a.isIdle) || a.lastUsedAt - b.lastUsedAt || (a.id < b.id ? -1 : 1))
  const chosen: Resident[] = []
  let free = ask.freeBytes
  for (const candidate of candidates) {
    if (free >= needBytes) break
    chosen.push(candidate)
    free += candidate.reserveBytes ?? 0
  }
  if (free < needBytes) return { kind: 'blocked', by: ask.residents.map((resident) => resident.id).sort() }
  return { kind: 'after', victims: withoutSpare(chosen, free - needBytes).map((resident) => resident.id) }
}

/** A large late choice can make small early ones needless: those most recently used stay first. */
function withoutSpare(chosen: readonly Resident[], spareBytes: number): readonly Resident[] {
  let spare = spareBytes
  const kept = [...chosen]
  for (const resident of [...chosen].reverse()) {
    const bytes = resident.reserveBytes ?? 0
    if (kept.length > 1 && bytes <= spare) {
      kept.splice(kept.indexOf(resident), 1)
      spare -= bytes
    }
  }
  return kept
}
