import { expect, test } from 'bun:test'
import { AppError } from '#kernel/errors.ts'
import type { Caller } from '#kernel/words.ts'
import { silentLogger } from '#platform/log/logger.ts'
import type { Door } from '../contract.ts'
import { createGate } from './gate.ts'
import { createLocalCaller, createTrustedCaller } from './key-caller.ts'

const localAdmin = createLocalCaller(silentLogger)
const trusted = createTrustedCaller(silentLogger)
const somebody: Caller = createTrustedCaller(silentLogger)
const door: Door = {
  localAdmin,
  identify: ({ headers }) => {
    const key = headers.get('authorization')
    if (key === 'good') return { ok: true, caller: somebody, by: 'key' }
    return { ok: false, why: key === null ? 'missing' : 'revoked', message: 'No.' }
  },
}
const gate = createGate(door, trusted)

function admit(headers: Readonly<Record<string, string>>, at: { readonly isTrusted?: boolean }, scope = 'inference') {
  const given = new Headers({ host: '10.0.0.1', ...headers })
  return gate.admit({ headers: given }, { isLocalSocket: false, ...at }, scope as 'inference')
}

function kindOf(work: () => unknown): string {
  try {
    work()
    return 'admitted'
  } catch (thrown) {
    return thrown instanceof AppError ? thrown.kind : 'fault'
  }
}

test('who comes without a key is admitted where that is trusted, as one of their own name', () => {
  expect(admit({}, { isTrusted: true })).toBe(trusted)
  expect(trusted.name).toBe('trusted network')
})
test('who comes without a key is refused everywhere else', () => {
  expect(kindOf(() => admit({}, {}))).toBe('unauthenticated')
  expect(kindOf(() => admit({}, { isTrusted: false }))).toBe('unauthenticated')
})
test('a key counts, also where none is needed', () => {
  expect(admit({ authorization: 'good' }, { isTrusted: true })).toBe(somebody)
  expect(kindOf(() => admit({ authorization: 'old' }, { isTrusted: true }))).toBe('unauthenticated')
})
test('without a key there are models and nothing else', () => {
  for (const scope of ['monitor', 'fleet.operate', 'admin'])
    expect(kindOf(() => admit({}, { isTrusted: true }, scope))).toBe('forbidden')
})
