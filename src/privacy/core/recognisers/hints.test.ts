import { describe, expect, test } from 'bun:test'
import { createScanner } from '../detect/scan.ts'
import { rawView } from '../text/offsets.ts'
import type { Recogniser } from '../words.ts'
import { contextWords, hasContext, isIn } from './context.ts'
import { identifierRecognisers } from './identifiers.ts'

/** Where recognisers are not asked because it would be in vain: nothing may be missed by that. */

const words = [
  ['tel', 'telephone*', 'telefon*', 'a c no', 'konto', 'numero de compte', 'né(e)', 'né e', 'ss#', 'v', 'id nr', 'ip'],
  ['电话', 'straße', 'über*', 'd o b', 'n(e)', 'geb', 'st nr', 'nr konta'],
].flat()
const pieces = [
  ...words.map((word) => word.replace('*', '')),
  ...[
    'Tel.',
    'TELEFON',
    'hotel',
    'telé',
    'te\u0301l',
    'tel\u200b',
    'a.c.-no',
    'a',
    'c',
    'no',
    'n',
    'ip_',
    '“tel”',
    '—v',
  ],
  ...['56tel', 'tel56', 'ẗel', 'ŧel', 'Ａ', 'тel', 'ssn', 'medicare', 'passport no', 'steuer-nr', 'rut', 'bsb', 'imsi'],
  ...['078-05-1120', '12345678Z', 'X1234567L', 'AB 12 34 56 C', '1EG4-TE5-MK73', '65 180175 B 00 2', '12.345.678-5'],
  ...[
    '131052-308T',
    '4111 1111 1111 1111',
    '+49 30 901820',
    '(415) 555-2671',
    '030 901820',
    '10.0.0.7',
    '52.5200, 13.4050',
  ],
  ...['DE 136 695 976', '2 55 08 14 168 025 38', '1234567T', '11010519491231002X', '12-34-56', '062-000', '123456789'],
  ...['52°31\'12"N 13°24\'18"E', 'DE89 3704 0044 0532 0130 00', 'IBANDE89370400440532013000', '1', '22', '333', '4444'],
  ...['55555', '666666', '7777777', '88888888', '1234567890123', ' ', '\n', '-', '.', '/', ',', ':', ' - ', '(', '+'],
]

function createTexts(seed: number) {
  let state = seed
  const below = (count: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * count)
  }
  const next = (): string =>
    Array.from({ length: 2 + below(24) }, () => (pieces[below(pieces.length)] ?? '') + ' '.repeat(below(3))).join('')
  return { next, below }
}

const rounds = 600

test('a word that stands around a place is never overlooked', () => {
  const lists = words.map((word) => ({ word, made: contextWords(word) }))
  const all = contextWords(words)
  const { next, below } = createTexts(20_261_121)
  let found = 0
  for (let round = 0; round < rounds; round++) {
    const view = rawView(next())
    const start = below(view.text.length)
    const end = Math.min(view.text.length, start + below(12))
    const one = lists[below(lists.length)]?.made ?? all
    for (const each of [one, all]) {
      const is = slowly(view.lower, { start, end }, each)
      expect([view.text, start, end, hasContext({ view, start, end }, each)]).toEqual([view.text, start, end, is])
      if (is) found++
    }
  }
  expect(found).toBeGreaterThan(rounds / 4)
})

/** What `hasContext` promises, with the patterns alone. */
function slowly(lower: string, place: { start: number; end: number }, list: ReturnType<typeof contextWords>): boolean {
  const spans = [
    [Math.max(0, place.start - 64), place.start],
    [place.end, Math.min(lower.length, place.end + 32)],
  ] as const
  return spans.some(([from, to]) => {
    let [start, end] = [from, to]
    while (start < to && lower.charCodeAt(start) < 65) start++
    while (end > start && lower.charCodeAt(end - 1) < 65) end--
    if (start === end) return false
    return isIn(list, lower.slice(start === from && from > 0 ? start - 1 : start, end === to ? end + 1 : end))
  })
}

describe('what recognisers say of runs of digits', () => {
  const recognisers = identifierRecognisers({ urls: 'internal' })
  const hinted = recognisers.filter(({ trigger }) => trigger.kind === 'digits' && trigger.only !== undefined)

  test('is said by most of them', () => {
    expect(hinted.length).toBeGreaterThan(50)
  })

  test('changes nothing of what they find', () => {
    const quick = createScanner(hinted)
    const slow = createScanner(hinted.map(withoutHints))
    const { next } = createTexts(7)
    const who = new Set<string>()
    for (let round = 0; round < rounds; round++) {
      const text = next()
      const hits = quick.scan(rawView(text))
      expect([text, hits]).toEqual([text, slow.scan(rawView(text))])
      for (const { recogniser } of hits) who.add(recogniser)
    }
    expect(who.size).toBeGreaterThan(15)
  })

  test('that what they find lies within the run is so', () => {
    const inside = hinted.filter(({ trigger }) => trigger.kind === 'digits' && trigger.only?.isInside === true)
    const watched = inside.map((recogniser): Recogniser => ({
      ...withoutHints(recogniser),
      match(place) {
        const found = recogniser.match(place)
        // A sign before the first digit belongs to the number.
        if (found !== null && (found.start < place.start - 2 || found.end > place.end))
          throw new Error(`${recogniser.id} in ${place.view.text}`)
        return found
      },
    }))
    const scanner = createScanner(watched)
    const { next } = createTexts(11)
    let found = 0
    for (let round = 0; round < rounds; round++) found += scanner.scan(rawView(next())).length
    expect(found).toBeGreaterThan(rounds / 4)
  })
})

function withoutHints(recogniser: Recogniser): Recogniser {
  const { trigger } = recogniser
  if (trigger.kind !== 'digits') return recogniser
  const { min, max } = trigger
  return { ...recogniser, trigger: { kind: 'digits', min, max } }
}
