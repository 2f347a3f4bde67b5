/**
 * Whether the canaries see: with a family of recognisers taken away, some canary of it must get through. A suite that
 * passes without them would pass by looking at nothing.
 */
import { describe, expect, test } from 'bun:test'
import type { Canary } from '#privacy/core/canaries/canary.ts'
import { makeCanaries } from '#privacy/core/canaries/canaries.ts'
import { createRandom } from '#privacy/core/canaries/random.ts'
import { createDetector } from '#privacy/core/detect/detector.ts'
import { createDictionary } from '#privacy/core/detect/dictionary.ts'
import { identifierRecognisers } from '#privacy/core/recognisers/identifiers.ts'
import { secretRecognisers } from '#privacy/core/recognisers/secrets/secrets.ts'
import { Budget } from '#privacy/core/text/budget.ts'
import type { Recogniser } from '#privacy/core/words.ts'

const all: readonly Recogniser[] = [...identifierRecognisers({ urls: 'internal' }), ...secretRecognisers]
const rounds = 12
const canaries = Array.from({ length: rounds }, (_, seed) => makeCanaries(createRandom(seed + 1))).flat()
const identifiers = canaries.filter(({ isName }) => !isName)

/** `email.spelled` is of the family `email`; numbers of states are families by their country. */
function familyOf(id: string): string {
  const [first = '', second = ''] = id.split('.')
  return first === 'id' || first === 'account' || first === 'wallet' ? `${first}.${second}` : first
}

/** A value that is found is covered whole, by whoever it was. */
interface Sight {
  readonly finders: readonly string[]
  readonly isHidden: boolean
}

function sightOf(recognisers: readonly Recogniser[], terms: readonly Canary[] = []): (canary: Canary) => Sight {
  const detector = createDetector(recognisers)
  const known = terms.map(({ value, type }) => ({ value, type, canonical: value.toLowerCase() }))
  const dictionary = createDictionary(known.map((term) => ({ ...term, source: 'directory' as const })))
  return ({ before, value, after }) => {
    const text = `${before}${value}${after}`
    const found = detector.detect(text, {
      dictionaries: [dictionary],
      minScore: 0.5,
      budget: new Budget({ decodedBytes: 2 ** 18 }),
    })
    if (found.kind === 'exceeded') throw new Error(found.what)
    const end = before.length + value.length
    const spans = found.spans.filter((span) => span.start < end && span.end > before.length)
    let covered = before.length
    for (const span of spans) if (span.start <= covered) covered = Math.max(covered, span.end)
    return { finders: spans.map(({ recogniser }) => recogniser), isHidden: covered >= end }
  }
}

const full = sightOf(all)
const findersOf = new Map(identifiers.map((canary) => [canary, full(canary)]))
const families = [...new Set([...findersOf.values()].flatMap(({ finders }) => finders).map(familyOf))].toSorted()

test('with all of them every canary is hidden whole', () => {
  const seen = [...findersOf].flatMap(([{ kind, value }, { isHidden }]) => (isHidden ? [] : [`${kind}: ${value}`]))
  expect(seen).toEqual([])
  expect(identifiers.length).toBeGreaterThan(rounds * 40)
  expect(families.length).toBeGreaterThan(20)
})

describe('without the recognisers of the family', () => {
  test.each(families)('%s some canary gets through', (family) => {
    const blind = sightOf(all.filter(({ id }) => familyOf(id) !== family))
    const of = [...findersOf].flatMap(([canary, { finders }]) =>
      finders.some((id) => familyOf(id) === family) ? [canary] : [],
    )
    expect(of.filter((canary) => !blind(canary).isHidden).length).toBeGreaterThan(0)
  })
})

test('names are hidden where the house knows them, and get through where it does not', () => {
  const names = canaries.filter(({ isName }) => isName)
  const knowing = sightOf(all, names)
  expect(names.filter((name) => !knowing(name).isHidden).map(({ value }) => value)).toEqual([])
  expect(names.filter((name) => !full(name).isHidden).length).toBeGreaterThan(names.length / 2)
})
