import type { KeyViewWire } from '#protocol/admin/auth.ts'

/** What auth tells on `/api/events`. Secrets are never in it. */
export type AuthEvent =
  | { readonly type: 'key.created'; readonly data: { readonly key: KeyViewWire } }
  | { readonly type: 'key.rotated'; readonly data: { readonly key: KeyViewWire } }
  | { readonly type: 'key.revoked'; readonly data: { readonly key: KeyViewWire } }
