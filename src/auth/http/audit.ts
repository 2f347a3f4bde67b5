import { z } from 'zod'
import type { Caller } from '#kernel/words.ts'
import type { AnyRoute } from '#platform/http/route.ts'
import { route } from '#platform/http/route.ts'
import * as wire from '#protocol/admin/audit.ts'
import { csvHead, csvLine, jsonLine, toEntryWire } from '../core/audit-lines.ts'
import type { ChainedRow } from '../core/audit-row.ts'
import type { AuditFilter } from '../ports.ts'
import type { AuditChain, Verdict } from '../service/audit-chain.ts'
import type { AuditLog } from '../service/audit-log.ts'

export interface AuditParts {
  readonly audit: AuditLog
  readonly chain: AuditChain
}

/** For administrators: who changed what, whether that is all, and as files. */
export function auditRoutes({ audit, chain }: AuditParts): readonly AnyRoute[] {
  const admin = { tag: 'admin', scope: 'admin' } as const
  return [
    route({
      ...admin,
      method: 'GET',
      path: '/api/audit',
      summary: 'Control actions, newest first',
      query: wire.auditQuery,
      responses: { 200: wire.auditPage },
      async handle({ query }) {
        await audit.written().catch(() => {})
        const before = query.cursor === undefined ? null : Number(query.cursor)
        const rows = await audit.list({ limit: query.limit, before, filter: toFilter(query) })
        const last = rows.length === query.limit ? rows.at(-1) : undefined
        return { data: rows.map(toEntryWire), next: last && last.position > 1 ? String(last.position) : null }
      },
    }),
    route({
      ...admin,
      method: 'GET',
      path: '/api/audit/verify',
      summary: 'Go along the chain of control actions, and tell the first link that does not hold',
      query: wire.auditVerifyQuery,
      responses: { 200: wire.auditVerdict },
      async handle({ query, keepOpen }) {
        keepOpen()
        await audit.written()
        return toVerdictWire(await chain.verify(query.part))
      },
    }),
    exportRoute(audit, 'jsonl'),
    exportRoute(audit, 'csv'),
    route({
      ...admin,
      method: 'POST',
      path: '/api/audit/prune',
      summary: 'Take the oldest rows away; a row that says so stays, and the rest hangs on it',
      body: wire.auditPrune,
      responses: { 200: wire.auditPruned },
      handle({ body, caller, from, keepOpen }) {
        keepOpen()
        return chain.prune(Date.parse(body.before), { who: caller.key, from })
      },
    }),
  ]
}

const forms = {
  jsonl: { type: 'application/x-ndjson', head: '', line: jsonLine },
  csv: { type: 'text/csv; charset=utf-8', head: csvHead, line: csvLine },
} as const

function exportRoute(audit: AuditLog, form: keyof typeof forms): AnyRoute {
  const { type, head, line } = forms[form]
  return route({
    tag: 'admin',
    scope: 'admin',
    method: 'GET',
    path: `/api/audit.${form}`,
    summary: `Control actions with their hashes, oldest first, as ${form === 'csv' ? 'a table' : 'lines of JSON'}`,
    query: wire.auditFilter,
    responses: { 200: z.string().describe(`\`${type}\``) },
    async handle({ query, caller, keepOpen }) {
      await audit.written().catch(() => {})
      const pieces = audit.pieces(toFilter(query))
      // The first piece is awaited here: a database that does not answer is an error, not a broken file.
      const first = (await pieces.next()).value ?? []
      const headers = {
        'content-type': type,
        'cache-control': 'no-store',
        'content-disposition': `attachment; filename="audit.${form}"`,
      }
      const text = (rows: readonly ChainedRow[]): string => rows.map(line).join('')
      return new Response(streamed(head + text(first), pieces, { text, caller, letGo: keepOpen() }), { headers })
    },
  })
}

/** A file that breaks off is cut with its connection: nobody takes a part for the whole. */
function streamed(
  first: string,
  pieces: AsyncGenerator<readonly ChainedRow[]>,
  to: {
    readonly text: (rows: readonly ChainedRow[]) => string
    readonly caller: Caller
    readonly letGo: () => void
  },
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder()
  let isRevoked = false
  const revocation = to.caller.onRevoke(() => {
    isRevoked = true
  })
  const end = (): void => {
    revocation[Symbol.dispose]()
    to.letGo()
  }
  return new ReadableStream<Uint8Array>({
    start: (controller) => {
      if (first !== '') controller.enqueue(encoder.encode(first))
    },
    async pull(controller) {
      try {
        if (isRevoked) throw new Error('the key was revoked')
        const { value, done } = await pieces.next()
        if (done !== true) return controller.enqueue(encoder.encode(to.text(value)))
        controller.close()
      } catch (error) {
        controller.error(error)
      }
      end()
    },
    async cancel() {
      end()
      await pieces.return(undefined)
    },
  })
}

function toFilter({ who, action, target, since, until, text }: wire.AuditFilterWire): AuditFilter {
  const at = (moment: string | undefined) => (moment === undefined ? undefined : Date.parse(moment))
  return { who, action, target, since: at(since), until: at(until), text }
}

function toVerdictWire(verdict: Verdict): wire.AuditVerdictWire {
  const { broken, rows, head, prunedUpTo, linkedLater, marks } = verdict
  return {
    isWhole: broken === null,
    message: messageOf(verdict),
    broken: broken === null ? null : { kind: broken.kind, position: broken.position },
    ...{ rows, head, prunedUpTo, linkedLater, marks },
  }
}

function messageOf({ broken, rows, from, prunedUpTo }: Verdict): string {
  if (broken !== null) return broken.message
  if (from === null) return 'Nothing was written yet.'
  const pruned = prunedUpTo === null ? '' : ` Rows up to ${prunedUpTo} were taken away by an administrator.`
  return `${rows} rows from ${from} on follow one another, and none is missing at the end.${pruned}`
}
