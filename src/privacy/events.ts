/** What privacy tells on `/api/events`: that something changed, never what it was about. */
export type PrivacyEvent =
  | { readonly type: 'privacy.lists'; readonly data: { readonly version: number } }
  | { readonly type: 'privacy.scope_deleted'; readonly data: { readonly id: string } }
  /** How far the leak test is that runs. */
  | { readonly type: 'privacy.leak_test'; readonly data: { readonly done: number; readonly cases: number } }
