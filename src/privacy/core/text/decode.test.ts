import { describe, expect, test } from 'bun:test'
import type { ViewKind } from '../words.ts'
import { Budget } from './budget.ts'
import { readingsOf } from './decode.ts'

const plenty = () => new Budget({ decodedBytes: 1_000_000 })
const hex = (text: string) => Buffer.from(text).toString('hex')

/** What of the text stands for `value`, by every reading in which it can be seen. */
function places(text: string, value: string): readonly (readonly [ViewKind, string])[] {
  return (readingsOf(text, plenty()) ?? []).flatMap(({ view, keeps }) => {
    const start = view.lower.indexOf(value)
    const end = start + value.length
    if (start < 0 || !keeps(start, end)) return []
    return [[view.kind, text.slice(view.rawStart(start), view.rawEnd(end))] as const]
  })
}

const value = 'alice@example.com'

describe('of what is escaped only the value is replaced', () => {
  test.each([
    ['percent', 'x=1&to=alice%40example.com&y', 'alice%40example.com'],
    ['percent', 'q=%61%6C%69%63%65%40%65%78%61%6d%70%6c%65%2ecom#', '%61%6C%69%63%65%40%65%78%61%6d%70%6c%65%2ecom'],
    ['html', 'to &#97;lice&commat;example&#x2E;com.', '&#97;lice&commat;example&#x2E;com'],
    ['html', 'to alice&#64example&period;com.', 'alice&#64example&period;com'],
    ['unicode', 'to "\\u0061lice\\u{40}example\\x2ecom"', '\\u0061lice\\u{40}example\\x2ecom'],
    ['quoted-printable', 'to alice=40example.com.', 'alice=40example.com'],
    ['quoted-printable', 'to alice@exam=\r\nple.com.', 'alice@exam=\r\nple.com'],
  ] as const)('%s: %j', (kind, text, written) => {
    expect(places(text, value)).toContainEqual([kind, written])
  })

  test.each([
    ['percent', 'M%C3%BCller'],
    ['percent', 'M%FCller'],
    ['html', 'M&uuml;ller'],
    ['unicode', 'M\\xc3\\xbcller'],
    ['unicode', 'M\\u00fcller'],
    ['quoted-printable', 'M=C3=BCller'],
  ] as const)('%s in UTF-8 and older: %j', (kind, text) => {
    expect(places(`a ${text} b`, 'müller')).toContainEqual([kind, text])
  })

  test('pairs of surrogates are one character', () => {
    expect(places('\\ud83d\\ude00 a', '😀')).toEqual([['unicode', '\\ud83d\\ude00']])
  })
})

describe('of what is encoded as a whole the run is replaced', () => {
  const message = `to ${value}, please`
  test.each([
    ['base64', btoa(message)],
    ['base64', Buffer.from(`${message}?>~~`).toString('base64url')],
    ['base64', btoa(value).replace(/=+$/, '')],
    ['base64', Buffer.from(message, 'utf16le').toString('base64')],
    ['hex', hex(message)],
    ['hex', `0x${hex(message)}`],
    ['hex', hex(message).toUpperCase()],
    ['hex', hex(message).replace(/..(?=.)/g, '$&:')],
    ['unicode', hex(message).replace(/../g, '\\x$&')],
  ] as const)('%s: %s', (kind, run) => {
    const [found] = places(`a "${run}" b`, value)
    expect(found?.[0]).toBe(kind)
    expect(run).toContain(found?.[1] ?? 'nothing')
    if (kind !== 'unicode') expect(found?.[1]).toBe(run)
  })

  test('also behind a slash, and broken over lines', () => {
    const run = btoa(message)
    expect(places(`/api/token/${run}/x`, value)).toEqual([['base64', run]])
    const lines = run.replace(/.{17}/g, '$&\r\n  ')
    expect(places(`a:\n  ${lines}\n`, value)).toContainEqual(['base64', lines])
  })

  const long = btoa(`${'A long letter, and a longer one. '.repeat(40)}${value} it is~~~>>>`)
  test.each([
    ['a percent escape', `Here:%20${long}`, long],
    ['a percent escape, in a path', `https://x.example.org/a%2F${long}%3D/b`, long],
    ['an escape of a string', `"a\\n${long}"`, long],
    ['an escape of a byte', `"a\\x20${long}"`, long],
    ['an escape of a code point', `"a\\u0020${long}"`, long],
    ['quoted-printable', `a=20${long}`, long],
  ])('a run of any length directly behind %s is read', (_, text, run) => {
    expect(places(text, value)).toContainEqual(['base64', run])
  })

  test('a run of any length with escapes in it is read as a whole', () => {
    const escaped = long.replaceAll(/[+/]/g, encodeURIComponent)
    expect(escaped).not.toBe(long)
    expect(places(`a=${escaped}&b`, value)).toContainEqual(['base64', escaped])
  })

  test.each([
    ['an identifier', 'createInternationalisedDictionaryFrom'],
    ['a hash', '9b74c9897bac770ffc029102a200c5de9b74c9897bac770ffc029102a200c5de'],
    ['a picture', Buffer.from('89504e470d0a1a0a0000000d4948445200000100', 'hex').toString('base64')],
    ['a path', 'src/privacy/core/recognisers/secrets/compile'],
  ])('%s is none', (_, text) => {
    expect(readingsOf(text, plenty())?.map(({ view }) => view.kind)).toEqual(['raw'])
  })
})

