import { strings } from '../strings.ts'
import { countedTypes, typeLook } from '../text/entity-types.ts'

/** How many of each type, the most first. */
export function TypeCounts({ counts, label }: { counts: Readonly<Record<string, number>>; label: string }) {
  const told = countedTypes(counts)
  if (told.length === 0) return <p className="text-sm text-soft">{strings.privacy.nothingCounted}</p>
  return (
    <ul className="flex flex-wrap gap-1.5 text-sm" aria-label={label}>
      {told.map(({ type, told: words }) => (
        <li key={type} className={`rounded-sm px-2 py-0.5 tabular-nums ${typeLook(type)}`}>
          {words}
        </li>
      ))}
    </ul>
  )
}
