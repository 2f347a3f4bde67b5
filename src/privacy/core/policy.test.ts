import { expect, test } from 'bun:test'
import type { DataClass } from '#kernel/words.ts'
import type { PrivacyPolicy } from '../contract.ts'
import { ruleOn } from './policy.ts'

const strict: PrivacyPolicy = {
  name: 'default',
  names: 'known-names',
  cloud: { text: 'scrub', transcript: 'refuse', audio: 'refuse', image: 'refuse', file: 'refuse' },
  pass: [],
  urls: 'internal',
  restoreSecrets: 'never',
  hint: true,
  minScore: 0.5,
}

const loosened = (cloud: Partial<PrivacyPolicy['cloud']>): PrivacyPolicy => ({
  ...strict,
  cloud: { ...strict.cloud, ...cloud },
})

const rule = (data: readonly DataClass[], policy = strict, hasBody = true) =>
  ruleOn({ name: 'acme', data, hasBody, policy })

test.each([
  [['text'], 'scrub'],
  [['metadata'], 'scrub'],
  [[], 'scrub'],
  [['audio'], 'refuse'],
  [['text', 'transcript'], 'refuse'],
  [['text', 'image'], 'refuse'],
  [['file', 'metadata'], 'refuse'],
] as const)('of %p for a cloud becomes by default: %s', (data, kind) => {
  expect(rule(data).kind).toBe(kind)
})

test.each([
  [['text'], { text: 'raw' }, 'raw'],
  [['text'], { text: 'refuse' }, 'refuse'],
  [['text', 'transcript'], { text: 'raw', transcript: 'scrub' }, 'scrub'],
  [['text', 'transcript'], { text: 'raw', transcript: 'raw' }, 'raw'],
  [['text', 'image'], { text: 'scrub', image: 'raw' }, 'scrub'],
  [['text', 'image', 'audio'], { image: 'raw' }, 'refuse'],
  [['metadata'], { text: 'refuse' }, 'refuse'],
] as const)('of %p where an admin said %p becomes: %s', (data, cloud, kind) => {
  expect(rule(data, loosened(cloud)).kind).toBe(kind)
})

test('a refusal names what stays, where it should have gone and what to do', () => {
  const ruling = rule(['text', 'transcript'])
  const message = ruling.kind === 'refuse' ? ruling.message : ''
  for (const part of ['transcript of a recording', 'acme is a cloud', '/scrub']) expect(message).toContain(part)
})
