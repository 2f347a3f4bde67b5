import { expect, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { createFileAuditHead } from '../../src/auth/adapters/file-audit-head.ts'
import { createKyselyAuditStore as createStore } from '../../src/auth/adapters/kysely-audit-store.ts'
import type { AuditRow } from '../../src/auth/core/audit-row.ts'
import { linkHash } from '../../src/auth/core/audit-row.ts'
import { migrations } from '../../src/auth/migrations/index.ts'
import type { AuthEvent } from '../../src/auth/index.ts'
import { AuditChain, verifyChain } from '../../src/auth/service/audit-chain.ts'
import { AuditHeads } from '../../src/auth/service/audit-heads.ts'
import { AuditLog } from '../../src/auth/service/audit-log.ts'
import { sha256Hex } from '../../src/platform/crypto/hash.ts'
import type { Database } from '../../src/platform/db/database.ts'
import { silentLogger } from '../../src/platform/log/logger.ts'
import type { DatabaseEngine } from '../env/databases.ts'
import { forEachDatabase } from '../env/databases.ts'

const day = 86_400_000
const start = Date.parse('2030-01-01T00:00:00Z')

/** An audit log on a database of its own, with its head on a disk of its own. `open` again is a restart. */
async function createTrail(engine: DatabaseEngine) {
  const scratch = await engine.scratch()
  const home = mkdtempSync(join(tmpdir(), 'hearth-test-audit-'))
  const clock = { at: start, now: () => clock.at, mono: () => clock.at }
  const events: AuthEvent[] = []
  const open = async () => {
    const database = await scratch.open()
    await database.migrate('auth', migrations)
    const store = createStore(database)
    const heads = new AuditHeads({ store, file: createFileAuditHead(home), clock, log: silentLogger })
    await heads.load()
    const audit = new AuditLog({ store, heads, log: silentLogger })
    const announce = (event: AuthEvent) => void events.push(event)
    const chain = new AuditChain({ store, heads, audit, announce, clock, log: silentLogger })
    const write = async (...details: readonly string[]) => {
      for (const detail of details)
        audit.record({ at: clock.at, who: 'local', action: 'key.create', target: 'k', detail, from: '10.0.0.7' })
      await audit.written()
    }
    const verify = async () => (await chain.verify('whole')).broken
    return { database, store, audit, chain, write, verify }
  }
  return {
    ...(await open()),
    open,
    scratch,
    clock,
    events,
    home,
    [Symbol.dispose]: () => rmSync(home, { recursive: true }),
  }
}

const run = (database: Database, statement: string) => sql.raw(statement).execute(database.write)
const columns = 'at, who, action, target, detail, from_address, before_json, after_json, previous, hash'
const shift = async (database: Database, from: number, by: number) => {
  // Positions are unique at every moment.
  await run(database, `update auth_audit set position = position + 1000000 where position >= ${from}`)
  await run(database, `update auth_audit set position = position - 1000000 + ${by} where position >= 1000000`)
}

/** What somebody with the whole database, and nothing else, could do; their own hashes included. */
async function forge(database: Database, from: number): Promise<void> {
  const store = createStore(database)
  let previous = (await store.hashAt(from - 1)) ?? '0'.repeat(64)
  for (const row of await store.walk({ after: from - 1, upTo: 1e9, limit: 1000 })) {
    const hash = linkHash(previous, row, sha256Hex)
    await run(
      database,
      `update auth_audit set previous = '${previous}', hash = '${hash}' where position = ${row.position}`,
    )
    previous = hash
  }
  await run(
    database,
    `update auth_audit_chain set hash = '${previous}', position = (select max(position) from auth_audit)`,
  )
}

const tamperings: readonly {
  readonly name: string
  readonly kind: string
  readonly position: number
  readonly says: string
  readonly by: (database: Database) => Promise<unknown>
}[] = [
  ...['who', 'action', 'target', 'detail', 'from_address', 'before_json', 'after_json'].map((column) => ({
    name: `another ${column}`,
    kind: 'edited',
    position: 4,
    says: 'Row 4 was edited',
    by: (database: Database) => run(database, `update auth_audit set ${column} = '"x"' where position = 4`),
  })),
  {
    name: 'another time',
    kind: 'edited',
    position: 4,
    says: 'Row 4 was edited',
    by: (database) => run(database, 'update auth_audit set at = at + 1 where position = 4'),
  },
  {
    name: 'an edited row with its hash made anew',
    kind: 'edited',
    position: 4,
    says: 'Row 4 was edited and its hash made anew',
    async by(database) {
      await run(database, `update auth_audit set detail = 'x' where position = 4`)
      const [row] = await createStore(database).walk({ after: 3, upTo: 4, limit: 1 })
      const hash = linkHash(row?.previous ?? '', row as AuditRow, sha256Hex)
      await run(database, `update auth_audit set hash = '${hash}' where position = 4`)
    },
  },
  {
    name: 'an edited last row',
    kind: 'edited',
    position: 10,
    says: 'Row 10 was edited',
    by: (database) => run(database, `update auth_audit set detail = 'x' where position = 10`),
  },
  {
    name: 'a deleted row',
    kind: 'deleted',
    position: 4,
    says: 'Row 4 was deleted.',
    by: (database) => run(database, 'delete from auth_audit where position = 4'),
  },
  {
    name: 'two deleted rows, those behind numbered anew',
    kind: 'deleted',
    position: 4,
    says: 'Rows 4 to 5 were deleted. The rows behind were numbered anew.',
    async by(database) {
      await run(database, 'delete from auth_audit where position in (4, 5)')
      await shift(database, 6, -2)
    },
  },
  {
    name: 'a beginning that is gone',
    kind: 'deleted',
    position: 1,
    says: 'Rows 1 to 3 were deleted.',
    by: (database) => run(database, 'delete from auth_audit where position < 4'),
  },
  {
    name: 'a row put in, those behind numbered anew',
    kind: 'inserted',
    position: 4,
    says: 'Row 4 was put in',
    async by(database) {
      await shift(database, 4, 1)
      await run(
        database,
        `insert into auth_audit (position, ${columns}) select 4, at, who, action, target, 'x', from_address,
          before_json, after_json, previous, hash from auth_audit where position = 3`,
      )
    },
  },
  {
    name: 'a row put in without a hash',
    kind: 'inserted',
    position: 11,
    says: 'Row 11 was put in',
    by: (database) =>
      run(
        database,
        `insert into auth_audit (position, at, who, action, target, detail) values (11, 1, 'a', 'b', 'c', 'd')`,
      ),
  },
  {
    name: 'two rows that changed places',
    kind: 'reordered',
    position: 4,
    says: 'Row 4 was moved: it was written as row 5.',
    async by(database) {
      await run(database, 'update auth_audit set position = 99 where position = 4')
      await run(database, 'update auth_audit set position = 4 where position = 5')
      await run(database, 'update auth_audit set position = 5 where position = 99')
    },
  },
  {
    name: 'an end that was cut off',
    kind: 'cut_off',
    position: 9,
    says: 'The end was cut off: rows 9 to 10 are missing.',
    by: (database) => run(database, 'delete from auth_audit where position > 8'),
  },
  {
    name: 'an end that was cut off together with its record',
    kind: 'cut_off',
    position: 9,
    says: 'The end was cut off: rows 9 to 10 are missing. audit.head tells of them.',
    async by(database) {
      await run(database, 'delete from auth_audit where position > 8')
      await forge(database, 8)
    },
  },
  {
    name: 'everything deleted',
    kind: 'cut_off',
    position: 1,
    says: 'rows 1 to 10 are missing',
    by: (database) => run(database, 'delete from auth_audit'),
  },
  {
    name: 'a chain made anew from an edited row on',
    kind: 'rewritten',
    position: 10,
    says: 'Row 10 is not the one that audit.head tells of',
    async by(database) {
      await run(database, `update auth_audit set detail = 'x' where position = 4`)
      await forge(database, 4)
    },
  },
  {
    name: 'a record of the end that was taken out',
    kind: 'cut_off',
    position: 10,
    says: 'taken out of the table auth_audit_chain',
    by: (database) => run(database, 'delete from auth_audit_chain'),
  },
]

forEachDatabase('the chain of the audit log', (engine) => {
  const ten = Array.from({ length: 10 }, (_, index) => `row ${index + 1}`)

  test('holds as long as nobody touches it, over a restart', async () => {
    using trail = await createTrail(engine)
    await trail.write(...ten)
    expect(await trail.verify()).toBeNull()
    const again = await trail.open()
    await again.write('later')
    const verdict = await again.chain.verify('whole')
    expect(verdict).toMatchObject({ broken: null, rows: 11, from: 1, prunedUpTo: null, linkedLater: 0 })
    expect(trail.events).toEqual([])
  })

  test.each(tamperings)('shows $name', async ({ kind, position, says, by }) => {
    using trail = await createTrail(engine)
    await trail.write(...ten)
    await by(trail.database)
    const broken = await trail.verify()
    expect(broken).toMatchObject({ kind, position })
    expect(broken?.message).toContain(says)
    expect(trail.events).toEqual([{ type: 'audit.broken', data: { kind, position, message: broken?.message ?? '' } }])
    expect(trail.chain.warning).toContain(says)
  })

  test('shows an end that was cut off also after the house went on, and after a restart', async () => {
    using trail = await createTrail(engine)
    await trail.write(...ten)
    await run(trail.database, 'delete from auth_audit where position > 8')
    await forge(trail.database, 8)
    const again = await trail.open()
    await again.write('9 again', '10 again', '11')
    expect(await again.verify()).toMatchObject({ kind: 'rewritten', position: 10 })
  })

  test('takes texts that databases do not take, and gives back what was linked', async () => {
    using trail = await createTrail(engine)
    await trail.write('a\0b', 'half \ud800 of a pair', '“ü” 💡 \u2028')
    const before = { note: 'nul \0 and \udc00', list: [1e21, -0, 0.1] }
    trail.audit.record({ at: trail.clock.at, who: 'x', action: 'y', target: 'z', detail: '', before, after: null })
    await trail.audit.written()
    expect(await trail.verify()).toBeNull()
  })

  test('is one chain for a hundred writers at once, on several connections where there are some', async () => {
    using trail = await createTrail(engine)
    // Two connections of one thread would wait for each other on SQLite, where one process writes.
    const second = engine.dialect === 'sqlite' ? trail.store : createStore(await trail.scratch.open())
    const entry = (detail: string) => ({ at: start, who: 'w', action: 'a', target: 't', detail })
    const writers = Array.from({ length: 100 }, (_, index) =>
      (index % 2 === 0 ? trail.store : second).append([entry(`${index}a`), entry(`${index}b`)]),
    )
    await Promise.all(writers)
    const rows = await trail.store.walk({ after: 0, upTo: 1e9, limit: 1000 })
    expect(rows.map(({ position }) => position)).toEqual(Array.from({ length: 200 }, (_, index) => index + 1))
    expect(new Set(rows.map(({ detail }) => detail)).size).toBe(200)
    expect(await trail.verify()).toBeNull()
  }, 20_000)

  test('begins with the rows of earlier versions, as they stood when it was made', async () => {
    const scratch = await engine.scratch()
    const database = await scratch.open()
    await database.migrate(
      'auth',
      migrations.filter(({ name }) => name < '0008'),
    )
    for (let position = 1; position <= 1100; position++)
      await run(
        database,
        `insert into auth_audit (position, at, who, action, target, detail)
          values (${position}, ${start}, 'local', 'key.create', 'k', 'row ${position}')`,
      )
    await database.migrate('auth', migrations)
    const store = createStore(database)
    await store.append([{ at: start, who: 'local', action: 'key.create', target: 'k', detail: 'new' }])
    const heads = { marks: () => [], forget: () => Promise.resolve(), tell: () => {}, trouble: null }
    const audit = { record: () => {}, written: () => Promise.resolve() }
    const clock = { now: () => start, mono: () => 0 }
    const chain = new AuditChain({ store, heads, audit, announce: () => {}, clock, log: silentLogger })
    expect(await chain.verify('whole')).toMatchObject({ broken: null, rows: 1101, linkedLater: 1100 })
    await run(database, `update auth_audit set detail = 'x' where position = 700`)
    expect((await chain.verify('whole')).broken).toMatchObject({ kind: 'edited', position: 700 })
  }, 20_000)

  test('holds when an administrator takes its oldest part away, and tells who did', async () => {
    using trail = await createTrail(engine)
    await trail.write(...ten)
    trail.clock.at += 10 * day
    await trail.write('kept 11', 'kept 12')
    expect(await trail.chain.prune(start + day, { who: 'usr_ada', from: '10.0.0.1' })).toEqual({ rows: 10 })
    expect(await trail.chain.verify('whole')).toMatchObject({ broken: null, rows: 3, from: 11, prunedUpTo: 10 })
    const [row] = await trail.store.list({ limit: 1, before: null })
    expect(row).toMatchObject({ position: 13, who: 'usr_ada', action: 'audit.prune', target: 'rows 1–10' })
    expect(JSON.parse(row?.after ?? '')).toMatchObject({ upTo: 10, rows: 10 })
    expect(await trail.chain.prune(start + day, { who: 'usr_ada', from: '10.0.0.1' })).toEqual({ rows: 0 })
    await run(trail.database, 'delete from auth_audit where position = 11')
    expect(await trail.verify()).toMatchObject({ kind: 'deleted', position: 11 })
  })

  test('holds while a prune is half done, which the next start ends', async () => {
    using trail = await createTrail(engine)
    await trail.write(...ten)
    trail.clock.at += 10 * day
    const hash = await trail.store.hashAt(8)
    const after = { upTo: 8, hash, rows: 8 }
    trail.audit.record({ at: trail.clock.at, who: 'a', action: 'audit.prune', target: '', detail: '', after })
    await trail.audit.written()
    await trail.store.deleteUpTo(8, 5)
    expect(await trail.verify()).toBeNull()
    await trail.chain.resume(new AbortController().signal)
    expect(await trail.chain.verify('whole')).toMatchObject({ broken: null, from: 9, prunedUpTo: 8 })
  })

  test('lists what is asked for', async () => {
    using trail = await createTrail(engine)
    await trail.write('Laptop 100%', 'phone')
    trail.clock.at += day
    const after = { role: 'developer' }
    trail.audit.record({ at: trail.clock.at, who: 'usr_a', action: 'user.update', target: 'usr_b', detail: '', after })
    await trail.audit.written()
    const found = async (filter: Parameters<typeof trail.store.list>[0]['filter'] & object) =>
      (await trail.store.list({ limit: 10, before: null, filter })).map(({ position }) => position)
    expect(await found({ who: 'usr_a' })).toEqual([3])
    expect(await found({ action: 'key.*' })).toEqual([2, 1])
    expect(await found({ action: 'key.' })).toEqual([])
    expect(await found({ target: 'usr_b' })).toEqual([3])
    expect(await found({ since: start + 1 })).toEqual([3])
    expect(await found({ until: start + 1 })).toEqual([2, 1])
    expect(await found({ text: 'LAPTOP 100%' })).toEqual([1])
    expect(await found({ text: '1%p' })).toEqual([])
    expect(await found({ text: 'developer', who: 'usr_a' })).toEqual([3])
  })
})

/** Another process that appends without end, or a number of entries, and tells how far it came. */
function startWriter(where: { readonly url: string | null; readonly file: string }, home: string, count: number) {
  const program = `
    import { openDatabase } from './src/platform/db/database.ts'
    import { silentLogger as log } from './src/platform/log/logger.ts'
    import { createKyselyAuditStore } from './src/auth/adapters/kysely-audit-store.ts'
    import { createFileAuditHead } from './src/auth/adapters/file-audit-head.ts'
    import { AuditHeads } from './src/auth/service/audit-heads.ts'
    import { AuditLog } from './src/auth/service/audit-log.ts'
    const [where, home, count] = JSON.parse(process.argv[1])
    const store = createKyselyAuditStore(await openDatabase({ ...where, log }))
    const clock = { now: Date.now, mono: () => 0 }
    const heads = new AuditHeads({ store, file: createFileAuditHead(home), clock, log })
    await heads.load()
    const audit = new AuditLog({ store, heads, log })
    for (let index = 0; index < count; index++) {
      audit.record({ at: Date.now(), who: 'w', action: 'a', target: String(process.pid), detail: String(index) })
      await audit.written()
      console.log(index)
    }
    process.exit(0)`
  return Bun.spawn([process.execPath, '--no-env-file', '-e', program, JSON.stringify([where, home, count])], {
    stdout: 'pipe',
    stderr: 'inherit',
    env: {},
  })
}

forEachDatabase('the chain of the audit log, written by other processes,', (engine) => {
  test('holds after kill -9, with every entry that was answered', async () => {
    using trail = await createTrail(engine)
    for (let round = 1; round <= 3; round++) {
      const writer = startWriter(trail.scratch.where, trail.home, 1e6)
      let said = ''
      for await (const piece of writer.stdout) {
        said += new TextDecoder().decode(piece)
        if (said.split('\n').length > 20 * round) writer.kill('SIGKILL')
      }
      await writer.exited
      const answered = said.split('\n').slice(0, -1)
      const rows = await trail.store.list({ limit: 1000, before: null, filter: { target: String(writer.pid) } })
      const kept = new Set(rows.map(({ detail }) => detail))
      expect(answered.filter((index) => !kept.has(index))).toEqual([])
      const again = await trail.open()
      await again.write('after')
      expect(await again.verify()).toBeNull()
    }
  }, 30_000)

  // One process writes to SQLite.
  if (engine.dialect === 'sqlite') return

  test('is one chain for two at once, whose heads both hold', async () => {
    using trail = await createTrail(engine)
    using other = await createTrail(engine)
    const writers = [trail.home, other.home].map((home) => startWriter(trail.scratch.where, home, 100))
    expect(await Promise.all(writers.map((writer) => writer.exited))).toEqual([0, 0])
    for (const home of [trail.home, other.home]) {
      const head = await createFileAuditHead(home).read()
      const verdict = await verifyChain(trail.store, head === null ? [] : [...head.marks, head.head], 'whole')
      expect(verdict).toMatchObject({ broken: null, rows: 200 })
      expect(verdict.marks).toBeGreaterThan(0)
    }
  }, 30_000)
})