describe('what is encoded twice is read', () => {
  test.each([
    ['base64 of percent', btoa('mail alice%40example.com today')],
    ['percent of percent', 'alice%2540example.com'],
    ['hex of base64', hex(btoa(`to ${value}, please`))],
    ['percent and HTML in one value', 'alice%40example&#46;com'],
    ['full-width letters in base64', Buffer.from('to ａlice@example.com, please').toString('base64')],
  ])('%s', (_, text) => {
    expect(places(text, value)).not.toEqual([])
  })
})

describe('the budget', () => {
  test('is that of all texts of a request, and beyond it nothing is read', () => {
    const budget = new Budget({ decodedBytes: 30 })
    const run = btoa('twenty characters ok')
    expect(readingsOf(run, budget)).not.toBeNull()
    expect(readingsOf(run, budget)).toBeNull()
    expect(readingsOf('nothing is encoded here', budget)).not.toBeNull()
  })
})

describe('values that are broken over lines', () => {
  test.each([
    ['a line end', 'to alice@exa\nmple.com now', 'alice@exa\nmple.com'],
    ['a line end of Windows', 'to alice@\r\nexample.com now', 'alice@\r\nexample.com'],
    ['indentation', 'to alice@exa\n      mple.com now', 'alice@exa\n      mple.com'],
    ['a quotation', '> to alice@exa\n> mple.com now', 'alice@exa\n> mple.com'],
    ['a continuation', 'to alice@exa\\\nmple.com now', 'alice@exa\\\nmple.com'],
  ])('by %s are joined', (_, text, written) => {
    expect(places(text, value)).toContainEqual(['raw', written])
  })

  test('a break between groups stands for their blank as well', () => {
    expect(places('no 4111 1111\n1111 1111.', '4111 1111 1111 1111')).toEqual([['raw', '4111 1111\n1111 1111']])
  })

  test('a hyphen at the end of a line goes with it', () => {
    expect(places('for Alice Bren-\nner and', 'alice brenner')).toEqual([['raw', 'Alice Bren-\nner']])
  })

  test('prose has no breaks that could be in a value', () => {
    const prose = 'It rains in the morning\nand nobody wants\nto leave. Then it\n- stops\n- begins\n\nSo it is.\nFine.'
    expect(readingsOf(prose, plenty())).toHaveLength(1)
  })

  test('only what goes over a break counts', () => {
    expect(places('alice@example.com a1\nb2', value)).toHaveLength(1)
  })
})

test('one escape in a long text does not double the text', () => {
  const readings = readingsOf(`${'word '.repeat(10_000)}%41${' word'.repeat(10_000)}`, plenty()) ?? []
  expect(readings.map(({ view }) => view.kind)).toEqual(['raw', 'percent'])
  expect(readings[1]!.view.text.length).toBeLessThan(600)
})

test('what a window cuts off does not count', () => {
  const text = `${'z'.repeat(1000)}%41`
  const [, percent] = readingsOf(text, plenty()) ?? []
  expect(percent!.keeps(0, 10)).toBe(false)
  expect(percent!.keeps(1, 10)).toBe(true)
})

test('nothing goes over the seam between two windows, nor between two runs', () => {
  const far = 'word '.repeat(200)
  const [, percent] = readingsOf(`a %41b ${far} c%44 d`, plenty()) ?? []
  const { view, keeps } = percent!
  const seam = view.text.indexOf('\n\n')
  expect(seam).toBeGreaterThan(0)
  expect(keeps(seam - 3, seam + 5)).toBe(false)
  expect(keeps(view.text.indexOf('Ab'), view.text.indexOf('Ab') + 2)).toBe(true)
  const runs = readingsOf(`${btoa('first of all two')} ${btoa('then comes next.')}`, plenty())?.at(-1)
  expect(runs!.view.text).toBe('first of all two\n\nthen comes next.')
  expect([runs!.keeps(0, 16), runs!.keeps(18, 34), runs!.keeps(10, 20)]).toEqual([true, true, false])
})
