import { expect, test } from 'bun:test'
import { keyId } from '#kernel/ids.ts'
import { hmacSha256 } from '#platform/crypto/seal.ts'
import { systemClock } from '#platform/clock.ts'
import type { EntityType } from '../core/words.ts'
import { LeakGuard } from './leak-guard.ts'
import { OpenScope } from './vault/open-scope.ts'

function scopeWith(type: EntityType, value: string, canonical: string): OpenScope {
  const scope = { owner: keyId('test'), name: 'session:test' }
  const opened = new OpenScope(
    {
      scope,
      nameHash: scope.name,
      clock: systemClock,
      maxValues: () => 10,
      digest: (of, what) => hmacSha256(new Uint8Array(32), `${of}\n${what}`),
      onGrow: () => undefined,
    },
    { id: 'scope', createdAt: 0, ttlMs: 60_000, dataKey: new Uint8Array(32) },
  )
  opened.assign({ type, value, canonical, origin: 'user', isRestorable: true })
  return opened
}

test.each([
  ['PHONE', '+49 1512 3456789', '+4915123456789', '4915123456789'],
  ['PHONE', '01512 3456789', '+4915123456789', '+49 1512 3456789'.replaceAll(' ', '')],
  ['PHONE', '01512 3456789', '+4915123456789', 'wa.me/4915123456789'],
  ['EMAIL', 'ann [at] example [dot] org', 'ann@example.org', 'ann@example.org'],
  ['IP', '2a02:0db9:0:0:0:0:0:1', '2a02:db9::1', '2a02:db9::1'],
  ['IBAN', 'DE 89 3704 0044 0532 0130 00', 'DE89370400440532013000', 'DE89370400440532013000'],
] as const)('a %s that was replaced as %s does not leave as %s', (type, value, canonical, other) => {
  const guard = new LeakGuard()
  const vault = scopeWith(type, value, canonical)
  const check = (text: string) =>
    guard.check({ url: '/', headers: {}, body: new TextEncoder().encode(text) }, vault, { pass: [] })
  expect(() => check(`{"a":"call ${other} now"}`)).toThrow('still held identifiers')
  expect(() => check('{"a":"call nobody now"}')).not.toThrow()
})
