import { expect, test } from 'bun:test'
import type { PrivacyPolicy } from '../../contract.ts'
import type { Span } from '../words.ts'
import { policyWords } from './policy-words.ts'
import { whyOf } from './why.ts'

const span: Span = {
  start: 0,
  end: 15,
  type: 'EMAIL',
  recogniser: 'email',
  score: 0.85,
  isValidated: false,
  canonical: 'ann@example.org',
  view: 'raw',
}

test.each<[Partial<Span>, string]>([
  [{}, 'The recogniser email knows it as EMAIL: 85 % sure by its form.'],
  [{ isValidated: true }, 'The recogniser email knows it as EMAIL: what can be checked of it is right.'],
  [{ view: 'base64' }, 'The recogniser email knows it as EMAIL: 85 % sure by its form, seen inside base64.'],
  [{ recogniser: 'deny', type: 'TERM' }, 'It stands on a list of what must never leave.'],
  [{ recogniser: 'vault' }, 'It was replaced before in the same scope.'],
])('why %j was found is a sentence without the value', (more, sentence) => {
  const why = whyOf({ ...span, ...more })
  expect(why).toBe(sentence)
  expect(why).not.toContain(span.canonical)
})

const policy: PrivacyPolicy = {
  name: 'default',
  names: 'known-names',
  cloud: { text: 'scrub', transcript: 'refuse', audio: 'refuse', image: 'refuse', file: 'refuse' },
  pass: [],
  urls: 'internal',
  restoreSecrets: 'never',
  hint: true,
  minScore: 0.5,
}

test.each<[Partial<PrivacyPolicy>, string]>([
  [{ names: 'local-only' }, 'Text stays in the house, for no recogniser looks for names.'],
  [{ pass: ['URL', 'HOST'] }, 'These types are left as they are: URL, HOST.'],
  [{ urls: 'all' }, 'Every web address is replaced.'],
  [{ restoreSecrets: 'tools' }, 'Keys and passwords are put back into arguments of tools only.'],
  [{ cloud: { ...policy.cloud, text: 'refuse' } }, 'Text stays in the house.'],
  [{ cloud: { ...policy.cloud, transcript: 'scrub' } }, 'A transcript leaves with identifiers replaced.'],
  [{ cloud: { ...policy.cloud, audio: 'raw', file: 'raw' } }, 'Recordings and files may leave as they are.'],
])('a policy with %j says so', (more, sentence) => {
  expect(policyWords({ ...policy, ...more }, { hasRecogniser: false })).toContain(sentence)
})

test('a policy that keeps text without a recogniser does not say that it leaves', () => {
  const words = policyWords({ ...policy, names: 'local-only' }, { hasRecogniser: false })
  expect(words.join(' ')).not.toContain('Text leaves')
})

test('with a recogniser names are found by it, whatever the policy says of having none', () => {
  const words = policyWords({ ...policy, names: 'block' }, { hasRecogniser: true })
  expect(words).toContain('Names are found by a recogniser and by the lists of the house.')
  expect(words.join(' ')).not.toContain('refused')
})
