import type { ModelViewWire } from '#protocol/admin/fleet.ts'

/** What the fleet tells on `/api/events`. */
export type FleetEvent =
  | { readonly type: 'model.state'; readonly data: { readonly model: ModelViewWire } }
  | { readonly type: 'model.removed'; readonly data: { readonly id: string } }
  | { readonly type: 'model.log'; readonly data: { readonly id: string; readonly line: string } }
  | {
      readonly type: 'engine.install'
      readonly data: { readonly engine: string; readonly phase: string; readonly progress: number | null }
    }
