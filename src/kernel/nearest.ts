/**
 * The names most like `wanted`, best first: what a person who mistyped probably meant.
 * Edit distance, case-blind; a name that contains the wanted text counts as near. At most `limit` names.
 */
export function nearestNames(wanted: string, names: Iterable<string>, limit = 3): readonly string[] {
  const needle = wanted.toLowerCase()
  const scored: { readonly name: string; readonly distance: number }[] = []
  for (const name of names) {
    const candidate = name.toLowerCase()
    const isPart = needle.length >= 3 && (candidate.includes(needle) || needle.includes(candidate))
    const distance = isPart ? 1 : editDistance(needle, candidate)
    if (distance <= Math.max(2, Math.floor(Math.max(needle.length, candidate.length) * 0.4)))
      scored.push({ name, distance })
  }
  scored.sort((a, b) => a.distance - b.distance || a.name.length - b.name.length || a.name.localeCompare(b.name))
  return scored.slice(0, limit).map((entry) => entry.name)
}

/** Levenshtein's distance with one row of memory; texts are cut at 128 characters so that its cost has a limit. */
export function editDistance(left: string, right: string): number {
  const a = left.slice(0, 128)
  const b = right.slice(0, 128)
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const substitution = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next[j] = Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, substitution)
    }
    row = next
  }
  return row[b.length] ?? 0
}
