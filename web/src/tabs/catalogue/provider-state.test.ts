import { expect, test } from 'bun:test'
import { providerState } from './provider-state.ts'

const provider = { reach: 'address', upstreams: [], keyless: [] } as const

test.each([
  [{}, 'unset'],
  [{ reach: 'own_address' }, 'unset'],
  [{ reach: 'none' }, 'unreached'],
  [{ upstreams: ['work'] }, 'ready'],
  [{ upstreams: ['work'], reach: 'none' }, 'ready'],
  [{ upstreams: ['work', 'home'], keyless: ['home'] }, 'keyless'],
] as const)('a provider with %j is %s', (more, state) => {
  expect(providerState({ ...provider, ...more })).toBe(state)
})
