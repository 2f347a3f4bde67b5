import { describe, expect, test } from 'bun:test'
import { outputPieces, piecesOf } from './pieces.ts'

const text = 'Ann and bob@example.org 🐦'
const ann = { start: 0, end: 3, placeholder: '[PERSON_7KQ2]' }
const bob = { start: 8, end: 23, placeholder: '[EMAIL_3HB9]' }

describe('a text is cut where something was found', () => {
  test.each<[string, readonly { start: number; end: number }[], readonly [string, number | null][]]>([
    ['nothing', [], [[text, null]]],
    [
      'in their order, whatever the order of the list',
      [bob, ann],
      [
        ['Ann', 1],
        [' and ', null],
        ['bob@example.org', 0],
        [' 🐦', null],
      ],
    ],
    [
      'the first of two that overlap',
      [ann, { start: 2, end: 5 }],
      [
        ['Ann', 0],
        [text.slice(3), null],
      ],
    ],
    [
      'not outside of the text',
      [
        { start: 20, end: 99 },
        { start: 4, end: 4 },
      ],
      [[text, null]],
    ],
  ])('%s', (_, spans, pieces) => {
    expect(piecesOf(text, spans).map((piece) => [piece.text, piece.place])).toEqual([...pieces] as never)
  })

  test('and what leaves where something was replaced', () => {
    const output = '[PERSON_7KQ2] and [EMAIL_3HB9] 🐦'
    expect(outputPieces({ text, output }, [ann, bob])?.map((piece) => piece.place)).toEqual([0, null, 1, null])
    expect(outputPieces({ text, output: `${output}.` }, [ann, bob])).toBeNull()
  })
})
