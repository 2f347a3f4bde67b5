import { expect, test } from 'bun:test'
import type { Loaded } from './contract.ts'
import { readEnvironment } from './env.ts'
import { loadConfig } from './load.ts'

interface Given {
  readonly yaml?: string
  readonly variables?: Readonly<Record<string, string>>
  readonly overlay?: Readonly<Record<string, unknown>>
  readonly files?: readonly string[]
}

function load(given: Given): Loaded {
  const files = new Set(given.files ?? [])
  return loadConfig({
    environment: readEnvironment({ HEARTH_HOME: '/h', HOME: '/home/ada', ...given.variables }),
    file: given.yaml === undefined ? null : { path: '/etc/hearth/hearth.yaml', content: given.yaml },
    overlay: given.overlay ?? {},
    fileExists: (path) => files.has(path),
  })
}

function config(given: Given) {
  const loaded = load(given)
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems, null, 1))
  return loaded
}

function problems(given: Given) {
  const loaded = load(given)
  if (loaded.ok) throw new Error('expected problems')
  return loaded.problems
}

const example = `
server: { host: 127.0.0.1, port: 9999, loadWait: 60s }
upstreams:
  - name: office-vllm
    kind: openai
    baseUrl: http://10.0.0.5:8888/v1
    apiKey: \${OFFICE_KEY}
    locality: lan
    models: ["*"]
models:
  - id: tiny-a
    engine: llama
    file: ./tiny-a.gguf
    context: 2048
    memory: 1GiB
    ttl: 10m
fleet: { memory: 24GiB }
routes:
  - model: gpt-4o
    targets: [{ upstream: office-vllm, model: qwen3-30b }, { model: tiny-a }]
`

test('the documented example means what it says', () => {
  const loaded = config({ yaml: example, variables: { OFFICE_KEY: 'sk-1' }, files: ['/etc/hearth/tiny-a.gguf'] })
  expect(loaded.config.server).toMatchObject({ hosts: ['127.0.0.1'], port: 9999, loadWaitMs: 60_000 })
  expect(loaded.config.upstreams[0]).toMatchObject({
    name: 'office-vllm',
    baseUrl: 'http://10.0.0.5:8888/v1',
    locality: 'lan',
    models: ['*'],
  })
  expect(loaded.config.models[0]).toMatchObject({
    id: 'tiny-a',
    from: 'config',
    engine: 'llama',
    source: { kind: 'file', path: '/etc/hearth/tiny-a.gguf' },
    context: 2048,
    memoryBytes: 2 ** 30,
    ttlMs: 600_000,
  })
  expect(loaded.config.fleet.memoryBytes).toBe(24 * 2 ** 30)
  const targets = [
    { upstream: 'office-vllm', model: 'qwen3-30b', weight: 1 },
    { model: 'tiny-a', weight: 1 },
  ]
  expect(loaded.config.routes).toMatchObject([{ model: 'gpt-4o', policy: 'priority', targets, fallbacks: [] }])
  expect(loaded.secrets.upstreamKeys.get('office-vllm')).toBe('sk-1')
  expect(JSON.stringify([loaded.config, loaded.provenance])).not.toContain('sk-1')
})

test('without a file there are the defaults and the built-in test models, labelled as such', () => {
  const loaded = config({})
  expect(loaded.config.models.map((model) => [model.id, model.from])).toEqual([
    ['hearth/smoke', 'builtin'],
    ['hearth/smoke-rank', 'builtin'],
  ])
  for (const model of loaded.config.models) expect(model.label).toContain('nonsense')
  expect(loaded.config).toMatchObject({
    home: '/h',
    enginesDir: '/h/engines',
    egress: { cloudText: 'scrub', proxy: null },
  })
  expect(loaded.warnings).toEqual([])
})

test('the environment goes before the file, the file before the overlay, and the source of each value is shown', () => {
  const loaded = config({
    yaml: 'server:\n  port: 1000\n  drain: 5s\n',
    variables: { HEARTH_PORT: '0' },
    overlay: { 'server.port': 2000, 'server.drain': '6s', 'server.loadWait': '7s' },
  })
  expect(loaded.config.server).toMatchObject({ port: 0, drainMs: 5000, loadWaitMs: 7000, hosts: ['127.0.0.1'] })
  const row = (path: string) => loaded.provenance.find((entry) => entry.path === path)
  expect(row('server.port')).toMatchObject({ value: 0, source: 'environment' })
  expect(row('server.drain')).toEqual({ path: 'server.drain', value: '5s', source: 'file', line: 3 })
  expect(row('server.loadWait')).toMatchObject({ value: '7s', source: 'overlay' })
  expect(row('server.host')).toMatchObject({ value: '127.0.0.1', source: 'default' })
})

