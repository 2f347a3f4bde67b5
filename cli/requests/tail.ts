import type { RequestFilter, RequestRecord } from '../../sdk/typescript/index.ts'
import type { Call } from '../command.ts'
import { exitCodes } from '../failures.ts'
import type { ExitCode } from '../failures.ts'
import { tellLost } from '../follow.ts'
import { jsonLine } from '../output.ts'
import { liveLine } from './table.ts'

/**
 * The last requests, oldest first, and then each one as it ends, until the person stops it. It listens before it reads
 * the list, so none falls between the two; one that is in both is shown once.
 */
export async function tailRequests(call: Call, filter: RequestFilter): Promise<ExitCode> {
  const { terminal } = call
  const hearth = call.hearth()
  const show = (row: RequestRecord): void => terminal.out(call.isJson ? jsonLine(row) : liveLine(row, terminal))
  const events = hearth.events({ types: ['request.finished'], onLost: (lost) => tellLost(terminal, lost) })
  await events.next()
  const { data } = await hearth.requests(filter)
  const listed = new Set(data.map((row) => row.id))
  for (const row of data.toReversed()) show(row)
  for await (const event of events) {
    if (event.type === 'reset') terminal.note('Some may have been missed: "hearth requests" lists all of them.')
    if (event.type !== 'request.finished' || listed.has(event.data.id)) continue
    if (isMeant(event.data, filter)) show(event.data)
  }
  return exitCodes.ok
}

/** Whether the house's own list would hold this row; times are not asked, because it ended just now. */
export function isMeant(row: RequestRecord, filter: RequestFilter): boolean {
  const { key, model, upstream, outcome, status, endpoint, text } = filter
  const is = (wanted: string | undefined, value: string | null): boolean => wanted === undefined || wanted === value
  const part = text?.toLowerCase()
  return (
    is(key, row.key) &&
    is(model, row.model) &&
    is(upstream, row.upstream) &&
    is(outcome, row.outcome) &&
    is(endpoint, row.endpoint) &&
    (status === undefined || String(row.status).startsWith(status.replace('xx', ''))) &&
    (part === undefined || [row.model, row.upstreamModel, row.reason].some((one) => one?.toLowerCase().includes(part)))
  )
}
