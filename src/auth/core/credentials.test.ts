import { describe, expect, test } from 'bun:test'
import { presentedKey } from './credentials.ts'

const key = `hk-abcdefghijkl-${'0'.repeat(48)}`

describe('a key in the headers', () => {
  test.each([
    ['Bearer', `Bearer ${key}`, null],
    ['bearer in small letters', `bearer ${key}`, null],
    ['BEARER with more spaces', `BEARER   ${key}  `, null],
    ['x-api-key', null, key],
    ['both, the same', `Bearer ${key}`, ` ${key}`],
  ])('is found: %s', (_, authorization, apiKey) => {
    expect(presentedKey(authorization, apiKey)).toEqual({ kind: 'key', text: key })
  })

  test('is none when there is no header', () => {
    expect(presentedKey(null, null)).toEqual({ kind: 'none' })
  })

  test.each([
    ['Basic', `Basic ${key}`, null, 'not of the kind Bearer'],
    ['the key without Bearer', key, null, 'not of the kind Bearer'],
    ['Bearer alone', 'Bearer ', null, 'holds no key'],
    ['Bearer without a space', 'Bearer', null, 'holds no key'],
    ['an empty header', '', null, 'holds no key'],
    ['an empty x-api-key', null, '', 'holds no key'],
    ['two different ones', `Bearer ${key}`, 'hk-other', 'different keys'],
  ])('is refused with a sentence that does not repeat it: %s', (_, authorization, apiKey, sentence) => {
    const presented = presentedKey(authorization, apiKey)
    expect(presented).toMatchObject({ kind: 'malformed' })
    expect(JSON.stringify(presented)).toContain(sentence)
    expect(JSON.stringify(presented)).not.toContain('0000')
  })
})
