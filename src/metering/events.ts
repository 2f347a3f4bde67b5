import type { Quota } from './contract.ts'
import type { Budget, RequestRecord, SubjectKind } from '#kernel/words.ts'
import type { RequestView } from '#protocol/admin/metering.ts'
import { toRequestView } from '#protocol/admin/metering.ts'

/** What metering tells on `/api/events`. */
export type MeteringEvent =
  | { readonly type: 'request.finished'; readonly data: FinishedRequest }
  /** 80 % of a budget is spent; once in each period. */
  | { readonly type: 'quota.low'; readonly data: QuotaNotice }
  /** A budget is spent, or has no room for a request that would fit in a new period; once in each period. */
  | { readonly type: 'quota.exhausted'; readonly data: QuotaNotice }

/** How a budget stands. */
export interface QuotaNotice {
  readonly kind: SubjectKind
  readonly id: string
  /** What a key is called; null = it has no other name. */
  readonly name: string | null
  readonly budget: Budget
  readonly spentUsd: number
  /** When the next period begins; null = never. */
  readonly endsAt: string | null
}

/** Becomes its wire form when it is written for a listener, and costs nothing while there is none. */
export class FinishedRequest {
  readonly record: RequestRecord

  constructor(record: RequestRecord) {
    this.record = record
  }

  toJSON(): RequestView {
    return toRequestView(this.record)
  }
}

export function noticeOf({ subject, budget, spentMicros, endsAt }: Quota, keyName: (id: string) => string | null) {
  return {
    ...subject,
    name: subject.kind === 'key' ? keyName(subject.id) : null,
    budget,
    spentUsd: spentMicros / 1e6,
    endsAt: endsAt === null ? null : new Date(endsAt).toISOString(),
  } satisfies QuotaNotice
}
