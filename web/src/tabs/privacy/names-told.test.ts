import { describe, expect, test } from 'bun:test'
import type { PolicyView } from '../../api/privacy.ts'
import { namesTold } from './names-told.ts'
import { safeRules } from './policy-form.ts'

const policy = (name: string, change: Partial<PolicyView> = {}): PolicyView => ({
  ...safeRules,
  name,
  version: 'v',
  isDefault: name === 'default',
  source: 'default',
  upstreams: [],
  words: [],
  ...change,
})
const noText = { ...safeRules.cloud, text: 'refuse' } as const

describe('what becomes of names without a recogniser', () => {
  test('they go out by every policy in use that lets them, and those of the file are told apart', () => {
    const told = namesTold([
      policy('default'),
      policy('mails', { source: 'file', upstreams: ['vendor'] }),
      policy('strict', { names: 'block', upstreams: ['other'] }),
      policy('spare', { source: 'overlay' }),
    ])
    expect(told).toMatchObject({ kind: 'out', open: [{ name: 'default' }], inFile: ['mails'] })
  })

  test('they stay where every policy in use keeps text', () => {
    const kept = policy('default', { names: 'local-only' })
    expect(namesTold([kept, policy('spare')])).toEqual({ kind: 'kept', policies: ['default'] })
  })

  test('there are none where no text leaves', () => {
    expect(namesTold([policy('default', { cloud: noText })])).toEqual({ kind: 'no-text' })
    expect(namesTold([policy('default', { cloud: { ...noText, transcript: 'scrub' } })]).kind).toBe('out')
  })
})
