import { expect, test } from 'bun:test'
import type { RequestFilter } from '../../sdk/typescript/index.ts'
import { fakeFailover, fakeRefused, listRequests } from '../../test/fakes/house-gateway.ts'
import { fakeRecord } from '../../test/fakes/house-state.ts'
import { isMeant } from './tail.ts'

const rows = [fakeRefused, fakeFailover, fakeRecord]

test.each<[RequestFilter, number]>([
  [{}, 3],
  [{ limit: 100, since: '2026-01-01' }, 3],
  [{ model: 'coder' }, 2],
  [{ model: 'coder', outcome: 'complete' }, 1],
  [{ key: 'somebody' }, 0],
  [{ upstream: 'local' }, 1],
  [{ status: '5xx' }, 1],
  [{ status: '503' }, 1],
  [{ endpoint: 'embeddings' }, 1],
  [{ text: 'QWEN3' }, 1],
  [{ text: 'targets_failed' }, 1],
])('a row that comes is meant by %j where the list would hold it', async (filter, count) => {
  const live = rows.filter((row) => isMeant(row, filter)).map((row) => row.id)
  expect(live).toHaveLength(count)
  const query = new URLSearchParams(
    Object.entries(filter).map(([name, value]): [string, string] => [name, String(value)]),
  )
  const listed = (await listRequests(new URL(`http://x/?${query.toString()}`)).json()) as { data: { id: string }[] }
  expect(live).toEqual(listed.data.map((row) => row.id))
})
