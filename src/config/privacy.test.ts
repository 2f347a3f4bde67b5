import { describe, expect, test } from 'bun:test'
import { readEnvironment } from './env.ts'
import { loadConfig } from './load.ts'
import { checkOverlay } from './overlay.ts'
import { defaultPolicy } from './settings-privacy.ts'

function load(yaml: string, overlay: Readonly<Record<string, unknown>> = {}) {
  return loadConfig({
    environment: readEnvironment({ HEARTH_HOME: '/h', HOME: '/home/ada' }),
    file: { path: '/h/hearth.yaml', content: yaml },
    overlay,
    fileExists: () => true,
  })
}

function config(yaml: string, overlay: Readonly<Record<string, unknown>> = {}) {
  const loaded = load(yaml, overlay)
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems))
  return loaded
}

const cloud = 'upstreams: [{ name: v, baseUrl: "https://v.example", locality: cloud }]\n'
const reader = 'privacy: { recogniser: { url: "http://127.0.0.1:5002" } }\n'

test('without a word text leaves scrubbed, and nothing else leaves', () => {
  const { privacy, egress } = config('').config
  expect(egress.cloudText).toBe('scrub')
  expect(privacy).toEqual({
    policies: [defaultPolicy],
    upstreamPolicies: new Map(),
    recogniser: null,
    ttlMs: 30 * 24 * 3_600_000,
    limits: { textBytes: 2 ** 20, scrubMs: 1000, decodedBytes: 2 ** 18, scopes: 10_000, valuesPerScope: 20_000 },
  })
  expect(defaultPolicy.cloud).toEqual({
    text: 'scrub',
    transcript: 'refuse',
    audio: 'refuse',
    image: 'refuse',
    file: 'refuse',
  })
})

test('what a policy does not say has the safe value, and the default is the first wherever it stands', () => {
  const yaml = `
upstreams: [{ name: v, baseUrl: "https://v.example", privacy: strict }]
privacy:
  policies:
    - { name: strict, names: block, minScore: 0.3 }
    - { name: default, pass: [URL], urls: all, cloud: { image: raw } }
  recogniser: { url: "http://10.0.0.7:5002/", kind: gliner, timeout: 500ms, entities: [person] }
  limits: { text: 2MiB }
`
  const { privacy } = config(yaml).config
  expect(privacy.policies).toEqual([
    { ...defaultPolicy, pass: ['URL'], urls: 'all', cloud: { ...defaultPolicy.cloud, image: 'raw' } },
    { ...defaultPolicy, name: 'strict', names: 'block', minScore: 0.3 },
  ])
  expect([...privacy.upstreamPolicies]).toEqual([['v', 'strict']])
  expect(privacy.recogniser).toEqual({
    url: 'http://10.0.0.7:5002',
    kind: 'gliner',
    timeoutMs: 500,
    minScore: 0.5,
    language: 'en',
    entities: ['person'],
  })
  expect(privacy.limits).toMatchObject({ textBytes: 2 ** 21, scrubMs: 1000 })
})

describe('policies at run time', () => {
  test('are added to those of the file, which go before them, and each tells where it comes from', () => {
    const yaml = 'privacy:\n  ttl: 1d\n  policies:\n    - { name: strict, names: block }\n'
    const overlay = {
      'privacy.policies.strict': { names: 'known-names' },
      'privacy.policies.loose.one': { urls: 'all' },
      'privacy.ttl': '2d',
    }
    const loaded = config(yaml, overlay)
    expect(loaded.config.privacy.policies).toEqual([
      defaultPolicy,
      { ...defaultPolicy, name: 'strict', names: 'block' },
      { ...defaultPolicy, name: 'loose.one', urls: 'all' },
    ])
    expect(loaded.config.privacy.ttlMs).toBe(24 * 3_600_000)
    expect(loaded.warnings[0]).toContain('1 of the privacy.policies that were added at run time are hidden')
    const rows = loaded.provenance.filter(({ path }) => path.startsWith('privacy.'))
    expect(rows.map(({ path, source, line }) => [path, source, line])).toEqual([
      ['privacy.policies.strict', 'file', 4],
      ['privacy.policies.loose.one', 'overlay', null],
      ['privacy.recogniser', 'default', null],
      ['privacy.ttl', 'file', 2],
      ['privacy.limits', 'default', null],
    ])
  })

  test('need no file, and a fault in one names it as it was set', () => {
    expect(config('', { 'privacy.policies.a': { names: 'block' } }).config.privacy.policies).toHaveLength(2)
    const loaded = load('', { 'privacy.policies.a': { names: 'blok' } })
    expect(loaded.ok ? [] : loaded.problems).toEqual([
      {
        path: 'privacy.policies.a.names (set at run time)',
        line: null,
        message:
          'privacy.policies.a.names (set at run time) is "blok", but must be one of known-names, local-only, block.',
        fix: 'Did you mean block?',
      },
    ])
  })

  test('cannot be set over those of the file', () => {
    const { provenance } = config('privacy: { policies: [{ name: strict }] }')
    const put = (path: string, value: unknown = {}) => checkOverlay({ path, value, provenance })
    expect(() => put('privacy.policies.strict')).toThrow('is set in hearth.yaml, line 1')
    expect(() => put('privacy.policies.other')).not.toThrow()
    expect(() => put('privacy.policies')).toThrow('is not a setting')
    expect(() => put('privacy.policies.x', { name: '${HOME}' })).toThrow('takes ${HOME} from the environment')
  })
})

