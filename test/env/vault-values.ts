import type { AppError } from '../../src/kernel/errors.ts'
import { keyId } from '../../src/kernel/ids.ts'
import type { Clock } from '../../src/kernel/time.ts'
import type { Departure, NewValue, ScopeVault } from '../../src/privacy/contract.ts'

export const mine = keyId('aaaaaaaaaaaa')
export const theirs = keyId('bbbbbbbbbbbb')
export const hour = 3_600_000
export const at = 1_900_000_000_000

export class HandClock implements Clock {
  time = at
  now = (): number => this.time
  mono = (): number => this.time
}

export const value = (text: string, more: Partial<NewValue> = {}): NewValue => ({
  type: 'EMAIL',
  value: text,
  canonical: text.toLowerCase(),
  origin: 'user',
  isRestorable: true,
  ...more,
})
export const person = (name: string): NewValue => value(name, { type: 'PERSON' })
export const secret = (text: string, more: Partial<NewValue> = {}): NewValue =>
  value(text, { type: 'SECRET', canonical: text, ...more })
export const departure = (more: Partial<Departure> = {}): Departure => ({
  at,
  request: null,
  owner: mine,
  destination: 'somewhere',
  path: '/v1/chat/completions',
  bytes: 12,
  data: ['text'],
  policy: 'default',
  verdict: 'sent',
  reason: null,
  counts: { EMAIL: 2 },
  ...more,
})

export const parts = (placeholder: string) =>
  /^\[([A-Z]+)_([0-9A-Z]{4})(?:_([A-Z0-9]+))?\]$/.exec(placeholder)?.slice(1) ?? []
export const resolve = (vault: ScopeVault, placeholder: string): string | null => {
  const [, tag = '', form = ''] = parts(placeholder)
  return vault.live.resolve(tag, form)
}
export const reasonOf = (work: () => unknown): Promise<string> =>
  Promise.resolve()
    .then(work)
    .then(
      () => 'none',
      (error: AppError) => `${error.kind} ${error.reason}`,
    )
