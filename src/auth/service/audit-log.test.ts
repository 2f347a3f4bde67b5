import { describe, expect, test } from 'bun:test'
import { silentLogger } from '#platform/log/logger.ts'
import type { AuditEntry } from '../contract.ts'
import type { AuditStore } from '../ports.ts'
import { AuditLog } from './audit-log.ts'

const entry = (detail: string): AuditEntry => ({ at: 0, who: 'hearth', action: 'test', target: '', detail })

/** Keeps entries in memory, and fails as often as it is told to. */
function createStore() {
  const rows: string[] = []
  const state = { rows, failures: 0 }
  const store: AuditStore = {
    async append(entries) {
      await Promise.resolve()
      if (state.failures-- > 0) throw new Error('no database')
      rows.push(...entries.map((row) => row.detail))
    },
    list: () => Promise.resolve([]),
  }
  return { state, log: new AuditLog({ store, log: silentLogger }) }
}

describe('the audit log', () => {
  test('writes entries in the order in which they were told, and waits for those that came meanwhile', async () => {
    const { state, log } = createStore()
    for (let index = 0; index < 500; index++) log.record(entry(String(index)))
    await log.written()
    expect(state.rows).toEqual(Array.from({ length: 500 }, (_, index) => String(index)))
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
    const store: AuditStore = { append: () => Promise.reject(new Error('away')), list: () => Promise.resolve([]) }
    const audit = new AuditLog({ store, log })
    for (let index = 0; index < 10_001; index++) audit.record(entry(String(index)))
    expect(lines).toEqual([{ entry: entry('10000') }])
    expect(await audit.written().catch(String)).toContain('away')
  })
})
