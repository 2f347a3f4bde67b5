import { describe, expect, test } from 'bun:test'
import { offerOf } from './offer.ts'

const empty = { way: 'url', url: '', file: null, text: '' } as const
const file = (text: string, name = 'models.json') => new File([text], name)

describe('another catalogue', () => {
  test.each([
    ['https://models.dev/api.json', { offered: { url: 'https://models.dev/api.json' } }],
    [' http://10.0.0.1/c.json ', { offered: { url: 'http://10.0.0.1/c.json' } }],
    ['file:///etc/passwd', { problem: 'urlWrong' }],
    ['models.dev', { problem: 'urlWrong' }],
    ['https://', { problem: 'urlWrong' }],
  ] as const)('at the address %p is %j', async (url, wanted) => {
    expect(await offerOf({ ...empty, url })).toEqual(wanted)
  })

  test('is a file under its own name', async () => {
    expect(await offerOf({ ...empty, way: 'file', file: file('{"a":1}') })).toEqual({
      offered: { document: { a: 1 }, name: 'models.json' },
    })
  })

  test('is no file that is missing, no JSON, or larger than the house reads', async () => {
    const large = {
      name: 'x',
      size: 17 * 2 ** 20,
      text: () => Promise.reject(new Error('read though it is too large')),
    }
    const read = [null, file('<html>'), large].map((each) => offerOf({ ...empty, way: 'file', file: each }))
    expect(await Promise.all(read)).toEqual([{ problem: 'fileNone' }, { problem: 'noJson' }, { problem: 'tooLarge' }])
  })

  test('is a text that somebody pasted', async () => {
    expect(await offerOf({ ...empty, way: 'paste', text: ' {} ' })).toMatchObject({ offered: { document: {} } })
    expect(await offerOf({ ...empty, way: 'paste', text: '{' })).toEqual({ problem: 'noJson' })
  })
})
