import { describe, expect, test } from 'bun:test'
import { silentLogger } from '#platform/log/logger.ts'
import type { AuditEntry } from '../contract.ts'
import type { AuditStore } from '../ports.ts'
import { AuditLog } from './audit-log.ts'

const entry = (detail: string): AuditEntry => ({ at: 0, who: 'hearth', action: 'test', target: '', detail })

const away = () => Promise.reject(new Error('away'))
const absent: AuditStore = {
  ...{ append: away, list: away, walk: away, end: away, hashAt: away, anchor: away, lastBefore: away },
  deleteUpTo: away,
}

/** Keeps entries in memory, and fails as often as it is told to. */
function createStore() {
  const rows: string[] = []
  const state = { rows, failures: 0 }
  const store: AuditStore = {
    ...absent,
    async append(entries) {
      await Promise.resolve()
      if (state.failures-- > 0) throw new Error('no database')
      rows.push(...entries.map((row) => row.detail))
      return { position: rows.length, hash: `hash ${rows.length}` }
    },
  }
  const ends: number[] = []
  const heads = { advance: ({ position }: { readonly position: number }) => Promise.resolve(void ends.push(position)) }
  return { state, ends, log: new AuditLog({ store, heads, log: silentLogger }) }
}

describe('the audit log', () => {
  test('writes entries in the order in which they were told, and waits for those that came meanwhile', async () => {
    const { state, ends, log } = createStore()
    for (let index = 0; index < 500; index++) log.record(entry(String(index)))
    await log.written()
    expect(state.rows).toEqual(Array.from({ length: 500 }, (_, index) => String(index)))
    expect(ends).toEqual([1, 201, 401, 500])
  })

  test('keeps what could not be written and writes it once, in order, when it can', async () => {
    const { state, log } = createStore()
    state.failures = 2
    log.record(entry('1'))
    expect(await log.written().catch(String)).toContain('no database')
    log.record(entry('2'))
    expect(await log.written().catch(String)).toContain('no database')
    expect(state.rows).toEqual([])
    await log.written()
    expect(state.rows).toEqual(['1', '2'])
  })

  test('loses no entry silently when the database is away for long', async () => {
    const lines: unknown[] = []
    const log = { ...silentLogger, error: (_: string, data?: object) => void lines.push(data) }
    const audit = new AuditLog({ store: absent, heads: { advance: () => Promise.resolve() }, log })
    for (let index = 0; index < 10_001; index++) audit.record(entry(String(index)))
    expect(lines).toEqual([{ entry: entry('10000') }])
    expect(await audit.written().catch(String)).toContain('away')
  })
})
