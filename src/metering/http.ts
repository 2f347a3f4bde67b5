import type { AnyRoute } from '#platform/http/route.ts'
import { route } from '#platform/http/route.ts'
import type { Logger } from '#platform/log/logger.ts'
import * as wire from '#protocol/admin/metering.ts'
import { readCursor, writeCursor } from './core/cursor.ts'
import type { UsageGroup } from './core/usage.ts'
import { badCursor } from './errors.ts'
import type { RequestLedger, Rows } from './service/ledger.ts'

export interface HttpParts {
  readonly ledger: RequestLedger
  readonly log: Logger
}

export function createRoutes({ ledger, log }: HttpParts): readonly AnyRoute[] {
  const reading = { tag: 'requests', scope: 'monitor', method: 'GET' } as const
  return [
    route({
      ...reading,
      path: '/api/requests',
      summary: 'The ledger of requests, newest first, with what each used and how it ended',
      query: wire.requestQuery,
      responses: { 200: wire.requestPage },
      async handle({ query }) {
        const after = query.cursor === undefined ? null : readCursor(query.cursor)
        if (query.cursor !== undefined && after === null) throw badCursor(query.cursor)
        const { limit, key = null, model = null } = query
        const rows = ledger.list({ limit, key, model, after })
        // The first piece is awaited here: a database that does not answer is an error, not a broken list.
        const first = (await rows.next()).value ?? { records: [], next: null }
        if (first.next === null || first.records.length === limit) return toPage(first)
        return streamed(jsonPieces(first, rows), log)
      },
    }),
    route({
      ...reading,
      path: '/api/usage',
      summary: 'Sums of requests, tokens and cost by key, model or day (UTC)',
      query: wire.usageQuery,
      responses: { 200: wire.usageReport },
      handle: async ({ query }) => ({
        data: (await ledger.usage(query.by)).map((group) => toUsageRow(query.by, group)),
      }),
    }),
  ]
}

function toUsageRow(by: wire.UsageGrouping, { name, ...sums }: UsageGroup): wire.UsageRow {
  return { [by]: name, ...sums }
}

function toPage({ records, next }: Rows): wire.RequestPage {
  return { data: records.map(wire.toRequestView), next: next && writeCursor(next) }
}

/** A page, written while it is read: a hundred thousand rows are 40 MB that nobody should hold at once. */
async function* jsonPieces(first: Rows, rest: AsyncGenerator<Rows, void, void>): AsyncGenerator<string, void, void> {
  const list = ({ records }: Rows) => records.map((record) => JSON.stringify(wire.toRequestView(record))).join(',')
  let { next } = first
  yield `{"data":[${list(first)}`
  for await (const rows of rest) {
    next = rows.next
    if (rows.records.length > 0) yield `,${list(rows)}`
  }
  yield `],"next":${JSON.stringify(next && writeCursor(next))}}`
}

/** What breaks off in the middle is no whole JSON, and its connection is cut: nobody takes a part for the whole. */
function streamed(pieces: AsyncGenerator<string, void, void>, log: Logger): Response {
  const encoder = new TextEncoder()
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { value, done } = await pieces.next()
        if (done === true) controller.close()
        else controller.enqueue(encoder.encode(value))
      } catch (error) {
        log.error('a list of requests broke off', { error })
        controller.error(error)
      }
    },
    async cancel() {
      await pieces.return()
    },
  })
  return new Response(body, { headers: { 'content-type': 'application/json' } })
}
