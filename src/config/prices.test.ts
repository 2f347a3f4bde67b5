import { expect, test } from 'bun:test'
import { readEnvironment } from './env.ts'
import { loadConfig } from './load.ts'

function load(yaml: string) {
  return loadConfig({
    environment: readEnvironment({ HEARTH_HOME: '/h', HOME: '/h' }),
    file: { path: '/etc/hearth/hearth.yaml', content: yaml },
    overlay: {},
    fileExists: () => true,
  })
}

const upstreams = `upstreams:
  - name: cap
    baseUrl: "http://10.0.0.5:8888"
    prices: { m: { input: 9, output: 9 }, "*": { input: 3, output: 3 } }
`

test('prices at the top go before those of the upstream, and local models may have some', () => {
  const loaded = load(`${upstreams}prices:
  "cap/m": { input: 1.0, output: 2.0 }
  "cap/org/other": { input: 4, output: 5, cached: 1 }
  "local/tiny": { input: 0.05, output: 0.05 }
`)
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems))
  expect(loaded.config.upstreams[0]?.prices).toEqual({
    m: { input: 1, output: 2, cached: null },
    'org/other': { input: 4, output: 5, cached: 1 },
    '*': { input: 3, output: 3, cached: null },
  })
  expect(loaded.config.localPrices).toEqual({ tiny: { input: 0.05, output: 0.05, cached: null } })
})

test.each([
  ['"cop/m": { input: 1, output: 2 }', 'the price of an upstream that is not there', 'Did you mean cap'],
  ['"m": { input: 1, output: 2 }', 'is not of the form upstream/model', '`local/<model>`'],
  ['"cap/": { input: 1, output: 2 }', 'is not of the form upstream/model', '`<upstream>/<model>`'],
])('the price %s is refused', (line, message, fix) => {
  const loaded = load(`${upstreams}prices:\n  ${line}\n`)
  if (loaded.ok) throw new Error('it is taken')
  expect(loaded.problems).toMatchObject([
    { message: expect.stringContaining(message), fix: expect.stringContaining(fix), line: 6 },
  ])
})
