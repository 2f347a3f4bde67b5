import { describe, expect, test } from 'bun:test'
import { readEnvironment } from './env.ts'
import { loadConfig } from './load.ts'

function load(yaml: string) {
  return loadConfig({
    environment: readEnvironment({ HEARTH_HOME: '/h', HOME: '/home/ada' }),
    file: { path: '/etc/hearth/hearth.yaml', content: yaml },
    overlay: {},
    fileExists: () => true,
  })
}

function config(yaml: string) {
  const loaded = load(yaml)
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems, null, 1))
  return loaded.config
}

const office = 'upstreams:\n  - { name: office, baseUrl: "http://10.0.0.5:8888" }\n'

describe('an upstream', () => {
  test.each([
    ['{ kind: openai, baseUrl: "http://h:1" }', 'http://h:1/v1', null, '', ['chat']],
    [
      '{ kind: anthropic, baseUrl: "https://api.anthropic.com" }',
      'https://api.anthropic.com/v1',
      null,
      '',
      ['messages'],
    ],
    ['{ baseUrl: "http://h:1/v1", apis: [messages, chat] }', 'http://h:1/v1', null, '', ['messages', 'chat']],
    [
      '{ kind: azure, baseUrl: "https://r.openai.azure.com", models: [d] }',
      'https://r.openai.azure.com/openai/v1',
      null,
      '',
      ['chat'],
    ],
    [
      '{ kind: azure, baseUrl: "https://r.openai.azure.com/openai/v1/", models: [d] }',
      'https://r.openai.azure.com/openai/v1',
      null,
      '',
      ['chat'],
    ],
    [
      '{ kind: azure, baseUrl: "https://r.openai.azure.com", models: [d], apiVersion: 2024-10-21 }',
      'https://r.openai.azure.com/openai',
      'https://r.openai.azure.com/openai/deployments/{model}',
      '?api-version=2024-10-21',
      ['chat'],
    ],
    [
      '{ kind: gemini, baseUrl: "https://generativelanguage.googleapis.com" }',
      'https://generativelanguage.googleapis.com/v1beta/openai',
      null,
      '',
      ['chat'],
    ],
    [
      '{ kind: gemini, baseUrl: "https://generativelanguage.googleapis.com/v1beta/openai/" }',
      'https://generativelanguage.googleapis.com/v1beta/openai',
      null,
      '',
      ['chat'],
    ],
  ])('%s is asked at %s', (written, baseUrl, modelUrl, query, apis) => {
    const yaml = `upstreams:\n  - ${written.replace('{', '{ name: up,')}\n`
    expect(config(yaml).upstreams[0]).toMatchObject({ baseUrl, modelUrl, query, apis: [...apis] })
  })

  test('has its metrics beside its /v1, and one context for all models or one for each', () => {
    const written = (more: string) =>
      config(`upstreams:\n  - { name: up, baseUrl: "http://h:1/v1", ${more} }\n`).upstreams[0]
    expect(written('engine: vllm')).toMatchObject({ engine: 'vllm', metricsUrl: 'http://h:1/metrics' })
    expect(written('engine: sglang, metricsUrl: "http://h:2/m"')).toMatchObject({ metricsUrl: 'http://h:2/m' })
    expect(written('context: 8192')?.context).toEqual({ '*': 8192 })
    expect(written('context: { big: 131072, "*": 8192 }')?.context).toEqual({ big: 131_072, '*': 8192 })
    expect(written('models: [a]')?.context).toEqual({})
  })
})

describe('routing', () => {
  test('has its defaults without a word about it', () => {
    const { routing, routes } = config(
      `${office}routes:\n  - { model: a, targets: [{ upstream: office, model: b }] }\n`,
    )
    expect(routing).toEqual({
      policy: 'priority',
      retries: { attempts: 2, maxAttempts: 6, backoffMs: 200, maxBackoffMs: 5000, maxRetryAfterMs: 10_000 },
      breaker: { failures: 5, openForMs: 5000, maxOpenForMs: 60_000, whenAllOpen: 'ask' },
      prefix: { match: 0.5, maxAhead: 32, maxRatio: 1.1 },
    })
    expect(routes[0]).toEqual({
      model: 'a',
      aliases: [],
      policy: 'priority',
      targets: [{ upstream: 'office', model: 'b', weight: 1 }],
      fallbacks: [],
      retries: {},
      deadlines: null,
      cacheTtlMs: null,
    })
  })

  test('of a route is as it is written', () => {
    const { routes } = config(`${office}routes:
  - model: coder
    aliases: [gpt-4o]
    policy: least-loaded
    targets: [{ upstream: office, model: b, weight: 0.5, priority: 2 }]
    fallbacks: [{ on: [context_length], model: office/big }, { model: hearth/smoke }]
    retries: { attempts: 1, backoff: 1s }
    deadlines: { firstByte: 20s }
    cache: { ttl: 10m }
`)
    expect(routes[0]).toEqual({
      model: 'coder',
      aliases: ['gpt-4o'],
      policy: 'least-loaded',
      targets: [{ upstream: 'office', model: 'b', weight: 0.5, priority: 2 }],
      fallbacks: [
        { on: ['context_length'], model: 'office/big' },
        { on: null, model: 'hearth/smoke' },
      ],
      retries: { attempts: 1, backoffMs: 1000 },
      deadlines: { firstByteMs: 20_000 },
      cacheTtlMs: 600_000,
    })
  })
})