describe('a person hears at every start', () => {
  const told = (yaml: string): readonly string[] => config(yaml).warnings

  test('that names go out which the house does not know, with the upstreams they go to', () => {
    const vendor = 'upstreams: [{ name: v, baseUrl: "https://api.openai.com" }]\n'
    const sentence = 'names that the house does not know go out to v.'
    expect(told(cloud)).toEqual([expect.stringContaining(sentence) as unknown as string])
    expect(told(vendor)).toEqual([expect.stringContaining(sentence) as unknown as string])
  })

  test.each([
    ['a recogniser reads', cloud + reader],
    ['the policy keeps text without one', `${cloud}privacy: { policies: [{ name: default, names: block }] }`],
    ['there is no cloud', 'upstreams: [{ name: v, baseUrl: "http://10.0.0.5:8000" }]'],
    ['no text leaves', `${cloud}privacy: { policies: [{ name: default, cloud: { text: refuse } }] }`],
  ])('nothing of that where %s', (_, yaml) => {
    expect(told(yaml)).toEqual([])
  })

  test.each([
    ['cloud: { text: raw, image: raw }', 'privacy.policies.p: text, image may leave for clouds as it is, unscrubbed.'],
    ['cloud: { transcript: scrub }', 'privacy.policies.p: what was spoken may leave for clouds'],
    ['restoreSecrets: always', 'privacy.policies.p: keys and passwords are put back into answers.'],
  ])('that a policy with %s loosens', (rule, sentence) => {
    const yaml = `privacy: { policies: [{ name: p, ${rule} }] }`
    expect(told(yaml)).toEqual([expect.stringContaining(sentence) as unknown as string])
    expect(told(`egress: { cloudText: deny }\n${yaml}`)).toEqual([])
  })

  test('that everything goes as it is', () => {
    expect(told(`${cloud}egress: { cloudText: raw }`)).toEqual([
      expect.stringContaining('cloudText is raw') as unknown as string,
    ])
  })
})

test.each([
  ['upstreams: [{ name: v, baseUrl: "https://v", privacy: strict }]', 'upstreams[0].privacy', 'no such policy'],
  ['privacy: { policies: [{ name: a }, { name: a }] }', 'privacy.policies[1].name', 'as privacy.policies[0].name'],
  ['privacy: { policies: [{ name: a, pass: [EMAILS] }] }', 'privacy.policies[0].pass[0]', 'must be one of'],
  ['privacy: { policies: [{ name: a, cloud: { audio: scrub } }] }', 'privacy.policies[0].cloud.audio', 'refuse, raw'],
  ['privacy: { policies: [{ names: block }] }', 'privacy.policies[0].name', 'is missing'],
  ['privacy: { policies: [{ name: a, minScore: 2 }] }', 'privacy.policies[0].minScore', 'from 0 to 1'],
  ['privacy: { recogniser: { kind: presidio } }', 'privacy.recogniser.url', 'is missing'],
  [
    'compat: { presidio: 5002 }\nprivacy: { recogniser: { url: "http://localhost:5002" } }',
    'privacy.recogniser.url',
    'would ask itself',
  ],
  ['privacy: { ner: x }', 'privacy.ner', 'is not a setting'],
  ['privacy: { ttl: 30 }', 'privacy.ttl', 'a time with its unit'],
  ['egress: { cloudText: scrubb }', 'egress.cloudText', 'scrub, deny, raw'],
])('%s is refused with its name and what to write', (yaml, path, message) => {
  const loaded = load(yaml)
  if (loaded.ok) throw new Error('expected a problem')
  expect(loaded.problems.map((problem) => problem.path)).toEqual([path])
  expect(loaded.problems[0]?.message).toContain(message)
  expect(loaded.problems[0]?.fix).not.toBe('')
})