test('an overlay adds models; one of the file with the same id goes before it', () => {
  const loaded = config({
    yaml: 'models:\n  - { id: a, file: /a.gguf, context: 512 }\n',
    overlay: { 'models.a': { file: '/b.gguf' }, 'models.org/b.c': { file: '/gone.gguf' } },
    files: ['/a.gguf'],
  })
  expect(loaded.config.models.slice(0, 2)).toMatchObject([
    { id: 'a', from: 'config', source: { path: '/a.gguf' } },
    { id: 'org/b.c', from: 'overlay' },
  ])
  expect(loaded.warnings).toHaveLength(2)
  expect(loaded.warnings[0]).toContain('hidden')
  expect(loaded.warnings[1]).toContain('/gone.gguf')
})

test('all problems come at once, each with its line and the fix', () => {
  const found = problems({
    yaml: [
      'server:',
      '  prot: 80',
      '  loadWait: 60',
      '  port: 70000',
      'upstreams:',
      '  - name: office/vllm',
      '    base_url: http://10.0.0.5',
      'models: 5',
    ].join('\n'),
    variables: { HEARTH_ADMIN_KEY: 'short' },
  })
  expect(found.map((problem) => [problem.line, problem.path])).toEqual([
    [2, 'server.prot'],
    [3, 'server.loadWait'],
    [4, 'server.port'],
    [6, 'upstreams[0].name'],
    [6, 'upstreams[0].baseUrl'],
    [7, 'upstreams[0].base_url'],
    [8, 'models'],
  ])
  expect(found[0]?.fix).toContain('port')
  expect(found[1]?.message).toBe('server.loadWait is 60, but must be a time with its unit (ms, s, m, h, d).')
  expect(found[1]?.fix).toContain('60s')
  expect(found[5]?.fix).toBe('Write `baseUrl` instead.')
})

