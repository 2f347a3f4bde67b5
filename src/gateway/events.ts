import type { DeploymentId } from '#kernel/ids.ts'

/** What the gateway tells on `/api/events`. */
export type GatewayEvent =
  | { readonly type: 'upstream.state'; readonly data: { readonly upstream: UpstreamState } }
  | { readonly type: 'route.state'; readonly data: { readonly target: TargetState } }

/** A place whose breaker changed. */
export interface TargetState {
  readonly deployment: DeploymentId
  readonly upstream: string
  readonly model: string
  readonly breaker: 'closed' | 'open' | 'half_open'
  readonly failures: number
  readonly lastFailure: string | null
}

/** What is known of an upstream from reading its model list. */
export interface UpstreamState {
  readonly name: string
  /** null: not tried yet. */
  readonly isReachable: boolean | null
  /** Model names of its `/v1/models`; null: not read. */
  readonly listed: readonly string[] | null
  readonly lastError: string | null
}
