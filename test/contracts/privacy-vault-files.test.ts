import { Database as Sqlite } from 'bun:sqlite'
import { describe, expect, test } from 'bun:test'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { randomKey } from '../../src/platform/crypto/seal.ts'
import { openDatabase } from '../../src/platform/db/database.ts'
import { silentLogger } from '../../src/platform/log/logger.ts'
import { createKyselyVaultStore } from '../../src/privacy/adapters/kysely-vault-store.ts'
import { migrations } from '../../src/privacy/migrations/index.ts'
import { createHouseKeys } from '../../src/privacy/service/house-keys.ts'
import { SealedVault } from '../../src/privacy/service/vault/vault.ts'
import { until } from '../env/until.ts'
import { departure, HandClock, hour, mine, reasonOf, resolve, value } from '../env/vault-values.ts'

describe('the vault in a file', () => {
  const root = new URL('../..', import.meta.url).pathname
  const key = '11'.repeat(32)

  /** A process that goes on writing and says what was acknowledged, until it is killed. */
  const program = `
    import { openDatabase } from '#platform/db/database.ts'
    import { silentLogger } from '#platform/log/logger.ts'
    import { migrations } from '#privacy/migrations/index.ts'
    import { createKyselyVaultStore } from '#privacy/adapters/kysely-vault-store.ts'
    import { createHouseKeys } from '#privacy/service/house-keys.ts'
    import { SealedVault } from '#privacy/service/vault/vault.ts'
    const [file, round] = process.argv.slice(1)
    const database = await openDatabase({ url: null, file, log: silentLogger })
    await database.migrate('privacy', migrations)
    const clock = { now: () => 1_900_000_000_000, mono: () => 0 }
    const limits = () => ({ scopes: 100, valuesPerScope: 100_000 })
    const keys = createHouseKeys(Buffer.from('${key}', 'hex'))
    const store = createKyselyVaultStore(database)
    const vault = new SealedVault({ store, key: { kind: 'open', keys }, clock, limits, announce() {} })
    const write = async (name) => {
      for (let index = 0; ; index++) {
        const scope = await vault.open({ owner: 'aaaaaaaaaaaa', name }, { ttlMs: 3_600_000 })
        const value = round + '-' + index + '@example.org'
        const said = scope.assign({ type: 'EMAIL', value, canonical: value, origin: 'user', isRestorable: true })
        await vault.commit(scope, null)
        process.stdout.write(name + ' ' + said + ' ' + value + '\\n')
      }
    }
    await Promise.all([write('session:a'), write('session:b')])`

  test('loses nothing that was acknowledged when its process is killed', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'hearth-test-vault-'))
    const file = join(folder, 'hearth.db')
    const acknowledged: string[] = []
    for (let round = 0; round < 3; round++) {
      const child = Bun.spawn([process.execPath, '--no-env-file', '-e', program, file, `${round}`], {
        stdout: 'pipe',
        stderr: 'inherit',
        cwd: root,
        env: {},
      })
      let said = ''
      const reading = (async () => {
        for await (const chunk of child.stdout) said += new TextDecoder().decode(chunk)
      })()
      await until('some values were acknowledged', () => said.split('\n').length > 50 * (round + 1))
      child.kill('SIGKILL')
      await child.exited
      await reading
      // The last line may be cut; what it would have said was not heard.
      acknowledged.push(...said.slice(0, said.lastIndexOf('\n')).split('\n'))
    }
    const database = await openDatabase({ url: null, file, log: silentLogger })
    const vault = new SealedVault({
      store: createKyselyVaultStore(database),
      key: { kind: 'open', keys: createHouseKeys(Buffer.from(key, 'hex')) },
      clock: new HandClock(),
      limits: () => ({ scopes: 10, valuesPerScope: 100_000 }),
      announce: () => {},
    })
    expect(acknowledged.length).toBeGreaterThan(150)
    for (const line of acknowledged) {
      const [name = '', placeholder = '', written = ''] = line.split(' ')
      const scope = await vault.open({ owner: mine, name }, { ttlMs: hour })
      expect(resolve(scope, placeholder)).toBe(written)
    }
    await vault[Symbol.asyncDispose]()
    await database.close()
    rmSync(folder, { recursive: true, force: true })
  }, 30_000)

  test('has no value, name or handle in its files, and nothing of a key that was shredded', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'hearth-test-vault-'))
    const file = join(folder, 'hearth.db')
    const database = await openDatabase({ url: null, file, log: silentLogger })
    await database.migrate('privacy', migrations)
    const store = createKyselyVaultStore(database)
    const vault = new SealedVault({
      store,
      key: { kind: 'open', keys: createHouseKeys(randomKey()) },
      clock: new HandClock(),
      limits: () => ({ scopes: 10, valuesPerScope: 1000 }),
      announce: () => {},
    })
    const scope = await vault.open({ owner: mine, name: 'session:Project Falcon' }, { ttlMs: hour })
    const { vault: map, handle } = await vault.create(mine, { ttlMs: hour })
    const canaries = ['Alice Brenner', 'alice.brenner@example.org', 'sk-canary-0123456789', 'GB33BUKB20201555555555']
    for (const [index, canary] of canaries.entries()) {
      scope.assign(value(canary, { type: (['PERSON', 'EMAIL', 'SECRET', 'IBAN'] as const)[index] ?? 'TERM' }))
      map.assign(value(canary, { type: 'TERM', isRestorable: false }))
    }
    await Promise.all([vault.commit(scope, departure()), vault.commit(map, departure())])
    const bytes = () =>
      ['', '-wal', '-shm'].map((suffix) => (existsSync(file + suffix) ? readFileSync(file + suffix, 'latin1') : ''))
    const encodings = (text: string) => [
      text,
      text.toLowerCase(),
      Buffer.from(text).toString('hex'),
      Buffer.from(text).toString('base64').replace(/=+$/, ''),
      Buffer.from(text, 'utf16le').toString('latin1'),
    ]
    expect(bytes().join('').length).toBeGreaterThan(10_000)
    for (const canary of [...canaries, handle, handle.slice(2), 'Project Falcon'])
      for (const encoded of encodings(canary)) expect(bytes().some((content) => content.includes(encoded))).toBe(false)

    const row = await store.findById(scope.id)
    const sealed = (await store.entries(scope.id, { from: 0 })).map((entry) => entry.sealed)
    const traces = [row?.wrappedKey ?? new Uint8Array(), ...sealed].map((each) => Buffer.from(each).toString('base64'))
    for (const trace of traces) expect(bytes().some((content) => content.includes(trace))).toBe(true)
    await vault.shred(scope.id, mine)
    for (const trace of traces) expect(bytes().some((content) => content.includes(trace))).toBe(false)
    await vault[Symbol.asyncDispose]()
    await database.close()
    rmSync(folder, { recursive: true, force: true })
  })

  test('a reader that keeps what was deleted in the log delays that to the next round', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'hearth-test-vault-'))
    const file = join(folder, 'hearth.db')
    const database = await openDatabase({ url: null, file, log: silentLogger })
    await database.migrate('privacy', migrations)
    const store = createKyselyVaultStore(database)
    const vault = new SealedVault({
      store,
      key: { kind: 'open', keys: createHouseKeys(randomKey()) },
      clock: new HandClock(),
      limits: () => ({ scopes: 10, valuesPerScope: 1000 }),
      announce: () => {},
    })
    const scope = await vault.open({ owner: mine, name: 'session:a' }, { ttlMs: hour })
    scope.assign(value('alice@example.org'))
    await vault.commit(scope, null)
    const trace = Buffer.from((await store.findById(scope.id))?.wrappedKey ?? new Uint8Array()).toString('base64')
    const isThere = () => ['', '-wal'].some((suffix) => readFileSync(file + suffix, 'latin1').includes(trace))
    const backup = new Sqlite(file)
    backup.run('begin')
    expect(backup.query('select count(*) from privacy_scope').values()).toEqual([[1]])
    expect(await vault.shred(scope.id, mine)).toBe(true)
    expect(isThere()).toBe(true)
    backup.run('commit')
    backup.close()
    expect(await vault.deleteExpired(10)).toBe(0)
    expect(isThere()).toBe(false)
    const { rows } = await sql<{ timeout: number }>`pragma busy_timeout`.execute(database.write)
    expect(rows[0]?.timeout).toBe(5000)
    await vault[Symbol.asyncDispose]()
    await database.close()
    rmSync(folder, { recursive: true, force: true })
  })

  test('refuses where the database is full, and says so', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'hearth-test-vault-'))
    const database = await openDatabase({ url: null, file: join(folder, 'hearth.db'), log: silentLogger })
    await database.migrate('privacy', migrations)
    const { rows } = await sql<{ page_count: number }>`pragma page_count`.execute(database.write)
    await sql`pragma max_page_count = ${sql.lit((rows[0]?.page_count ?? 0) + 2)}`.execute(database.write)
    const vault = new SealedVault({
      store: createKyselyVaultStore(database),
      key: { kind: 'open', keys: createHouseKeys(randomKey()) },
      clock: new HandClock(),
      limits: () => ({ scopes: 10, valuesPerScope: 1000 }),
      announce: () => {},
    })
    const scope = await vault.open({ owner: mine, name: 'session:a' }, { ttlMs: hour })
    for (let index = 0; index < 500; index++) scope.assign(value(`p${index}@example.org`))
    expect(await reasonOf(() => vault.commit(scope, departure()))).toBe('unavailable vault_full')
    await vault[Symbol.asyncDispose]()
    await database.close()
    rmSync(folder, { recursive: true, force: true })
  })
})
