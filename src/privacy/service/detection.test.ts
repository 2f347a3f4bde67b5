import { describe, expect, test } from 'bun:test'
import { Finder } from './detection.ts'

const usual = {
  known: null,
  allow: [],
  deny: [],
  pass: [],
  urls: 'internal',
  minScore: 0.5,
  decodedBytes: 2 ** 18,
} as const

const valuesIn = (text: string): readonly string[] => {
  const [spans = []] = new Finder().find({ ...usual, texts: [text], names: [] })
  return spans.map(({ start, end }) => text.slice(start, end))
}

describe('code that goes on in the next line holds no secret:', () => {
  test.each([
    'if key_password is None:\n    context.load_cert_chain(certfile, keyfile)\nelse: pass',
    'def f(self, keyfile=None, password=None):\n        self._client_cert = certfile\n',
    'password = get(\n    name2,\n    other,\n)',
    'auth_token:\n  type: string2\n',
  ])('%j', (text) => {
    expect(valuesIn(text)).toEqual([])
  })
})

test('a key that is broken over two lines is found whole', () => {
  const [left, right] = ['q8Zr2LxV0pYw7N', 'bK3mTs9QxB1fH6']
  expect(valuesIn(`API_KEY=${left}\n    ${right}\n`)).toEqual([`${left}\n    ${right}`])
})

test.each([
  'baseUrl: https://my-resource.openai.azure.com\n    apiKey: ${KEY}',
  'api_base: https://api.anthropic.com\n    api_key: os.environ/KEY',
])('the next line is no part of a public address: %j', (text) => {
  expect(valuesIn(text)).toEqual([])
})

test('a letter that is longer in lower case does not move what is found', () => {
  expect(valuesIn('ann@İİ.example-house.com')).toEqual(['ann@İİ.example-house.com'])
})

test.each([
  ['a telephone number', 'call +49 1512 3456789, that is 4915123456789', ['+49 1512 3456789', '4915123456789']],
  ['a number of a person', 'SSN: 264-35-3155.\nkey=264353155', ['264-35-3155', '264353155']],
])('%s that is grouped otherwise elsewhere is found there too', (_, text, values) => {
  expect(valuesIn(text)).toEqual(values)
})

test('what is found in one text is found in others of the request', () => {
  const texts = ['call +49 1512 3456789', 'jid 4915123456789', '94915123456789']
  const found = new Finder().find({ ...usual, texts, names: [] })
  expect(found.map((spans) => spans.map(({ type, canonical }) => `${type} ${canonical}`))).toEqual([
    ['PHONE +4915123456789'],
    ['PHONE +4915123456789'],
    [],
  ])
})
