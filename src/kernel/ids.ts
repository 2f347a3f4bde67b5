/** Typed ids: a `KeyId` cannot be passed where a `ModelId` is wanted, though both are strings on the wire. */
declare const brand: unique symbol

export type Id<Kind extends string> = string & { readonly [brand]: Kind }

/** Public id of an API key: 12 of `a-z0-9`. Safe to log and to show. */
export type KeyId = Id<'key'>
/** A person: `usr_` and 12 of `a-z0-9`. Stands where a key's id stands for what a person asks without a key. */
export type UserId = Id<'user'>
/** The name a caller writes in `model`: a recipe's id, a route's alias, or `upstream/model`. */
export type ModelName = Id<'model name'>
/** The id of a recipe in `models:`. */
export type ModelId = Id<'model'>
/** The `name` of an entry in `upstreams:`. */
export type UpstreamName = Id<'upstream'>
/** What a request is sent to: `model:<ModelId>` for a local engine, `upstream:<UpstreamName>` for an external one. */
export type DeploymentId = Id<'deployment'>
/** `req_` and 24 of `a-z0-9`, the first eight of them the time it came; the response's `x-request-id`. */
export type RequestId = Id<'request'>

export const keyId = (text: string): KeyId => text as KeyId
export const userId = (text: string): UserId => text as UserId
export const modelName = (text: string): ModelName => text as ModelName
export const modelId = (text: string): ModelId => text as ModelId
export const upstreamName = (text: string): UpstreamName => text as UpstreamName
export const requestId = (text: string): RequestId => text as RequestId
export const localDeployment = (model: ModelId): DeploymentId => `model:${model}` as DeploymentId
export const upstreamDeployment = (upstream: UpstreamName): DeploymentId => `upstream:${upstream}` as DeploymentId

/** Milliseconds since 1970 in base 36: eight letters until 2059. A row is found by its time without an index of ids. */
export const timeInId = (at: number): string => Math.floor(at).toString(36).padStart(8, '0')
/** When a request with this id came; another's id tells any time at all. null: it is no id of ours. */
export function timeOfRequest(id: string): number | null {
  const [, digits] = /^req_([a-z0-9]{8})[a-z0-9]{16}$/.exec(id) ?? []
  return digits === undefined ? null : Number.parseInt(digits, 36)
}
