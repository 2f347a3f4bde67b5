import { z } from 'zod'
import type { AnyRoute } from '#platform/http/route.ts'
import { route } from '#platform/http/route.ts'
import type { Logger } from '#platform/log/logger.ts'
import * as wire from '#protocol/admin/metering.ts'
import { errorEnvelope } from '#protocol/openai/wire.ts'
import { readCursor, writeCursor } from '../core/cursor.ts'
import { usageCsv } from '../core/usage-csv.ts'
import { dayOf, type UsageGroup } from '../core/usage.ts'
import { badCursor, noSuchRequest } from '../errors.ts'
import type { BodyStore, UsageAsk } from '../ports.ts'
import type { ListAsk, RequestLedger, Rows } from '../service/ledger.ts'

export interface HttpParts {
  readonly ledger: RequestLedger
  readonly bodies: Pick<BodyStore, 'find'>
  /** What a key is called; null = it is gone. */
  readonly keyName: (id: string) => string | null
  readonly log: Logger
}

export function createRoutes({ ledger, bodies, keyName, log }: HttpParts): readonly AnyRoute[] {
  const reading = { tag: 'requests', scope: 'monitor', method: 'GET' } as const
  return [
    route({
      ...reading,
      path: '/api/requests',
      summary: 'The ledger of requests, newest first, with what each used and how it ended',
      query: wire.requestQuery,
      responses: { 200: wire.requestPage },
      async handle({ query }) {
        const rows = ledger.list(toListAsk(query))
        // The first piece is awaited here: a database that does not answer is an error, not a broken list.
        const first = (await rows.next()).value ?? { records: [], next: null }
        if (first.next === null || first.records.length === query.limit) return toPage(first)
        return streamed(jsonPieces(first, rows), log)
      },
    }),
    route({
      ...reading,
      path: '/api/requests/{id}',
      summary: 'One request: what was decided on its way, where its time went, and its bodies where they were kept',
      params: z.object({ id: z.string().max(100) }),
      responses: { 200: wire.requestDetail, 404: errorEnvelope },
      async handle({ params, caller }): Promise<wire.RequestDetail> {
        const record = await ledger.find(params.id)
        if (record === null) throw noSuchRequest(params.id)
        return {
          ...wire.toRequestView(record),
          keyName: keyName(record.key),
          trace: record.trace ?? null,
          // Whoever may see that people ask need not see what.
          bodies: caller.may('admin') ? await bodies.find(record.id) : null,
        }
      },
    }),
    route({
      ...reading,
      path: '/api/usage',
      summary: 'Sums of requests, tokens and cost by key, user, team, model, upstream, tag or day (UTC)',
      query: wire.usageQuery,
      responses: { 200: wire.usageReport },
      handle: async ({ query }) => ({
        data: (await ledger.usage(toUsageAsk(query))).map((group) => toUsageRow(query.by, group)),
      }),
    }),
    route({
      ...reading,
      path: '/api/usage.csv',
      summary: 'The same as a table for spreadsheets',
      query: wire.usageQuery,
      responses: { 200: z.string().describe('`text/csv`, with a line of names first.') },
      async handle({ query }) {
        const groups = await ledger.usage(toUsageAsk(query))
        return new Response(usageCsv(query.by, groups, keyName), {
          headers: {
            'content-type': 'text/csv; charset=utf-8',
            'content-disposition': `attachment; filename="usage-by-${query.by}.csv"`,
          },
        })
      },
    }),
  ]
}

function toListAsk(query: z.infer<typeof wire.requestQuery>): ListAsk {
  const { limit, cursor, key, model, upstream, endpoint, outcome, status, text, since, until } = query
  const { user, team, tag } = query
  const after = cursor === undefined ? null : readCursor(cursor)
  if (cursor !== undefined && after === null) throw badCursor(cursor)
  return {
    limit,
    after,
    id: null,
    key: key ?? null,
    model: model ?? null,
    upstream: upstream ?? null,
    endpoint: endpoint ?? null,
    outcome: outcome ?? null,
    status: status === undefined ? null : toStatusRange(status),
    text: text ?? null,
    user: user ?? null,
    team: team ?? null,
    tag: tag ?? null,
    since: since === undefined ? null : Date.parse(since),
    until: until === undefined ? null : Date.parse(until),
  }
}

function toStatusRange(text: string): { readonly from: number; readonly to: number } {
  const from = Number(text.replace('xx', '00'))
  return { from, to: text.endsWith('xx') ? from + 99 : from }
}

function toUsageAsk({ by, since, until, ...filter }: wire.UsageQuery): UsageAsk {
  return {
    by,
    key: filter.key ?? null,
    user: filter.user ?? null,
    team: filter.team ?? null,
    model: filter.model ?? null,
    upstream: filter.upstream ?? null,
    tag: filter.tag ?? null,
    firstDay: since === undefined ? null : dayOf(Date.parse(since)),
    // The day that begins at `until` itself is behind it.
    lastDay: until === undefined ? null : dayOf(Date.parse(until) - 1),
  }
}

function toUsageRow(by: wire.UsageGrouping, { name, ...sums }: UsageGroup): wire.UsageRow {
  return { [by]: name === '' ? null : name, ...sums }
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
