import type { Problem } from './contract.ts'

/** What the configuration tells on `/api/events`. */
export type ConfigEvent =
  | { readonly type: 'config.reloaded'; readonly data: Readonly<Record<string, never>> }
  | { readonly type: 'config.refused'; readonly data: { readonly problems: readonly Problem[] } }
