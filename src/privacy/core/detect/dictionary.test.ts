import { describe, expect, test } from 'bun:test'
import { foldedViews } from '../text/fold.ts'
import type { EntityType, Term } from '../words.ts'
import { createDictionary } from './dictionary.ts'

const term = (value: string, type: EntityType = 'PERSON', source: Term['source'] = 'directory'): Term => ({
  value,
  type,
  canonical: value.toLowerCase(),
  source,
})

/** What of the text is known. */
function found(text: string, ...terms: readonly Term[]): readonly string[] {
  const views = foldedViews(text)
  const view = views.at(-1)!
  return createDictionary(terms)
    .find(view)
    .map(({ start, end }) => text.slice(view.rawStart(start), view.rawEnd(end)))
}

describe('a name is found', () => {
  const name = term('Alice Brenner')
  test.each([
    ['as it is', 'met Alice Brenner today', 'Alice Brenner'],
    ['whatever its case', 'met ALICE brenner today', 'ALICE brenner'],
    ['with other blanks', 'met Alice \t\u00a0Brenner today', 'Alice \t\u00a0Brenner'],
    ['over a line end', 'met Alice\r\n> Brenner today', 'Alice\r\n> Brenner'],
    ['with a hyphen', 'met Alice-Brenner today', 'Alice-Brenner'],
    ['with a full stop', 'alice.brenner', 'alice.brenner'],
    ['as lists have it', 'Name: Brenner, Alice; 12', 'Brenner, Alice'],
    ['with a possessive', 'Alice Brenner’s cat', 'Alice Brenner'],
    ['with a genitive', 'das Haus Alice Brenners ist', 'Alice Brenner'],
    ['without a blank', 'alicebrenner', 'alicebrenner'],
    ['in an identifier', 'getAliceBrennerData()', 'AliceBrenner'],
    ['in an identifier with underscores', 'get_alice_brenner_data()', 'alice_brenner'],
    ['with look-alikes', 'met Аlісе Вrеnnеr today', 'Аlісе Вrеnnеr'],
    ['with what nobody sees', 'met Al\u200bice Bren\u00adner today', 'Al\u200bice Bren\u00adner'],
  ])('%s', (_, text, written) => {
    expect(found(text, name)).toEqual([written])
  })

  test.each([
    ['a part of a word', 'Malice Brenner and Alice Brennerei'],
    ['words with others between', 'Alice and Brenner'],
    ['words that stand far apart', `Alice${' '.repeat(40)}Brenner`],
  ])('but not %s', (_, text) => {
    expect(found(text, name)).toEqual([])
  })

  test('of two side by side no third one is made', () => {
    expect(found('Alice Brenner, Alice Brenner', name)).toEqual(['Alice Brenner', 'Alice Brenner'])
    expect(found('alice_brenner, ALICE BRENNER, Brenner, Alice', name)).toEqual([
      'alice_brenner',
      'ALICE BRENNER',
      'Brenner, Alice',
    ])
  })
})

describe('umlauts', () => {
  test.each([
    ['Müller', ['Müller', 'Mueller', 'MUELLER', 'Muller', 'Mu\u0308ller', 'Müllers']],
    ['Mueller', ['Mueller', 'Müller']],
    ['Jürgen Größe', ['Juergen Groesse', 'Jurgen Grosse', 'JÜRGEN GRÖSSE', 'Juergen Größe']],
    ['Søren Åberg', ['Soeren Aaberg', 'Soren Aberg', 'søren åberg']],
    ['José Łuczak', ['Jose Luczak', 'JOSÉ ŁUCZAK']],
    ['Зоя Петрова', ['Зоя Петрова', 'ЗОЯ ПЕТРОВА']],
    ['Αλέξης', ['Αλέξης', 'ΑΛΈΞΗΣ', 'ΑΛΕΞΗΣ', 'αλέξης']],
    ['νίκος', ['Νίκος', 'νίκος', 'ΝΙΚΟΣ']],
    ['Герман', ['Герман', 'герман', 'ГЕРМАН']],
  ])('%s is found however it is written', (value, texts) => {
    for (const text of texts) expect(found(`a ${text}, b`, term(value))).toEqual([text.replace(/(?<=Müller)s$/, '')])
  })

  test.each([
    ['Mueller', 'Muller'],
    ['Sue', 'su casa'],
    ['Joe', 'jo'],
  ])('%s is not %s', (value, text) => {
    expect(found(text, term(value))).toEqual([])
  })
})

describe('scripts without blanks', () => {
  test.each([
    ['田中太郎', '先生田中太郎さんです'],
    ['田中', '私は田中です'],
    ['김철수', '김철수는 학생'],
    ['สมชาย', 'คุณสมชายมา'],
  ])('%s is found inside of %s', (value, text) => {
    expect(found(text, term(value))).toEqual([value])
  })
})

