import type { KeyId } from '#kernel/ids.ts'
import type { EpochMs } from '#kernel/time.ts'
import type { Caller } from '#kernel/words.ts'
import { route, type AnyRoute } from '#platform/http/route.ts'
import * as wire from '#protocol/admin/privacy.ts'
import { errorEnvelope } from '#protocol/openai/wire.ts'
import type { Vault } from '../contract.ts'
import { badCursor, unknownScope } from '../errors.ts'
import type { DepartureStore, StoredDeparture } from '../ports.ts'
import type { Recorder } from './house.ts'

export interface RecordParts {
  readonly scopes: Pick<Vault, 'list' | 'shred'>
  readonly departures: Pick<DepartureStore, 'list'>
  readonly record: Recorder
}

const reading = { tag: 'privacy', scope: 'inference' } as const

/** What is kept and what has left: a key sees its own, an admin all. */
export function recordRoutes({ scopes, departures, record }: RecordParts): readonly AnyRoute[] {
  return [
    route({
      ...reading,
      method: 'GET',
      path: '/v1/privacy/scopes',
      summary: 'Scopes whose values can be put back, newest use first: how many values, never which',
      query: wire.scopeQuery,
      responses: { 200: wire.scopeList },
      async handle({ query, caller }) {
        const views = await scopes.list({ owner: whose(caller), limit: query.limit })
        const data = views.map(({ id, owner, kind, createdAt, usedAt, expiresAt, values }): wire.ScopeView => {
          return {
            id,
            owner,
            kind,
            created_at: iso(createdAt),
            used_at: iso(usedAt),
            expires_at: iso(expiresAt),
            values,
          }
        })
        return { data }
      },
    }),
    route({
      ...reading,
      method: 'DELETE',
      path: '/v1/privacy/scopes/{id}',
      summary: 'Destroy a scope: its key goes, and nobody can put its values back',
      params: wire.scopePath,
      responses: { 200: wire.shredded, 404: errorEnvelope },
      async handle({ params: { id }, caller, from }) {
        if (!(await scopes.shred(id, whose(caller)))) throw unknownScope(id)
        record({ who: caller.key, action: 'privacy.shred', target: id, detail: '', from })
        return { id, shredded: true }
      },
    }),
    route({
      ...reading,
      method: 'GET',
      path: '/v1/privacy/departures',
      summary: 'What left the house for clouds, or was refused, newest first: counts and types, never values',
      query: wire.departureQuery,
      responses: { 200: wire.departurePage, 400: errorEnvelope },
      async handle({ query, caller }): Promise<wire.DeparturePage> {
        const { limit, destination, verdict, cursor } = query
        const before = cursor === undefined ? null : readCursor(cursor)
        const rows = await departures.list({
          owner: whose(caller),
          limit,
          before,
          ...(destination === undefined ? {} : { destination }),
          ...(verdict === undefined ? {} : { verdict }),
        })
        const last = rows.length === limit ? rows.at(-1) : undefined
        return { data: rows.map(toView), next: last === undefined ? null : `${last.at}.${last.id}` }
      },
    }),
  ]
}

/** null = everybody's. */
const whose = (caller: Caller): KeyId | null => (caller.may('admin') ? null : caller.key)

const iso = (at: EpochMs): string => new Date(at).toISOString()

function toView({ at, data, counts, ...row }: StoredDeparture): wire.DepartureView {
  const { request, owner, destination, path, bytes, policy, verdict, reason } = row
  return {
    at: iso(at),
    request,
    owner,
    destination,
    path,
    bytes,
    data: [...data],
    policy,
    verdict,
    reason,
    counts: { ...counts },
  }
}

function readCursor(text: string): { readonly at: EpochMs; readonly id: string } {
  const [whole, at = '', id = ''] = /^(\d{1,15})\.([\w-]{1,100})$/.exec(text) ?? []
  if (whole === undefined) throw badCursor(text)
  return { at: Number(at), id }
}
