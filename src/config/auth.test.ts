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

test('people come in by an invitation, for an hour and a week, unless it is said', () => {
  const loaded = load('')
  expect(loaded.ok && loaded.config.auth).toEqual({
    registration: 'invite',
    accessTokenMs: 3_600_000,
    refreshTokenMs: 7 * 24 * 3_600_000,
  })
})

test('a house that is open to everybody says so at every start', () => {
  const warned = (yaml: string): boolean => {
    const loaded = load(yaml)
    return loaded.ok && loaded.warnings.some((warning) => warning.includes('auth.registration is open'))
  }
  expect([warned('auth: { registration: open }'), warned('auth: { registration: off }'), warned('')]).toEqual([
    true,
    false,
    false,
  ])
})

test.each([
  ['auth: { registration: everybody }', 'auth.registration', 'everybody'],
  ['auth: { accessToken: 30s }', 'auth.accessToken', 'shorter than a minute'],
  ['auth: { accessToken: 25h }', 'auth.accessToken', 'longer than a day'],
  ['auth: { refreshToken: 0d }', 'auth.refreshToken', 'no time that a sign-in lasts'],
  ['auth: { refreshToken: 366d }', 'auth.refreshToken', 'no time that a sign-in lasts'],
])('%s is refused with its name and what to write', (yaml, path, message) => {
  const loaded = load(yaml)
  if (loaded.ok) throw new Error('expected a problem')
  expect(loaded.problems.map((problem) => problem.path)).toEqual([path])
  expect(loaded.problems[0]?.message).toContain(message)
  expect(loaded.problems[0]?.fix.length).toBeGreaterThan(5)
})
