import { describe, expect, test } from 'bun:test'
import { loosenings } from './loosening.ts'
import { formOf, type PolicyRules, readPolicyForm, safeRules, wireRules } from './policy-form.ts'

type Cloud = Partial<PolicyRules['cloud']>
type Change = Partial<Omit<PolicyRules, 'cloud'>> & { readonly cloud?: Cloud }

const rules = (change: Change = {}): PolicyRules => ({
  ...safeRules,
  ...change,
  cloud: { ...safeRules.cloud, ...change.cloud },
})

/** Words that the sentences must have in them, in this order. */
const cases: readonly [string, Change, Change, readonly string[]][] = [
  ['nothing', {}, {}, []],
  ['tightening is none: text stays', {}, { cloud: { text: 'refuse' } }, []],
  ['tightening is none: names stay', {}, { names: 'local-only', urls: 'all', minScore: 0.3 }, []],
  ['tightening is none: a type is replaced again', { pass: ['URL'] }, {}, []],
  ['the one strong choice is as strong as the other', { names: 'local-only' }, { names: 'block' }, []],
  ['text as it is', {}, { cloud: { text: 'raw' } }, ['Text leaves as it is']],
  ['from raw to scrubbed is none', { cloud: { text: 'raw' } }, { names: 'known-names' }, []],
  [
    'text that stayed',
    { cloud: { text: 'refuse' }, names: 'block' },
    {},
    ['Text leaves, with', 'Names of people', 'Web addresses', 'less than 50%'],
  ],
  ['names go out', { names: 'local-only' }, {}, ['Names of people']],
  ['names, where text stays, do not', { cloud: { text: 'refuse' }, names: 'block' }, { cloud: { text: 'refuse' } }, []],
  [
    'every class',
    {},
    { cloud: { transcript: 'scrub', audio: 'raw', image: 'raw', file: 'raw' } },
    ['What was spoken leaves word for word, with', 'Recordings', 'Pictures', 'Files'],
  ],
  ['a transcript raw', {}, { cloud: { transcript: 'raw' } }, ['What was spoken leaves word for word, as it is']],
  ['types that pass', { pass: ['URL'] }, { pass: ['URL', 'EMAIL', 'HOST'] }, ['E-mail address, Host.']],
  ['addresses', { urls: 'all' }, {}, ['Web addresses']],
  ['a surer recogniser', {}, { minScore: 0.9 }, ['less than 90%']],
  ['secrets for tools', {}, { restoreSecrets: 'tools' }, ['hands to tools']],
  ['secrets everywhere', { restoreSecrets: 'tools' }, { restoreSecrets: 'always' }, ['every answer']],
  ['a sentence less for the model is none', {}, { hint: false }, []],
]

describe('what a change lets out is said in words', () => {
  test.each(cases)('%s', (_, before, after, said) => {
    const told = loosenings(rules(before), rules(after), { hasRecogniser: false })
    expect(told.length).toBe(said.length)
    for (const [place, part] of said.entries()) expect(told[place]).toContain(part)
  })

  test('names that a recogniser finds do not go out now', () => {
    const told = loosenings(rules({ names: 'block' }), rules(), { hasRecogniser: true })
    expect(told).toEqual([expect.stringContaining('If the recogniser is taken out')])
  })
})

describe('a policy is read from its form', () => {
  test('as it was, when nothing is changed', () => {
    const policy = { ...rules({ pass: ['URL'], minScore: 0.35 }), name: 'mails' }
    const { name: _, ...whole } = policy
    expect(readPolicyForm(formOf(policy), null)).toEqual({ rules: whole })
    const sent: object = wireRules(policy)
    expect(sent).toEqual(whole)
  })

  test('a new one is the safe one', () => {
    expect(readPolicyForm({ ...formOf(null), name: ' mails ' }, ['default'])).toEqual({ rules: safeRules })
  })

  test.each<[string, string, readonly string[]]>([
    ['', '0.5', ['name']],
    ['default', '0.5', ['name']],
    ['my policy', '', ['name', 'minScore']],
    ['mails', '1.1', ['minScore']],
    ['mails', 'much', ['minScore']],
  ])('and the name “%s” with the score “%s” is refused', (name, minScore, at) => {
    const read = readPolicyForm({ ...formOf(null), name, minScore }, ['default'])
    expect('problems' in read && Object.keys(read.problems)).toEqual([...at])
  })
})
