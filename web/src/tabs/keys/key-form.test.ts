import { describe, expect, test } from 'bun:test'
import type { KeyView } from '../../api/types.ts'
import { emptyForm, readForm } from './key-form.ts'
import { limitsOf, lineOf, sortKeys, stateOf } from './key-state.ts'

const now = Date.parse('2026-05-01T00:00:00Z')

describe('the form of a key', () => {
  test('becomes a wish with only what was asked for', () => {
    expect(readForm({ ...emptyForm, name: ' Tablet ' }, now)).toEqual({
      wish: { name: 'Tablet', scopes: ['inference'] },
    })
  })

  test('carries models, limits and expiry', () => {
    const form = {
      ...emptyForm,
      name: 'Tablet',
      hasAllModels: false,
      models: 'hearth/smoke, office/* ,',
      limits: { requestsPerMinute: '60', tokensPerMinute: '', concurrency: ' 2 ' },
      weight: ' 3',
      isPatient: true,
      expiry: 'day',
    } as const
    expect(readForm(form, now)).toEqual({
      wish: {
        name: 'Tablet',
        scopes: ['inference'],
        models: ['hearth/smoke', 'office/*'],
        limits: { requestsPerMinute: 60, concurrency: 2, weight: 3, priority: 'batch' },
        expiresAt: '2026-05-02T00:00:00.000Z',
      },
    })
  })

  test('names everything that is wrong at once', () => {
    const limits = { requestsPerMinute: '0', tokensPerMinute: '1.5', concurrency: 'many' }
    const wrong = { ...emptyForm, scopes: [], hasAllModels: false, models: ' , ', limits, weight: '101' }
    const read = readForm(wrong, now)
    const problems = 'problems' in read ? Object.keys(read.problems).sort() : []
    expect(problems).toEqual([
      'concurrency',
      'models',
      'name',
      'requestsPerMinute',
      'scopes',
      'tokensPerMinute',
      'weight',
    ])
  })
})

describe('the limits of a key', () => {
  const none = { requestsPerMinute: null, tokensPerMinute: null, concurrency: null, weight: null, priority: null }
  const cases: readonly [Partial<KeyView['limits']>, string, string | null][] = [
    [{}, 'None', null],
    [{ weight: 1, priority: 'interactive' }, 'None', null],
    [{ requestsPerMinute: 60, concurrency: 2 }, '60 requests/min, 2 at once', null],
    [{ weight: 3 }, 'None', '3 turns where others have one'],
    [{ weight: 2, priority: 'batch' }, 'None', '2 turns where others have one, after those who wait for an answer'],
  ]
  test.each(cases)('%j are told as %p, and its place in a line as %p', (more, limits, line) => {
    expect(limitsOf({ ...none, ...more })).toBe(limits)
    expect(lineOf({ ...none, ...more })).toBe(line)
  })
})

describe('the state of a key', () => {
  const key = { createdAt: '2026-01-01T00:00:00Z', expiresAt: null, revokedAt: null } as KeyView
  const cases: readonly [string, Partial<KeyView>, string][] = [
    ['is active without an end', {}, 'active'],
    ['is active before its end', { expiresAt: '2026-05-01T00:00:01Z' }, 'active'],
    ['is expired at its end', { expiresAt: '2026-05-01T00:00:00Z' }, 'expired'],
    [
      'is revoked also when it would have expired',
      { expiresAt: '2026-01-02T00:00:00Z', revokedAt: '2026-01-01T00:00:00Z' },
      'revoked',
    ],
  ]
  for (const [name, more, state] of cases)
    test(name, () => expect<string>(stateOf({ ...key, ...more }, now)).toBe(state))

  test('the newest key stands first', () => {
    const newer = { ...key, id: 'b', createdAt: '2026-02-01T00:00:00Z' }
    expect(sortKeys([key, newer])[0]).toBe(newer)
  })
})
