/** Each guard of the architecture is seen to fail: a small house with one violation, and the sentence it must give. */
import { describe, expect, test } from 'bun:test'
import { readSource } from './source.ts'
import { closure, findCycle, readHouse, strangeFiles, unknownFolders, violations } from './rules.ts'

const goodHouse = {
  'src/kernel/ids.ts': 'export type Id = string',
  'src/protocol/openai/chat.ts': "import { z } from 'zod'\nexport const chat = z.string()",
  'src/config/contract.ts': 'export interface Config {}',
  'src/platform/clock.ts': 'export const clock = { now: () => Date.now() }',
  'src/platform/egress/egress.ts': "import 'node:dns'\nexport const send = () => fetch('x')",
  'src/passage/exchange.ts': 'export const open = 1',
  'src/auth/index.ts': "export { keys } from './service.ts'",
  'src/auth/contract.ts': "import type { Id } from '#kernel/ids.ts'\nexport interface Door { id: Id }",
  'src/auth/core/choose.ts': "import type { Door } from '../contract.ts'\nexport const choose = (door: Door) => door",
  'src/auth/service.ts': "import { choose } from './core/choose.ts'\nexport const keys = choose",
  'src/auth/http.ts': "import { keys } from './service.ts'\nexport const routes = [keys]",
  'src/auth/adapters/sqlite.ts': "import { keys } from '../service.ts'\nexport const store = keys",
  'src/fleet/index.ts': 'export const fleet = 1',
  'src/gateway/service.ts': "import { open } from '#passage/exchange.ts'\nexport const serve = open",
  'src/compose.ts':
    "import { keys } from '#auth/index.ts'\nimport { store } from '#auth/adapters/sqlite.ts'\nexport const all = [keys, store]",
  'src/main.ts': "import { all } from './compose.ts'\nconsole.log(all)",
  'engines/llama/main.ts': "import type { Id } from '#kernel/ids.ts'\nexport const id: Id = ''",
  'sdk/typescript/index.ts':
    "import type { chat } from '../../src/protocol/openai/chat.ts'\nexport const ask = fetch as unknown as typeof chat",
  'cli/main.ts': "import { ask } from '../sdk/typescript/index.ts'\nexport const run = ask",
}

const plant = (path: string, text: string) =>
  violations(readHouse(new Map(Object.entries({ ...goodHouse, [path]: text }))))

test('a good house has no violations', () => {
  expect(violations(readHouse(new Map(Object.entries(goodHouse))))).toEqual([])
})