const target = 'targets: [{ upstream: office, model: m }]'
const named = 'upstreams:\n  - { name: office, baseUrl: "http://h:1", models: [m] }\n'

const refused = [
  [
    'a circle of fallbacks',
    `${named}routes:
  - { model: a, ${target}, fallbacks: [{ model: b2 }] }
  - { model: b, aliases: [b2], ${target}, fallbacks: [{ model: a }] }
`,
    'a circle: a → b2 → a',
  ],
  [
    'a fallback to itself',
    `${named}routes:\n  - { model: a, ${target}, fallbacks: [{ model: a }] }\n`,
    'a circle: a → a',
  ],
  [
    'a fallback to nobody',
    `${named}routes:\n  - { model: a, ${target}, fallbacks: [{ model: zzz }] }\n`,
    'nobody answers to that name',
  ],
  [
    'a route that is an alias of one before it',
    `${named}routes:\n  - { model: a, aliases: [b], ${target} }\n  - { model: b, ${target} }\n`,
    'as routes[0] is called already',
  ],
  [
    'an alias that is a route',
    `${named}routes:\n  - { model: a, ${target} }\n  - { model: b, aliases: [a], ${target} }\n`,
    'as routes[0] is called already',
  ],
  [
    'an alias that is a model',
    `${named}routes:\n  - { model: a, aliases: [hearth/smoke], ${target} }\n`,
    "a model's id already",
  ],
  [
    'a policy that there is not',
    `${named}routes:\n  - { model: a, policy: best, ${target} }\n`,
    'one of priority, weighted',
  ],
  [
    'a failure that there is not',
    `${named}routes:\n  - { model: a, ${target}, fallbacks: [{ on: [bad], model: m }] }\n`,
    'one of refused, reset',
  ],
  [
    'Azure without its deployments',
    'upstreams:\n  - { name: az, kind: azure, baseUrl: "https://r.openai.azure.com" }\n',
    'what could be deployed',
  ],
  [
    'a version for others than Azure',
    'upstreams:\n  - { name: o, baseUrl: "http://h", apiVersion: 2024-10-21 }\n',
    'for kind: azure',
  ],
  [
    'Responses of the older Azure',
    'upstreams:\n  - { name: o, kind: azure, models: [d], baseUrl: "http://h", apiVersion: 2024-10-21, apis: [responses] }\n',
    'does not have',
  ],
  [
    'metrics of nobody knows what',
    'upstreams:\n  - { name: o, baseUrl: "http://h", metricsUrl: "http://h/m" }\n',
    'stands without engine',
  ],
  [
    'a context of no tokens',
    'upstreams:\n  - { name: o, baseUrl: "http://h", context: 0 }\n',
    'a whole number of tokens',
  ],
] as const

test.each(refused)('%s is refused', (_what, yaml, says) => {
  const loaded = load(yaml)
  const problems = loaded.ok ? [] : loaded.problems
  expect(problems.map((problem) => problem.message).join('\n')).toContain(says)
  expect(problems).toHaveLength(1)
  expect(problems[0]?.fix).not.toBe('')
})

test('fallbacks that meet again further on are no circle', () => {
  const yaml = `${named}routes:
  - { model: a, ${target}, fallbacks: [{ model: b }, { model: c }] }
  - { model: b, ${target}, fallbacks: [{ model: c }] }
  - { model: c, ${target} }
`
  expect(config(yaml).routes).toHaveLength(3)
})

test('a vendor is a cloud at every start, also where nobody says so', () => {
  const warnings = (more: string): readonly string[] => {
    const loaded = load(`egress: { cloudText: deny }\nupstreams:\n  - { name: v, ${more} }\n`)
    if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems))
    return loaded.warnings
  }
  const told = 'is a cloud and egress.cloudText is deny: text for it is refused.'
  expect(warnings('kind: anthropic, baseUrl: "https://api.anthropic.com"')).toEqual([
    `The upstream v (api.anthropic.com) ${told}`,
  ])
  expect(warnings('locality: cloud, baseUrl: "https://api.openai.com/v1"')).toEqual([`The upstream v ${told}`])
  expect(warnings('baseUrl: "http://gpu.office.example:8000"')).toEqual([])
  expect(warnings('baseUrl: "https://notopenai.com"')).toEqual([])
})

test.each([
  ['policy: wieghted', 'Did you mean weighted?'],
  ['policy: latency-based-routing', 'Did you mean latency?'],
  ['policy: xyz', 'Write, for example: priority'],
])('%s of a route is refused with what was probably meant', (more, fix) => {
  const loaded = load(`${office}routes:\n  - { model: r, ${more}, targets: [{ upstream: office, model: m }] }\n`)
  expect(loaded.ok ? [] : loaded.problems.map((problem) => problem.fix)).toEqual([fix])
})

test('the settings of LiteLLM are refused with the guide that tells what to write', () => {
  const loaded = load('model_list: []\nrouter_settings: {}\nlitellm_settings: {}\ngeneral_settings: {}\n')
  const fixes = loaded.ok ? [] : loaded.problems.map((problem) => problem.fix)
  expect(fixes).toHaveLength(4)
  for (const fix of fixes) expect(fix).toMatch(/from-litellm\.md|HEARTH_ADMIN_KEY/)
})
