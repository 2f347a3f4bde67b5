import { expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { formName, readCatalogue, writeCatalogue } from './form.ts'

const bundled = readFileSync(join(import.meta.dir, '..', 'bundled.json'), 'utf8')

const small = (change: (provider: Record<string, unknown>) => void = () => {}): unknown => {
  const provider: Record<string, unknown> = {
    id: 'cap',
    name: 'Captive',
    url: 'https://api.cap.test/v1',
    apis: ['chat'],
    keys: ['CAP_KEY'],
    models: [
      ['m', 'Model M', '2026-01', 1000, 100, 'ti>t', 'trO', 1, 2, 0.5],
      ['n', 0, null, null, null, '?>?', 'd'],
    ],
  }
  change(provider)
  return { form: formName, asOf: '2026-01-02', source: 'a test', providers: [provider] }
}

test('the catalogue that comes with Hearth is read, and written again byte for byte', () => {
  const read = readCatalogue(JSON.parse(bundled))
  if (!read.ok) throw new Error(read.why)
  expect(writeCatalogue(read.catalogue)).toBe(bundled)
})

test('it is small, and has what was promised of it', () => {
  const read = readCatalogue(JSON.parse(bundled))
  if (!read.ok) throw new Error(read.why)
  const reached = [...read.catalogue.providers.values()].filter(({ reach }) => reach.kind === 'address')
  expect(bundled.length).toBeLessThan(600 * 1024)
  expect(reached.length).toBeGreaterThan(100)
  expect(reached.reduce((sum, { models }) => sum + models.size, 0)).toBeGreaterThan(3000)
})

test('a model is a line', () => {
  const read = readCatalogue(small())
  if (!read.ok) throw new Error(read.why)
  expect(read.catalogue.providers.get('cap')).toMatchObject({
    keyVariables: ['CAP_KEY'],
    kind: 'openai',
    reach: { kind: 'address', baseUrl: 'https://api.cap.test/v1' },
    hasList: true,
  })
  expect([...(read.catalogue.providers.get('cap')?.models.values() ?? [])]).toEqual([
    {
      id: 'm',
      name: 'Model M',
      released: '2026-01',
      contextTokens: 1000,
      outputTokens: 100,
      input: ['text', 'image'],
      output: ['text'],
      hasTools: true,
      hasReasoning: true,
      hasOpenWeights: false,
      stage: null,
      price: { input: 1, output: 2, cached: 0.5, cacheWrite: null },
    },
    {
      id: 'n',
      name: 'n',
      released: null,
      contextTokens: null,
      outputTokens: null,
      input: null,
      output: null,
      hasTools: null,
      hasReasoning: null,
      hasOpenWeights: null,
      stage: 'deprecated',
      price: null,
    },
  ])
})

const row = (...values: readonly unknown[]) => [['m', 0, null, null, null, 't>t', '', ...values]]

const broken: readonly (readonly [string, unknown, string])[] = [
  ['no object', [], 'no object'],
  ['another form', { form: 'x' }, '`form`'],
  ['a day that is none', { ...(small() as object), asOf: 'yesterday' }, '`asOf`'],
  ['an address without encryption', small((at) => (at['url'] = 'http://api.cap.test/v1')), '`url`'],
  [
    'a local one that is not here',
    small((at) => Object.assign(at, { url: 'http://10.0.0.1/v1', local: true })),
    '`url`',
  ],
  ['an address with a password', small((at) => (at['url'] = 'https://a:b@cap.test/v1')), '`url`'],
  ['an unknown dialect', small((at) => (at['apis'] = ['soap'])), '`apis`'],
  ['a name of a variable with a space', small((at) => (at['keys'] = ['A B'])), '`keys`'],
  ['a negative price', small((at) => (at['models'] = row(-1, 2))), 'a price is -1'],
  ['a price that is a text', small((at) => (at['models'] = row('1', 2))), 'a price'],
  ['one price of two', small((at) => (at['models'] = row(1))), 'only one'],
  ['a context of zero', small((at) => (at['models'] = [['m', 0, null, 0, null, 't>t']])), 'the context is 0'],
  ['a modality nobody knows', small((at) => (at['models'] = [['m', 0, null, 1, 1, 'x>t']])), 'letter x'],
  ['marks nobody knows', small((at) => (at['models'] = [['m', 0, null, 1, 1, 't>t', 'xyz']])), 'marks'],
  ['an id that no path could hold', small((at) => (at['models'] = [['a b', 0, null, 1, 1, 't>t']])), 'a b'],
  ['a model twice', small((at) => (at['models'] = [...row(), ...row()])), 'm twice'],
]

test.each(broken)('%s is refused, and said', (_, document, why) => {
  const read = readCatalogue(document)
  expect(read.ok ? 'taken' : read.why).toContain(why)
})