test('a single name is no part of an identifier, a denied term is', () => {
  expect(found('mark_as_read(Mark)', term('Mark'))).toEqual(['Mark'])
  expect(found('falcon_core', term('Falcon', 'TERM', 'deny'))).toEqual(['falcon'])
})

describe('numbers and codes are found however they are grouped', () => {
  test.each<[EntityType, string, string, string]>([
    ['PHONE', '+49 30 1234567', 'tel +49 (30) 123 45 67.', '+49 (30) 123 45 67'],
    ['PHONE', '+49 30 1234567', '"+49301234567"', '+49301234567'],
    ['PHONE', '+49 30 1234567', '٤٩ ٣٠ ١٢٣٤٥٦٧', '٤٩ ٣٠ ١٢٣٤٥٦٧'],
    ['IBAN', 'DE89370400440532013000', 'de89 3704 0044 0532 0130 00', 'de89 3704 0044 0532 0130 00'],
    ['CARD', '4111 1111 1111 1111', 'x4111:4111-1111-1111\n1111,', '4111-1111-1111\n1111'],
    ['MAC', '00:1b:44:11:3a:b7', 'id_001B44113AB7', '001B44113AB7'],
  ])('%s %s in %j', (type, value, text, written) => {
    expect(found(text, term(value, type))).toEqual([written])
  })

  test('at both ends of a text, and not where only their first sign is', () => {
    const phone = term('4 930 1234567', 'PHONE')
    for (const text of ['4', 'a 4', '4 ', '49', '4 930 123456']) expect(found(text, phone)).toEqual([])
    expect(found('4 9301234567', phone)).toEqual(['4 9301234567'])
  })

  test('but never inside of a longer one', () => {
    const phone = term('+49 30 1234567', 'PHONE')
    expect(found('1493012345671 4930123456 49301234567a', phone)).toEqual([])
  })
})

describe('of addresses and keys every sign counts', () => {
  test.each<[EntityType, string, string, readonly string[]]>([
    ['EMAIL', 'alice@example.com', 'mailto:Alice@Example.com?x, xalice@example.com', ['Alice@Example.com']],
    ['EMAIL', 'alice@example.com', 'alice.example.com alice@example.community', []],
    ['HOST', 'nas.fritz.box', 'ssh://nas.fritz.box:22 nas-fritz-box', ['nas.fritz.box']],
    ['IP', '10.0.0.12', 'at_10.0.0.12_ 10.0.0.125 1000.12', ['10.0.0.12']],
    ['SECRET', '-abc_DEF==', 'key="-abc_DEF==" -abc_DEF=', ['-abc_DEF==']],
    ['TERM', '/srv/plans', 'cat /srv/plans/x /srv plans', ['/srv/plans']],
  ])('%s %s in %j', (type, value, text, written) => {
    expect(found(text, term(value, type))).toEqual([...written])
  })

  test('a value of thousands of words is one', () => {
    const key = Array.from({ length: 3000 }, (_, index) => `w${index}`).join(' ')
    expect(found(`a "${key}" b`, term(key, 'SECRET'))).toEqual([key])
    expect(found(`a "${key}x" b`, term(key, 'SECRET'))).toEqual([])
  })
})

describe('adding', () => {
  test.each([['ab'], ['  a-b '], ['\u200b\u200b\u200b'], ['@@@@'], ['王']])('%j is too short', (value) => {
    const dictionary = createDictionary()
    expect(dictionary.add(term(value))).toBe(false)
    expect(dictionary.size).toBe(0)
  })

  test('the same value again changes nothing', () => {
    const dictionary = createDictionary([term('Alice Brenner')])
    expect(dictionary.add(term('alice  brenner'.replace('  ', ' ')))).toBe(true)
    expect(dictionary.size).toBe(1)
  })

  test('what is added is found at once', () => {
    const dictionary = createDictionary()
    const [view] = foldedViews('Ada and Bea')
    expect(dictionary.find(view!)).toEqual([])
    dictionary.add(term('Ada'))
    expect(dictionary.find(view!)).toHaveLength(1)
    dictionary.add(term('Bea'))
    expect(dictionary.find(view!).map((match) => match.term.value)).toEqual(['Ada', 'Bea'])
  })

  test('the longest of those that begin alike is found', () => {
    expect(found('Ada Maria Berg', term('Ada'), term('Ada Maria'), term('Ada Maria Berg'))).toContain('Ada Maria Berg')
  })

  test('ten thousand values are all found', () => {
    const terms = Array.from({ length: 10_000 }, (_, index) => term(`Hans N${index.toString(36)}x`))
    expect(found(terms.map(({ value }) => value).join('; '), ...terms)).toHaveLength(10_000)
  })
})
