import type { Kysely, Transaction } from 'kysely'
import { sql } from 'kysely'
import type { SubjectKind } from '#kernel/words.ts'
import type { ChargeAddition } from '../core/usage.ts'
import type { Tables } from './request-row.ts'

/** Stands for all days that were carried over: it is before every other. */
const carriedDay = ''

/** What all subjects were charged with, or one of them: a row for each day. */
export async function readCharges(
  reader: Kysely<Tables>,
  subject: { readonly kind: SubjectKind; readonly id: string } | null,
): Promise<readonly ChargeAddition[]> {
  let query = reader.selectFrom('request_charge').selectAll()
  if (subject !== null) query = query.where('kind', '=', subject.kind).where('id', '=', subject.id)
  const rows = await query.execute()
  return rows.map((row) => ({ ...row, kind: row.kind as SubjectKind }))
}

/** Adds the days before this one up to one row for each subject: a budget in all must not forget them. */
export async function carryCharges(transaction: Transaction<Tables>, day: string): Promise<void> {
  const old = sql`from request_charge where day < ${day} and day <> ${carriedDay}`
  await sql`
    insert into request_charge (kind, id, day, requests, tokens, micros)
    select kind, id, cast(${carriedDay} as text), cast(sum(requests) as bigint), cast(sum(tokens) as bigint),
      cast(sum(micros) as bigint) ${old} group by kind, id
    on conflict (kind, id, day) do update set requests = request_charge.requests + excluded.requests,
      tokens = request_charge.tokens + excluded.tokens, micros = request_charge.micros + excluded.micros
  `.execute(transaction)
  await sql`delete ${old}`.execute(transaction)
}
