import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { foldedViews, foldText } from './fold.ts'

describe('a text is folded to what people read', () => {
  test.each([
    ['full-width letters and signs', 'ａｌｉｃｅ＠ｅｘａｍｐｌｅ．ｃｏｍ', 'alice@example.com'],
    ['mathematical letters and digits', '𝐀𝓁𝒾𝒸𝑒 𝟜𝟚', 'Alice 42'],
    ['Cyrillic look-alikes', 'аliсе@ехаmрlе.соm', 'alice@example.com'],
    ['Greek look-alikes', 'Αlιcε', 'Alice'],
    ['zero-width characters', 'al\u200bi\u200dc\u2060e\ufeff', 'alice'],
    ['soft hyphens', 'Bren\u00adner', 'Brenner'],
    ['bidirectional controls', '\u202ealice\u202c \u2066x\u2069', 'alice x'],
    ['variation selectors', 'a\ufe0fb\u{e0100}c', 'abc'],
    ['control characters', 'a\u0000b\u007fc', 'abc'],
    ['marks beside their letter', 'Mu\u0308ller', 'Müller'],
    ['marks that are drawn over letters', 'a\u0336b\u0336', 'ab'],
    ['Arabic digits', '٤١١١', '4111'],
    ['Devanagari digits', '४१११', '4111'],
    ['Tamil, Lao and Myanmar digits', '௪໑၁', '411'],
    ['digits in circles', '④①❶➀', '4111'],
    ['exotic blanks', 'a\u00a0b\u202fc\u3000d', 'a b c d'],
    ['exotic dashes', 'a\u2010b\u2011c\u2212d\u2013e', 'a-b-c-d-e'],
    ['typographic quotation marks', '“a” ‘b’ „c‟', '"a" \'b\' "c"'],
    ['line separators', 'a\u2028b\u0085c', 'a\nb\nc'],
    ['flags of letters', '🇦🇧', 'AB'],
    ['ligatures', 'ﬁle', 'file'],
  ])('%s', (_, written, read) => {
    expect(foldText(written)).toBe(read)
  })

  test.each([
    ['plain text, with\ttabs\r\nand lines'],
    ['Zoë Müller aß Crème brûlée in Łódź'],
    ['漢字 かな 한글'],
    ['😀'],
  ])('what reads as it is has one view only: %s', (text) => {
    expect(foldedViews(text).map((view) => view.kind)).toEqual(['raw'])
  })
})

describe('the way back', () => {
  test('leads to all units of what was folded', () => {
    const text = 'x ａl\u200biсе y'
    const [, folded] = foldedViews(text)
    const start = folded!.text.indexOf('alice')
    expect(text.slice(folded!.rawStart(start), folded!.rawEnd(start + 5))).toBe('ａl\u200biсе')
    expect(folded!.rawEnd(folded!.text.length)).toBe(text.length)
  })

  test('a letter with its marks is one place', () => {
    const text = 'aﬁu\u0308b'
    const [, folded] = foldedViews(text)
    expect(folded!.text).toBe('afiüb')
    expect([folded!.rawStart(1), folded!.rawEnd(2), folded!.rawStart(2), folded!.rawEnd(3)]).toEqual([1, 2, 1, 2])
    expect([folded!.rawStart(3), folded!.rawEnd(4)]).toEqual([2, 4])
  })

  test('never leaves the text nor runs backwards, and the lower text has its length', () => {
    const strange = fc.constantFrom(
      'a',
      '\u0301',
      '\u200b',
      'а',
      '４',
      'ﬁ',
      '😀',
      '\ud83d',
      '\udc00',
      'İ',
      ' ',
      '\u00ad',
      'ü',
      'ﷺ',
    )
    fc.assert(
      fc.property(fc.array(fc.oneof(strange, fc.string({ unit: 'binary', maxLength: 3 }))), (parts) => {
        const text = parts.join('')
        for (const view of foldedViews(text)) {
          expect(view.lower.length).toBe(view.text.length)
          for (let index = 0, last = 0; index < view.text.length; index++) {
            const [start, end] = [view.rawStart(index), view.rawEnd(index + 1)]
            if (start < last || end <= start || end > text.length)
              throw new Error(`unit ${index} of ${view.kind} comes from ${start} to ${end}, after ${last}`)
            last = start
          }
        }
      }),
    )
  })

  test('folding what is folded changes nothing more', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const once = foldText(text)
        expect(foldText(foldText(once))).toBe(foldText(once))
      }),
    )
  })
})
