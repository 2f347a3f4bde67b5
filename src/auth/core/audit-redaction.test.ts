import { describe, expect, test } from 'bun:test'
import { redacted, redactText, redactValue } from './audit-redaction.ts'
import { toRow } from './audit-row.ts'

const key = `hk-abcdefghijkl-${'0123456789ab'.repeat(4)}`

describe('what never stands in the audit log', () => {
  test.each([
    ['apiKey', 'x1'],
    ['OTLP_TOKEN', 'x1'],
    ['password', 'hunter2'],
    ['pin', 1234],
    ['passwordHash', '$argon2id$…'],
    ['secretSha256', 'ab'],
    ['headers', { 'x-anything': 'x1' }],
    ['env', { HOME_OF: 'x1' }],
    ['authorization', 'Basic x'],
    ['refreshTokens', ['a', 'b']],
    ['privateKey', 'x1'],
    ['values', ['Ada Lovelace']],
    ['value', 'Ada Lovelace'],
    ['prompt', 'Dear Ada'],
    ['messages', [{ role: 'user', content: 'Dear Ada' }]],
  ])('is the member %s', (name, value) => {
    expect(redactValue({ deep: [{ [name]: value }] })).toEqual({ deep: [{ [name]: redacted }] })
  })

  test.each([
    ['a key of this house', key, `hk-abcdefghijkl-${redacted}`],
    ['a key of a vendor', 'sk-proj-abcdefghijklmnopqrst', redacted],
    ['a web token', 'eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJ1c3IifQ.c2lnbmF0dXJl', redacted],
    ['what follows “Bearer”', 'Bearer abcdefgh1234', `Bearer ${redacted}`],
    ['a password in an address', 'postgres://ada:s3cret@db/hearth', `postgres://ada:${redacted}@db/hearth`],
    ['a private key', '-----BEGIN PRIVATE KEY-----\nMII\n-----END PRIVATE KEY-----', redacted],
  ])('is %s in any text', (_, secret, left) => {
    expect(redactText(`It is ${secret} now`)).toBe(`It is ${left} now`)
    const row = toRow({ at: 0, who: 'a', action: 'b', target: secret, detail: secret, before: { note: secret } }, 1)
    expect([row.target, row.detail, JSON.parse(row.before ?? '')]).toEqual([left, left, { note: left }])
  })

  test('is nothing of limits, budgets, roles, teams and links', () => {
    const plain = {
      limits: { tokensPerMinute: 9000, requestsPerDay: null },
      budget: { usd: 5, period: 'month' },
      role: 'developer',
      teams: ['lab'],
      isActive: true,
      hasPassword: true,
      upTo: 8,
      hash: 'ab'.repeat(32),
    }
    expect(redactValue(plain)).toEqual(plain)
  })

  test('makes a row no longer than it may be', () => {
    const long = Object.fromEntries(Array.from({ length: 3000 }, (_, index) => [`member${index}`, index]))
    const row = toRow({ at: 0, who: 'a', action: 'b', target: 'c', detail: 'd'.repeat(9000), after: long }, 1)
    expect(row.detail).toHaveLength(4000)
    expect(JSON.parse(row.after ?? '')).toMatchObject({ tooLong: JSON.stringify(long).length })
  })
})
