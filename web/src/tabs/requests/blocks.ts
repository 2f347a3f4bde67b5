/**
 * A long list in blocks that stay the same when rows come in front: they are counted from the end, so only the first
 * block changes.
 */
export function blocksOf<T>(rows: readonly T[], size: number): readonly (readonly T[])[] {
  const first = rows.length % size
  const blocks: (readonly T[])[] = first === 0 ? [] : [rows.slice(0, first)]
  for (let from = first; from < rows.length; from += size) blocks.push(rows.slice(from, from + size))
  return blocks
}
