import type { KeyViewWire } from '#protocol/admin/auth.ts'
import type { UserNewsWire } from '#protocol/admin/people.ts'

/** What auth tells on `/api/events`. Secrets are never in it. */
export type AuthEvent =
  | { readonly type: 'key.created'; readonly data: { readonly key: KeyViewWire } }
  | { readonly type: 'key.rotated'; readonly data: { readonly key: KeyViewWire } }
  | { readonly type: 'key.revoked'; readonly data: { readonly key: KeyViewWire } }
  | { readonly type: 'user.created'; readonly data: { readonly user: UserNewsWire } }
  | { readonly type: 'user.changed'; readonly data: { readonly user: UserNewsWire } }
  | { readonly type: 'user.removed'; readonly data: { readonly user: UserNewsWire } }
  /** A refresh token came a second time: the sign-in that it belongs to was ended. */
  | { readonly type: 'login.reused'; readonly data: { readonly user: string } }
  /** The chain of the audit log does not hold: `message` says where and how. */
  | {
      readonly type: 'audit.broken'
      readonly data: { readonly kind: string; readonly position: number; readonly message: string }
    }
