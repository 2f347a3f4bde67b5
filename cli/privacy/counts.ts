import type { EntityCounts } from '../../sdk/typescript/index.ts'

/** `2 EMAIL, 1 PERSON`: the most first. */
export function countsText(counts: EntityCounts): string {
  const ordered = Object.entries(counts).sort((a, b) => b[1] - a[1] || a[0].localeCompare(b[0]))
  return ordered.length === 0 ? '-' : ordered.map(([type, count]) => `${count} ${type}`).join(', ')
}
