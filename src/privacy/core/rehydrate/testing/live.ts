import type { LiveTags } from '../../words.ts'

/** Values by placeholder, without brackets: `PERSON_7KQ2`, `PERSON_7KQ2_L`. null: it must not be put back. */
export function liveTags(values: Readonly<Record<string, string | null>>): LiveTags {
  const tags = new Map<string, Map<string, string | null>>()
  const labels = new Set<string>()
  for (const [name, value] of Object.entries(values)) {
    const [, label = '', tag = '', form = ''] = /^(.+?)_([0-9A-Z]{4})(?:_([A-Z0-9]+))?$/.exec(name) ?? []
    labels.add(label)
    tags.set(tag, (tags.get(tag) ?? new Map<string, string | null>()).set(form, value))
  }
  return {
    size: Object.keys(values).length,
    labels,
    isTagPrefix: (prefix) => [...tags.keys()].some((tag) => tag.startsWith(prefix)),
    resolve: (tag, form) => tags.get(tag)?.get(form) ?? tags.get(tag)?.get('') ?? null,
    forms: (tag) => [...(tags.get(tag)?.keys() ?? [])],
  }
}

export const nasty = 'Bob "B" \\ O\'Neil\n\u2028 $& 🙂 [PERSON_7KQ2]'

export const house = liveTags({
  PERSON_7KQ2: 'Alice Brenner',
  PERSON_7KQ2_L: 'Brenner',
  PERSON_7KQ2_2: 'ALICE BRENNER',
  PERSON_8XY3: nasty,
  EMAIL_4HJ9: 'alice@example.org',
  NATIONAL_ID_2C5D: '65 929 970 489',
  SECRET_9ZZ1: null,
})
