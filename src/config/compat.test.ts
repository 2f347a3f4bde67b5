import { expect, test } from 'bun:test'
import { readEnvironment } from './env.ts'
import { loadConfig } from './load.ts'

function load(yaml: string) {
  return loadConfig({
    environment: readEnvironment({ HEARTH_HOME: '/h', HOME: '/home/ada' }),
    file: { path: '/h/hearth.yaml', content: yaml },
    overlay: {},
    fileExists: () => true,
  })
}

function config(yaml: string) {
  const loaded = load(yaml)
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems))
  return loaded
}

test('nobody is listened for as another system would, unless it is said', () => {
  expect(config('').config.compat).toEqual({ host: '127.0.0.1', ollama: null, presidio: null, helix: null, trust: [] })
})

test('the port, the host and who is trusted are said in one place', () => {
  const yaml = 'compat: { ollama: 11434, host: 0.0.0.0, trust: [127.0.0.1, 192.168.1.0/24, "fd00::/8"] }'
  const loaded = config(yaml)
  const trust = ['127.0.0.1', '192.168.1.0/24', 'fd00::/8']
  expect(loaded.config.compat).toEqual({ host: '0.0.0.0', ollama: 11_434, presidio: null, helix: null, trust })
  expect(loaded.warnings).toEqual([expect.stringContaining('0.0.0.0:11434') as unknown as string])
})

test('trust in everybody is told at every start', () => {
  const warned = (yaml: string): boolean =>
    config(yaml).warnings.some((warning) => warning.includes('every model without a key'))
  expect(warned('compat: { ollama: 11434, trust: [0.0.0.0/0] }')).toBe(true)
  expect(warned('compat: { ollama: 11434, trust: ["::/0"] }')).toBe(true)
  expect(warned('compat: { trust: [0.0.0.0/0] }')).toBe(false)
  expect(warned('compat: { ollama: 11434, trust: [10.0.0.0/8] }')).toBe(false)
})

test('trust without a port is told to do nothing', () => {
  expect(config('compat: { trust: [127.0.0.1] }').warnings).toEqual([
    'compat.trust does nothing without a port: compat.ollama, compat.presidio, compat.helix.',
  ])
})

test.each([
  ['compat: { ollama: 9999 }', 'compat.ollama', 'port of Hearth itself'],
  ['compat: { helix: 9999 }', 'compat.helix', 'port of Hearth itself'],
  ['compat: { presidio: 9999 }', 'compat.presidio', 'port of Hearth itself'],
  ['compat: { ollama: 5002, presidio: 5002 }', 'compat.presidio', 'the port of compat.ollama'],
  ['compat: { presidio: 70000 }', 'compat.presidio', 'whole number'],
  ['compat: { ollama: 0 }', 'compat.ollama', 'whole number'],
  ['compat: { ollama: 11434, trust: [everyone] }', 'compat.trust[0]', 'range of addresses'],
  ['compat: { ollama: 11434, trust: [10/8] }', 'compat.trust[0]', 'range of addresses'],
])('%s is refused with its name and what to write', (yaml, path, message) => {
  const loaded = load(yaml)
  if (loaded.ok) throw new Error('expected a problem')
  expect(loaded.problems).toHaveLength(1)
  expect(loaded.problems[0]?.path).toBe(path)
  expect(loaded.problems[0]?.message).toContain(message)
  expect(loaded.problems[0]?.fix).not.toBe('')
})