const single: readonly (Given & { readonly name: string; readonly says: string; readonly line?: number })[] = [
  { name: 'broken YAML', yaml: 'server:\n  host: "x\n', says: 'quote' },
  { name: 'a name that stands twice', yaml: 'server: {}\nserver: {}\n', says: 'unique', line: 2 },
  { name: 'a list instead of settings', yaml: '- a\n', says: 'must hold settings by name' },
  {
    name: 'a variable that is not set',
    yaml: 'upstreams:\n  - { name: a, baseUrl: "http://h", apiKey: "${NOPE}" }\n',
    says: 'NOPE is not set',
    line: 2,
  },
  {
    name: 'a duplicate id',
    yaml: 'models:\n  - { id: a, hf: "o/r:f.gguf" }\n  - { id: a, hf: "o/r:f.gguf" }\n',
    says: 'models[0].id is already',
    line: 3,
  },
  {
    name: 'a route to a model that does not exist',
    yaml: 'routes:\n  - { model: x, targets: [{ model: hearth/smok }] }\n',
    says: 'Did you mean hearth/smoke',
    line: 2,
  },
  {
    name: 'a route to an upstream that does not exist',
    yaml: 'routes:\n  - { model: x, targets: [{ upstream: offise, model: m }] }\n',
    says: 'no such upstream',
  },
  { name: 'a route without targets', yaml: 'routes:\n  - { model: x }\n', says: 'is missing: it must be a list' },
  {
    name: 'an alias that leads to an alias',
    yaml: 'routes:\n  - { model: x, targets: [{ model: hearth/smoke }] }\n  - { model: y, targets: [{ model: x }] }\n',
    says: 'aliases do not lead to aliases',
  },
  {
    name: 'an alias that is an id',
    yaml: 'routes:\n  - { model: hearth/smoke, targets: [{ model: hearth/smoke-rank }] }\n',
    says: "model's id already",
  },
  {
    name: 'a file that is missing',
    yaml: 'models:\n  - { id: a, file: ./a.gguf }\n',
    says: '/etc/hearth/a.gguf, but there is no such file',
    line: 2,
  },
  {
    name: 'a projector for the embedded engine, which cannot read images',
    yaml: 'models:\n  - { id: a, hf: "o/r:f.gguf", mmproj: ./p.gguf }\n',
    says: 'the engine llama cannot do yet. Take it out, or start a server that can with `cmd`',
    line: 2,
  },
  { name: 'no weights', yaml: 'models:\n  - { id: a }\n', says: 'nothing about its weights' },
  { name: 'two kinds of weights', yaml: 'models:\n  - { id: a, hf: "o/r:f.gguf", cmd: "x" }\n', says: 'only one of' },
  {
    name: 'the prefix of the built-in models',
    yaml: 'models:\n  - { id: hearth/x, hf: "o/r:f.gguf" }\n',
    says: 'built-in',
  },
  {
    name: 'an id that already means a model of an upstream',
    yaml: 'upstreams:\n  - { name: u, baseUrl: "http://h" }\nmodels:\n  - { id: u/x, hf: "o/r:f.gguf" }\n',
    says: 'upstream u',
  },
  {
    name: 'a password in an address',
    yaml: 'upstreams:\n  - { name: u, baseUrl: "http://me:secret@h" }\n',
    says: 'without user name, password',
  },
  {
    name: 'less room for all uploads than one may have',
    yaml: 'limits: { uploadDisk: 1MiB }\n',
    says: 'limits.uploadDisk is 1 MiB, less than one upload may have (limits.uploadBody, 512 MiB)',
    line: 1,
  },
  { name: 'a size without a unit', yaml: 'fleet: { memory: 24 }\n', says: 'a size with its unit' },
  {
    name: 'a pipe in a command',
    yaml: 'models:\n  - { id: a, cmd: "x | y" }\n',
    says: 'it holds |, which only a shell understands',
  },
  {
    name: 'a way of rounding instead of a file',
    yaml: 'models:\n  - { id: a, hf: "o/r:Q4_K_M" }\n',
    says: 'must be org/repo:file.gguf',
  },
  { name: 'a port that is a word', variables: { HEARTH_PORT: 'http' }, says: 'HEARTH_PORT (server.port) is "http"' },
  {
    name: 'an admin key of another form',
    variables: { HEARTH_ADMIN_KEY: 'sk-very-secret' },
    says: 'HEARTH_ADMIN_KEY does not have the form',
  },
  {
    name: 'a level of the log that there is not',
    variables: { HEARTH_LOG_LEVEL: 'verbose' },
    says: 'HEARTH_LOG_LEVEL is "verbose", but must be one of debug, info, warn, error, silent',
  },
  {
    name: 'a database of another kind',
    variables: { HEARTH_DATABASE_URL: 'mysql://u:secret@h/d' },
    says: 'not the address of a PostgreSQL',
  },
  {
    name: 'a key for values that is too short',
    variables: { HEARTH_PRIVACY_KEY: 'very-secret' },
    says: 'HEARTH_PRIVACY_KEY is no key',
  },
  {
    name: 'a wrong value set at run time',
    overlay: { 'server.drain': 5 },
    says: 'server.drain (set at run time) is 5',
  },
]

test.each(single)('$name is refused', (given) => {
  const found = problems(given)
  expect(found).toHaveLength(1)
  expect(`${found[0]?.message} ${found[0]?.fix}`).toContain(given.says)
  if (given.line !== undefined) expect(found[0]?.line).toBe(given.line)
  expect(found[0]?.fix).not.toBe('')
  expect(found[0]?.message).not.toContain('very-secret')
})

const addresses = [
  ['http://10.0.0.5:8888', 'http://10.0.0.5:8888/v1'],
  ['http://10.0.0.5:8888/v1/', 'http://10.0.0.5:8888/v1'],
  ['https://host.example/api/openai', 'https://host.example/api/openai/v1'],
  ['https://host.example/v1beta/openai', 'https://host.example/v1beta/openai'],
] as const

test.each(addresses)('the address %s is taken as %s', (written, meant) => {
  expect(config({ yaml: `upstreams:\n  - { name: a, baseUrl: "${written}" }\n` }).config.upstreams[0]?.baseUrl).toBe(
    meant,
  )
})

test('a command is split without a shell, and only PORT and HOST are left for the start', () => {
  const yaml = `models:
  - id: big
    cmd: llama-server -m "/models/with space.gguf" --port \${PORT} --key \${KEY}
    env: { A: "\${KEY}" }
    modelName: inner
`
  const loaded = config({ yaml, variables: { KEY: 'k k' } })
  expect(loaded.config.models[0]?.source).toEqual({
    kind: 'command',
    argv: ['llama-server', '-m', '/models/with space.gguf', '--port', '${PORT}', '--key', 'k k'],
    env: { A: 'k k' },
    modelName: 'inner',
  })
  expect(JSON.stringify(loaded.provenance)).not.toContain('k k')
})

