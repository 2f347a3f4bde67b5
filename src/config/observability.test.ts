import { expect, test } from 'bun:test'
import { readEnvironment } from './env.ts'
import { loadConfig } from './load.ts'

function load(yaml: string, variables: Readonly<Record<string, string>> = {}) {
  return loadConfig({
    environment: readEnvironment({ HEARTH_HOME: '/h', ...variables }),
    file: { path: '/h/hearth.yaml', content: yaml },
    overlay: {},
    fileExists: () => true,
  })
}

function config(yaml: string, variables: Readonly<Record<string, string>> = {}) {
  const loaded = load(yaml, variables)
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems))
  return loaded
}

test('without a word nothing is kept, cached for a route, or sent', () => {
  const { config: made, warnings } = config('')
  expect(made.log).toEqual({
    bodies: 'off',
    bodyBytes: 65_536,
    maxBytes: 2 ** 30,
    retentionDays: 7,
    mayOptIn: false,
    exceptKeys: [],
  })
  expect(made.cache).toEqual({ maxBytes: 256 * 2 ** 20, maxEntryBytes: 2 ** 20 })
  expect(made.telemetry).toEqual({ tracesUrl: null, sample: 1, queue: 5000 })
  expect(warnings).toEqual([])
})

test('kept bodies are told at every start', () => {
  const { config: made, warnings } = config('log: { bodies: errors, bodySize: 8KiB, retention: 2d, optIn: true }')
  expect(made.log).toMatchObject({ bodies: 'errors', bodyBytes: 8192, retentionDays: 2, mayOptIn: true })
  expect(warnings).toEqual(['log.bodies is errors: what people write and are answered is kept for failed requests.'])
})

test.each([
  ['http://127.0.0.1:4318', 'http://127.0.0.1:4318/v1/traces'],
  ['http://127.0.0.1:4318/', 'http://127.0.0.1:4318/v1/traces'],
  ['https://otlp.example.org/otlp', 'https://otlp.example.org/otlp/v1/traces'],
  ['https://otlp.example.org/v1/traces', 'https://otlp.example.org/v1/traces'],
])('traces for %s go to %s', (otlp, url) => {
  expect(config(`telemetry: { otlp: "${otlp}" }`).config.telemetry.tracesUrl).toBe(url)
})

test('a header for the receiver comes from the environment and is shown nowhere', () => {
  const loaded = config(
    'telemetry: { otlp: "http://127.0.0.1:4318", headers: { x-key: "${OTLP_KEY}" }, sample: 0.1 }',
    {
      OTLP_KEY: 'very-secret',
    },
  )
  expect(loaded.secrets.telemetryHeaders).toEqual({ 'x-key': 'very-secret' })
  expect(loaded.config.telemetry.sample).toBe(0.1)
  expect(JSON.stringify([loaded.config, loaded.provenance, loaded.warnings])).not.toContain('very-secret')
  expect(loaded.provenance).toContainEqual(
    expect.objectContaining({ path: 'telemetry.headers', value: { 'x-key': 'set' } }),
  )
})

test.each([
  ['telemetry: { headers: { x-key: a } }', 'telemetry.headers', 'does not say for whom'],
  ['telemetry: { otlp: "http://h", headers: { Content-Type: a } }', 'telemetry.headers', 'no header that can be given'],
  ['telemetry: { otlp: "http://h", sample: 2 }', 'telemetry.sample', 'from 0 to 1'],
  ['telemetry: { otlp: "localhost:4318" }', 'telemetry.otlp', 'http://'],
  ['cache: { size: 1MiB, entrySize: 2MiB }', 'cache.entrySize', 'more than the whole cache'],
  ['log: { bodies: some }', 'log.bodies', 'one of off, errors, all'],
  ['log: { exceptKeys: [hk-abc] }', 'log.exceptKeys[0]', 'public id'],
])('%s is refused', (yaml, path, part) => {
  const loaded = load(yaml)
  const problems = loaded.ok ? [] : loaded.problems
  expect(problems.map((problem) => problem.path)).toEqual([expect.stringContaining(path)])
  expect(problems[0]?.message).toContain(part)
})
