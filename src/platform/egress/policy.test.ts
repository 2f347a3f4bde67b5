import { expect, test } from 'bun:test'
import type { DataClass, Locality } from '#kernel/words.ts'
import { denialOf } from './policy.ts'

const cases: readonly {
  readonly locality: Locality
  readonly data: readonly DataClass[]
  readonly cloudText: 'deny' | 'raw'
  readonly isDenied: boolean
}[] = [
  { locality: 'host', data: ['audio', 'text'], cloudText: 'deny', isDenied: false },
  { locality: 'lan', data: ['transcript', 'image'], cloudText: 'deny', isDenied: false },
  { locality: 'cloud', data: ['metadata'], cloudText: 'deny', isDenied: false },
  { locality: 'cloud', data: ['text'], cloudText: 'deny', isDenied: true },
  { locality: 'cloud', data: ['text'], cloudText: 'raw', isDenied: false },
  { locality: 'cloud', data: ['text', 'image'], cloudText: 'raw', isDenied: true },
  { locality: 'cloud', data: ['audio'], cloudText: 'raw', isDenied: true },
  { locality: 'cloud', data: ['transcript'], cloudText: 'raw', isDenied: true },
  { locality: 'cloud', data: ['file', 'metadata'], cloudText: 'raw', isDenied: true },
]

test.each(cases)(
  '$data to a $locality with cloudText $cloudText is denied: $isDenied',
  ({ locality, data, cloudText, isDenied }) => {
    const denial = denialOf({ name: 'somewhere', locality, data, hasBody: false, policy: { cloudText, proxy: null } })
    expect(denial !== null).toBe(isDenied)
  },
)

test('a denial names the upstream and says what to do', () => {
  const denial = denialOf({
    name: 'acme',
    locality: 'cloud',
    data: ['text'],
    hasBody: true,
    policy: { cloudText: 'deny', proxy: null },
  })
  expect(denial).toContain('acme')
  expect(denial).toContain('cloudText: raw')
})

test('a body that is named metadata, or nothing at all, is taken for text', () => {
  const policy = { cloudText: 'deny', proxy: null } as const
  const asked = { name: 'acme', locality: 'cloud', policy } as const
  expect(denialOf({ ...asked, data: ['metadata'], hasBody: true })).not.toBeNull()
  expect(denialOf({ ...asked, data: [], hasBody: false })).not.toBeNull()
})