describe('an import is refused', () => {
  const cases: readonly (readonly [string, string, string, string])[] = [
    ['between domains', 'src/fleet/service.ts', "import { keys } from '#auth/index.ts'", 'src/auth/index.ts'],
    [
      'of a type between domains',
      'src/fleet/ports.ts',
      "import type { Door } from '#auth/contract.ts'",
      'src/auth/contract.ts (types)',
    ],
    [
      'as a re-export between domains',
      'src/fleet/ports.ts',
      "export type { Door } from '#auth/contract.ts'",
      'src/auth/contract.ts',
    ],
    [
      'as `import()` in a type',
      'src/fleet/ports.ts',
      "export type D = import('#auth/contract.ts').Door",
      'src/auth/contract.ts',
    ],
    [
      'as a dynamic import',
      'src/fleet/service.ts',
      "export const x = () => import('#auth/index.ts')",
      'src/auth/index.ts',
    ],
    ['as a require', 'src/fleet/service.ts', "export const x = () => require('#auth/index.ts')", 'src/auth/index.ts'],
    [
      'as a Worker',
      'src/fleet/service.ts',
      "export const x = () => new Worker(new URL('../auth/index.ts', import.meta.url))",
      'src/auth/index.ts',
    ],
    [
      'from a test of another domain',
      'src/fleet/fleet.test.ts',
      "import { keys } from '#auth/index.ts'",
      'src/auth/index.ts',
    ],
    ['from core outwards', 'src/auth/core/x.ts', "import { keys } from '../service.ts'", 'src/auth/service.ts'],
    [
      'of platform from core',
      'src/auth/core/x.ts',
      "import { clock } from '#platform/clock.ts'",
      'src/platform/clock.ts',
    ],
    [
      'of a value of the contract from core',
      'src/auth/core/x.ts',
      "import { a } from '../contract.ts'",
      'src/auth/contract.ts',
    ],
    ['from service to http', 'src/auth/service/x.ts', "import { routes } from '../http.ts'", 'src/auth/http.ts'],
    [
      'from http to an adapter',
      'src/auth/http/x.ts',
      "import { store } from '../adapters/sqlite.ts'",
      'src/auth/adapters/sqlite.ts',
    ],
    ['from an adapter to http', 'src/auth/adapters/x.ts', "import { routes } from '../http.ts'", 'src/auth/http.ts'],
    ['from tasks to http', 'src/auth/tasks.ts', "import { routes } from './http.ts'", 'src/auth/http.ts'],
    ['of a domain from platform', 'src/platform/x.ts', "import { keys } from '#auth/index.ts'", 'src/auth/index.ts'],
    [
      'of platform from kernel',
      'src/kernel/x.ts',
      "import { clock } from '#platform/clock.ts'",
      'src/platform/clock.ts',
    ],
    ['of a package from kernel', 'src/kernel/x.ts', "import { z } from 'zod'", 'the package zod'],
    [
      'of an unlisted package',
      'src/auth/service/x.ts',
      "import x from '@aws-sdk/client-s3/deep'",
      'the package @aws-sdk/client-s3',
    ],
    ['of the database driver', 'src/auth/adapters/x.ts', "import pg from 'pg'", 'the package pg'],
    [
      "of a domain's inside from compose",
      'src/compose/x.ts',
      "import { keys } from '#auth/service.ts'",
      'src/auth/service.ts',
    ],
    [
      'of the passage from a domain behind it',
      'src/auth/service/x.ts',
      "import { open } from '#passage/exchange.ts'",
      'src/passage/exchange.ts',
    ],
    [
      'of a domain from an engine',
      'engines/llama/x.ts',
      "import { fleet } from '../../src/fleet/index.ts'",
      'src/fleet/index.ts',
    ],
    [
      'of the server from the command line',
      'cli/x.ts',
      "import { keys } from '../src/auth/index.ts'",
      'src/auth/index.ts',
    ],
    [
      'of a value of the server from the sdk',
      'sdk/typescript/x.ts',
      "import { chat } from '../../src/protocol/openai/chat.ts'",
      'src/protocol',
    ],
    [
      'of the server from the page',
      'web/src/x.tsx',
      "import type { Door } from '../../src/auth/contract.ts'",
      'src/auth/contract.ts',
    ],
    ['of a file that is not there', 'src/auth/service/x.ts', "import { a } from './nowhere.ts'", 'which is not there'],
    [
      'by an alias of another package.json',
      'web/src/x.ts',
      "import type { Id } from '#kernel/ids.ts'",
      'relative path',
    ],
  ]
  test.each(cases)('%s', (_, path, text, expected) => {
    expect(plant(path, text).join('\n')).toContain(expected)
  })
})

