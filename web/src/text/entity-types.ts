import { strings } from '../strings.ts'
import { number } from './format.ts'

const { types, counted } = strings.privacy

/** What belongs together has one colour; the name of its type always stands beside it. */
const families: Readonly<Record<string, readonly string[]>> = {
  'bg-ember-tint': ['PERSON', 'ORGANIZATION', 'USERNAME', 'BIRTHDATE'],
  'bg-slate-tint': ['EMAIL', 'PHONE', 'ADDRESS', 'COORDINATES'],
  'bg-moss-tint': ['CARD', 'IBAN', 'BIC', 'ACCOUNT', 'WALLET'],
  'bg-ochre-tint': ['NATIONAL_ID', 'TAX_ID', 'HEALTH_ID', 'VEHICLE', 'DEVICE'],
  'bg-plum-tint': ['IP', 'MAC', 'HOST', 'URL'],
  'bg-garnet-tint': ['SECRET', 'TERM', 'LITERAL'],
}
const looks: ReadonlyMap<string, string> = new Map(
  Object.entries(families).flatMap(([look, names]) => names.map((name) => [name, look] as const)),
)

/** In words; a type the page does not know stays as it was told. */
export function typeName(type: string): string {
  return type in types ? types[type as keyof typeof types] : type
}

export function typeLook(type: string): string {
  return looks.get(type) ?? 'bg-sunken'
}

/** The most first, and each with its name. */
export function countedTypes(counts: Readonly<Record<string, number>>): readonly { type: string; told: string }[] {
  return Object.entries(counts)
    .toSorted(([one, first], [other, second]) => second - first || one.localeCompare(other))
    .map(([type, count]) => ({ type, told: counted(typeName(type), number(count)) }))
}

export function summed(all: readonly Readonly<Record<string, number>>[]): Readonly<Record<string, number>> {
  const sum: Record<string, number> = {}
  for (const counts of all) for (const [type, count] of Object.entries(counts)) sum[type] = (sum[type] ?? 0) + count
  return sum
}
