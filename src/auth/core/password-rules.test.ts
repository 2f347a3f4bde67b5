import { expect, test } from 'bun:test'
import { checkPassword } from './password-rules.ts'

const names = ['ada.lovelace', 'ada@example.com', 'Ada', null]

test.each([
  ['short', '9 characters', 'abcdefgh1'],
  ['what everybody tries', 'everybody tries', 'Password123'],
  ['what everybody tries, with blanks', 'everybody tries', 'qwerty uiop'],
  ['one letter again and again', 'few different', 'aaaaaaaaaaaa'],
  ['three letters again and again', 'few different', 'abcabcabcabc'],
  ['one’s own name', 'a name of yours', 'ada.lovelace1'],
  ['too long', 'more than 256', 'x1y2z3'.repeat(50)],
])('%s is refused, and is not repeated', (_what, why, password) => {
  const refuse = () => checkPassword(password, { names })
  expect(refuse).toThrow(why)
  try {
    refuse()
  } catch (error) {
    expect(String(error)).not.toContain(password)
    expect(error).toMatchObject({ kind: 'invalid', reason: 'weak_password', param: 'password' })
  }
})

test.each([
  'correct donkey battery',
  '😀😁😂🤣😃😄😅😆😉😊',
  'ten-chars!',
  'ada.lovelace wrote notes',
  'x1y2z3'.repeat(42),
])('%s is good', (password) => {
  expect(() => checkPassword(password, { names })).not.toThrow()
})