test('sources of weights', () => {
  const yaml = `models:
  - { id: a, hf: "org/repo@abc:dir/f.gguf", ttl: never }
  - { id: b, file: smoke }
  - { id: c, file: ~/models/c.gguf }
`
  const models = config({ yaml, files: ['/home/ada/models/c.gguf'] }).config.models
  expect(models.map((model) => model.source).slice(0, 3)).toEqual([
    { kind: 'hf', repo: 'org/repo', revision: 'abc', file: 'dir/f.gguf' },
    { kind: 'smoke', which: 'chat' },
    { kind: 'file', path: '/home/ada/models/c.gguf' },
  ])
  expect(models[0]?.ttlMs).toBeNull()
})

test('what a person should hear about is a warning', () => {
  const yaml =
    'server: { corsOrigins: ["*"] }\nupstreams:\n  - { name: acme, baseUrl: "https://a.example", locality: cloud }\n'
  const { warnings } = config({ yaml, variables: { HEARTH_HOST: '0.0.0.0' } })
  expect(warnings).toHaveLength(3)
  expect(config({ yaml: 'egress: { cloudText: raw }\n' }).warnings[0]).toContain('cloudText is raw')
})

test('answers that are kept', () => {
  const of = (yaml: string) => config({ yaml }).config.responses
  expect(of('')).toEqual({ isStoring: true, retentionDays: 30, bodyBytes: 4 * 2 ** 20, background: 16 })
  expect(of('responses: { store: off, retention: 7d, body: 64KiB, background: 0 }')).toEqual({
    isStoring: false,
    retentionDays: 7,
    bodyBytes: 65_536,
    background: 0,
  })
  const [problem] = problems({ yaml: 'responses:\n  store: false\n' })
  expect(problem).toMatchObject({ path: 'responses.store', line: 2, message: expect.stringContaining('on, off') })
})

test('settings that are written but empty count as not written', () => {
  expect(config({ yaml: 'server:\nmodels:\nfleet:\n  memory:\n' }).config.server.port).toBe(9999)
})

test('any tree of YAML ends in a configuration or in problems, never in an exception', () => {
  const values = [
    '5',
    '""',
    '[]',
    '{}',
    '[[1]]',
    '{a: [b]}',
    'true',
    '"${X"',
    '1e400',
    '.nan',
    '2020-01-01',
    '!!binary aGk=',
    '{__proto__: 1}',
  ]
  for (const section of ['server', 'upstreams', 'models', 'routes', 'limits', 'egress', 'constructor', '__proto__'])
    for (const value of values) expect(typeof load({ yaml: `${section}: ${value}\n` }).ok).toBe('boolean')
})

test('pools are named once, and by those that share them', () => {
  const yaml = `
pools: [{ name: gpu-0, concurrency: 3, perKey: 2 }, { name: gpu-1, concurrency: 1 }]
upstreams: [{ name: stt, baseUrl: "http://10.0.0.5:1/v1", pool: gpu-0, audio: true }]
models: [{ id: tts, cmd: speak, pool: gpu-0 }]
fleet: { maxQueuePerKey: 8, batchAge: 10s, engineSilence: 30s }
`
  const { pools, upstreams, models, fleet } = config({ yaml }).config
  expect(pools).toEqual([
    { name: 'gpu-0', concurrency: 3, perKey: 2 },
    { name: 'gpu-1', concurrency: 1, perKey: null },
  ])
  expect([upstreams[0], models[0]]).toMatchObject([
    { pool: 'gpu-0', audio: true },
    { pool: 'gpu-0', audio: false },
  ])
  expect(fleet).toMatchObject({ maxQueuePerKey: 8, batchAgeMs: 10_000, engineSilenceMs: 30_000 })
})

test.each([
  ['pools: [{ name: a, concurrency: 1 }, { name: a, concurrency: 2 }]', 'pools[1].name', 'Give one of them another'],
  ['pools: [{ name: a, concurrency: 1, perKey: 2 }]', 'pools[0].perKey', 'Write a smaller number'],
  ['models: [{ id: m, cmd: x, pool: gpu }]', 'models[0].pool', 'Add it to `pools`.'],
  [
    'pools: [{ name: gpu-0, concurrency: 1 }]\nupstreams: [{ name: u, baseUrl: "http://h/v1", pool: gpu0 }]',
    'upstreams[0].pool',
    'Did you mean gpu-0?',
  ],
])('%s is refused at %s', (yaml, path, fix) => {
  expect(problems({ yaml })).toMatchObject([{ path, fix: expect.stringContaining(fix) }])
})
