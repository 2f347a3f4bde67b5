/** The names most like a mistyped one, best first; edit distance, case-blind. */
export function nearest(wanted: string, names: readonly string[], limit = 3): readonly string[] {
  const needle = wanted.toLowerCase()
  return names
    .map((name) => ({ name, distance: distanceOf(needle, name.toLowerCase()) }))
    .filter(({ name, distance }) => distance <= Math.max(1, Math.floor(Math.max(needle.length, name.length) * 0.4)))
    .sort((a, b) => a.distance - b.distance || a.name.localeCompare(b.name))
    .slice(0, limit)
    .map(({ name }) => name)
}

/** ` Did you mean a or b?`, or nothing. */
export function didYouMean(wanted: string, names: readonly string[]): string {
  const found = nearest(wanted, names)
  return found.length === 0 ? '' : ` Did you mean ${found.join(' or ')}?`
}

/**
 * Edit distance in which two neighbours that changed places count once (`laod`); a beginning counts as near (`mod`
 * for `models`).
 */
function distanceOf(left: string, right: string): number {
  if (left.length >= 2 && right.startsWith(left)) return 1
  const a = left.slice(0, 64)
  const b = right.slice(0, 64)
  let before: readonly number[] = []
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      const swap = isSwap ? (before[j - 2] ?? 0) + 1 : Infinity
      const substitution = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next[j] = Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, substitution, swap)
    }
    before = row
    row = next
  }
  return row[b.length] ?? 0
}
