import { keyId, modelName, requestId, upstreamName } from '#kernel/ids.ts'
import type { Outcome, RequestRecord, RequestTrace } from '#kernel/words.ts'
import type { ChargeAddition, TagAddition, UsageAddition } from '../core/usage.ts'

/** The tables of `migrations/`. Members stand in one order, that of the functions below: statements rely on it. */
export type RequestRow = {
  readonly at: number
  readonly id: string
  readonly key: string
  readonly endpoint: string
  readonly model: string
  readonly upstream: string | null
  readonly upstream_model: string | null
  readonly status: number
  readonly outcome: string
  readonly is_stream: number
  readonly prompt_tokens: number | null
  readonly completion_tokens: number | null
  readonly cached_tokens: number | null
  readonly ttft_ms: number | null
  readonly duration_ms: number
  readonly cost_micros: number | null
  readonly reason: string | null
  /** JSON; null in rows of earlier versions. */
  readonly trace: string | null
  readonly user_id: string | null
  readonly team: string | null
  /** `,a,b,`; null = none. */
  readonly tags: string | null
}
/** Members in the order of the functions below: statements rely on it. Names that nobody has are empty. */
export type SumRow = {
  readonly day: string
  readonly key: string
  readonly user_id: string
  readonly team: string
  readonly model: string
  readonly upstream: string
  readonly requests: number
  readonly prompt_tokens: number
  readonly completion_tokens: number
  readonly cached_tokens: number
  readonly cost_micros: number | null
  readonly failed: number
}
export type TagSumRow = SumRow & { readonly tag: string }
export type ChargeRow = {
  readonly kind: string
  readonly id: string
  readonly day: string
  readonly requests: number
  readonly tokens: number
  readonly micros: number
}

type PositionRow = { readonly journal: string; readonly segment: string; readonly segment_offset: number }
export type Tables = {
  readonly request: RequestRow
  readonly request_position: PositionRow
  readonly request_sum: SumRow
  readonly request_tag_sum: TagSumRow
  readonly request_charge: ChargeRow
}

export function toSumRow(addition: UsageAddition): SumRow {
  return {
    day: addition.day,
    key: addition.key,
    user_id: addition.user,
    team: addition.team,
    model: addition.model,
    upstream: addition.upstream,
    requests: addition.requests,
    prompt_tokens: addition.promptTokens,
    completion_tokens: addition.completionTokens,
    cached_tokens: addition.cachedTokens,
    cost_micros: addition.costMicros,
    failed: addition.failed,
  }
}

export const toTagSumRow = (addition: TagAddition): TagSumRow => ({ ...toSumRow(addition), tag: addition.tag })

export function toChargeRow({ kind, id, day, requests, tokens, micros }: ChargeAddition): ChargeRow {
  return { kind, id, day, requests, tokens, micros }
}

export function toRow(record: RequestRecord): RequestRow {
  return {
    at: record.at,
    id: record.id,
    key: record.key,
    endpoint: record.endpoint,
    model: record.model,
    upstream: record.upstream,
    upstream_model: record.upstreamModel,
    status: record.status,
    outcome: record.outcome,
    is_stream: record.isStream ? 1 : 0,
    prompt_tokens: record.usage.promptTokens,
    completion_tokens: record.usage.completionTokens,
    cached_tokens: record.usage.cachedTokens,
    ttft_ms: record.ttftMs,
    duration_ms: record.durationMs,
    cost_micros: record.costMicros,
    reason: record.reason,
    trace: record.trace === undefined ? null : JSON.stringify(record.trace),
    user_id: record.owner?.user ?? null,
    team: record.owner?.team ?? null,
    tags: record.tags === undefined ? null : `,${record.tags.join(',')},`,
  }
}

/** For its members only. */
export const exampleRow = toRow({
  id: requestId(''),
  at: 0,
  key: keyId(''),
  endpoint: '',
  model: modelName(''),
  upstream: null,
  upstreamModel: null,
  status: 0,
  outcome: 'complete',
  isStream: false,
  usage: { promptTokens: null, completionTokens: null, cachedTokens: null },
  ttftMs: null,
  durationMs: 0,
  costMicros: null,
  reason: null,
})

/** What a list tells of a row: all but its trace, which is as long as all the rest. */
export type ListedRow = Omit<RequestRow, 'trace'>

/** In the order of the table. */
export const listedColumns = Object.keys(exampleRow).filter((name) => name !== 'trace') as (keyof ListedRow)[]

export function toTracedRecord(row: RequestRow): RequestRecord {
  const record = toRecord(row)
  return row.trace === null ? record : { ...record, trace: JSON.parse(row.trace) as RequestTrace }
}

/** The casts trust what `toRow` wrote. */
export function toRecord(row: ListedRow): RequestRecord {
  return {
    id: requestId(row.id),
    at: row.at,
    key: keyId(row.key),
    endpoint: row.endpoint,
    model: modelName(row.model),
    upstream: row.upstream === null ? null : upstreamName(row.upstream),
    upstreamModel: row.upstream_model,
    status: row.status,
    outcome: row.outcome as Outcome,
    isStream: row.is_stream === 1,
    usage: {
      promptTokens: row.prompt_tokens,
      completionTokens: row.completion_tokens,
      cachedTokens: row.cached_tokens,
    },
    ttftMs: row.ttft_ms,
    durationMs: row.duration_ms,
    costMicros: row.cost_micros,
    reason: row.reason,
    ...(row.user_id === null && row.team === null ? {} : { owner: { user: row.user_id, team: row.team } }),
    ...(row.tags === null ? {} : { tags: row.tags.split(',').slice(1, -1) }),
  }
}
