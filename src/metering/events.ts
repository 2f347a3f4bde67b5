import type { RequestRecord } from '#kernel/words.ts'
import type { RequestView } from '#protocol/admin/metering.ts'
import { toRequestView } from '#protocol/admin/metering.ts'

/** What metering tells on `/api/events`. */
export type MeteringEvent = { readonly type: 'request.finished'; readonly data: FinishedRequest }

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
