/**
 * What one look may cost, in steps of the comparison: about a millisecond. Whoever asks for what is not there must not
 * hold up everybody else, however many names there are.
 */
const mostSteps = 300_000
/** Texts are compared up to here. */
const mostLetters = 128

/**
 * The names most like `wanted`, best first: what a person who mistyped probably meant.
 * Edit distance, case-blind; a name that contains the wanted text counts as near. At most `limit` names. Of very many
 * names the last ones are only looked at for containing it.
 */
export function nearestNames(wanted: string, names: Iterable<string>, limit = 3): readonly string[] {
  const needle = wanted.toLowerCase()
  const scored: { readonly name: string; readonly distance: number }[] = []
  let steps = 0
  for (const name of names) {
    const candidate = name.toLowerCase()
    const most = Math.max(2, Math.floor(Math.max(needle.length, candidate.length) * 0.4))
    if (needle.length >= 3 && (candidate.includes(needle) || needle.includes(candidate))) {
      scored.push({ name, distance: 1 })
      continue
    }
    // Every letter that one has more is a difference.
    if (Math.abs(needle.length - candidate.length) > most || steps > mostSteps) continue
    steps += Math.min(needle.length, mostLetters) * Math.min(candidate.length, mostLetters)
    const distance = editDistance(needle, candidate)
    if (distance <= most) scored.push({ name, distance })
  }
  scored.sort((a, b) => a.distance - b.distance || a.name.length - b.name.length || a.name.localeCompare(b.name))
  return scored.slice(0, limit).map((entry) => entry.name)
}

/** Levenshtein's distance with one row of memory; texts are cut so that its cost has a limit. */
export function editDistance(left: string, right: string): number {
  const a = left.slice(0, mostLetters)
  const b = right.slice(0, mostLetters)
  const row = new Uint16Array(b.length + 1).map((_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const letter = a.charCodeAt(i - 1)
    /** What stood at `j - 1` in the row above. */
    let diagonal = i - 1
    row[0] = i
    for (let j = 1; j <= b.length; j++) {
      const above = row[j] ?? 0
      const substitution = diagonal + (letter === b.charCodeAt(j - 1) ? 0 : 1)
      row[j] = Math.min(above + 1, (row[j - 1] ?? 0) + 1, substitution)
      diagonal = above
    }
  }
  return row[b.length] ?? 0
}
