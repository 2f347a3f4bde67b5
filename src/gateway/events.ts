/** What the gateway tells on `/api/events`. */
export type GatewayEvent = { readonly type: 'upstream.state'; readonly data: { readonly upstream: UpstreamState } }

/** What is known of an upstream from reading its model list. */
export interface UpstreamState {
  readonly name: string
  /** null: not tried yet. */
  readonly isReachable: boolean | null
  /** Model names of its `/v1/models`; null: not read. */
  readonly listed: readonly string[] | null
  readonly lastError: string | null
}
