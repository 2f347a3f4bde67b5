import type { Connection } from './core/usability.ts'

/** What the house has, read at the moment of the question. */
export interface Household {
  /** Upstreams that name a provider, by its id. */
  connections(): ReadonlyMap<string, readonly Connection[]>
  /** The models that this house runs itself, with every name that their weights go by. */
  locals(): readonly { readonly id: string; readonly names: readonly string[] }[]
  /** No text leaves for clouds, whatever is in it. */
  isCloudRefused(): boolean
}

/** Who changed what, for the audit log. */
export type Record = (entry: {
  readonly who: string
  readonly action: string
  readonly target: string
  readonly detail: string
  readonly from: string
}) => void