describe('a capability is refused', () => {
  const cases: readonly (readonly [string, string, string])[] = [
    ['src/auth/adapters/x.ts', "export const x = () => fetch('http://x')", 'outbound connections'],
    ['src/auth/adapters/x.ts', "export const x = () => globalThis.fetch('http://x')", 'outbound connections'],
    ['src/auth/adapters/x.ts', "export const x = () => globalThis['fetch']('http://x')", 'outbound connections'],
    ['src/auth/adapters/x.ts', 'export const get = { fetch }', 'outbound connections'],
    ['src/auth/adapters/x.ts', "export const x = () => new WebSocket('ws://x')", 'outbound connections'],
    ['src/auth/adapters/x.ts', "export const x = () => new EventSource('x')", 'outbound connections'],
    ['src/auth/adapters/x.ts', 'export const x = () => Bun.connect({})', 'outbound connections'],
    ['src/auth/adapters/x.ts', 'export const x = () => Bun?.udpSocket({})', 'outbound connections'],
    ['src/auth/adapters/x.ts', 'export const x = () => Bun.s3.file("x")', 'outbound connections'],
    ['src/auth/adapters/x.ts', "import { connect } from 'bun'\nexport const x = connect", 'outbound connections'],
    ['src/auth/adapters/x.ts', "import { connect } from 'node:net'\nexport const x = connect", 'outbound connections'],
    [
      'src/auth/adapters/x.ts',
      "import { lookup } from 'node:dns/promises'\nexport const x = lookup",
      'outbound connections',
    ],
    ['engines/llama/x.ts', "import http from 'node:http'\nexport const x = http", 'outbound connections'],
    ['cli/x.ts', "export const x = () => fetch('http://x')", 'outbound connections'],
    ['src/platform/x.ts', 'export const x = () => Bun.serve({})', 'listeners'],
    ['src/auth/adapters/x.ts', "export const x = () => Bun.spawn(['ls'])", 'other programs'],
    ['src/auth/adapters/x.ts', "import { spawn } from 'node:child_process'\nexport const x = spawn", 'other programs'],
    ['src/auth/service/x.ts', 'export const x = () => process.env.HOME', 'the environment'],
    ['src/auth/service/x.ts', "import { env } from 'node:process'\nexport const x = env", 'the environment'],
    ['src/auth/service/x.ts', 'export const x = () => import.meta.env.HOME', 'the environment'],
    ['src/auth/service/x.ts', 'export const x = () => Date.now()', 'the clock'],
    ['src/auth/service/x.ts', 'export const x = () => new Date()', 'the clock'],
    ['src/auth/service/x.ts', 'export const x = () => performance.now()', 'the clock'],
    ['src/auth/service/x.ts', 'export const x = () => Math.random()', 'chance'],
    ['src/auth/service/x.ts', 'export const x = () => crypto.randomUUID()', 'chance'],
    ['src/auth/service/x.ts', "import { createHash } from 'node:crypto'\nexport const x = createHash", 'chance'],
  ]
  test.each(cases)('%s: %s', (path, text, expected) => {
    expect(plant(path, text).join('\n')).toContain(expected)
  })

  test('but a member, a key or a parameter of that name is not the thing', () => {
    const text = 'export const x = (fetch: () => void, app: { fetch(): void }) => ({ fetch: app.fetch(), y: fetch() })'
    expect(plant('src/auth/service/x.ts', text)).toEqual([])
    expect(plant('src/auth/service/x.ts', 'export interface Fetcher { fetch(): void; crypto: string }')).toEqual([])
    expect(plant('src/auth/core/x.ts', 'export const size = (window: { end: number }) => window.end')).toEqual([])
  })
})

describe('pure code may not use', () => {
  const names = [
    'console.log(1)',
    'setTimeout(() => {}, 1)',
    'process.pid',
    'Bun.version',
    'Date.now()',
    'Math.random()',
    'new Date()',
  ]
  const more = [
    "fetch('x')",
    'performance.now()',
    'crypto',
    'queueMicrotask(() => {})',
    'new Worker("x")',
    'Buffer.from("x")',
  ]
  const folders = ['src/kernel/x.ts', 'src/protocol/x.ts', 'src/auth/core/x.ts']
  test.each([...names, ...more].flatMap((name) => folders.map((path) => [name, path] as const)))(
    '%s in %s',
    (name, path) => {
      expect(plant(path, `export const x = () => ${name}`).join('\n')).toMatch(/is pure and may not use/)
    },
  )
})

test('a file that does work when imported is told', () => {
  expect(plant('src/auth/service/x.ts', 'registry.push(1)\nexport const x = 1').join()).toContain(
    'src/auth/service/x.ts:1 does work',
  )
})

test('a file that cannot be parsed is an error, not an empty file', () => {
  expect(() => readSource('x.ts', 'export const = 1')).toThrow('cannot be parsed')
})

test('a domain may hold no file of another name and src/ no unknown folder', () => {
  expect(strangeFiles(['src/auth/service.ts', 'src/auth/logic.ts', 'src/auth/logic.test.ts'])).toEqual([
    'src/auth/logic.ts',
  ])
  expect(unknownFolders(['src/auth/service.ts', 'src/stuff/x.ts'])).toEqual(['stuff'])
})

test('a closure holds what is reached at run time, packages too, and no types', () => {
  const house = readHouse(new Map(Object.entries(goodHouse)))
  const server = ['src/auth/adapters/sqlite.ts', 'src/auth/core/choose.ts', 'src/auth/index.ts', 'src/auth/service.ts']
  expect(closure(house, 'src/main.ts')).toEqual([...server, 'src/compose.ts', 'src/main.ts'])
  expect(closure(house, 'src/protocol/openai/chat.ts')).toEqual(['package:zod', 'src/protocol/openai/chat.ts'])
})

test('a cycle of introductions is found', () => {
  expect(findCycle({ a: ['b'], b: ['c'], c: ['a'], d: ['a'] })).toEqual(['a', 'b', 'c', 'a'])
  expect(findCycle({ a: ['b', 'c'], b: ['c'], c: [] })).toBeNull()
})
