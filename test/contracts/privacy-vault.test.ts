import { expect, test } from 'bun:test'
import { sql } from 'kysely'
import { randomKey } from '../../src/platform/crypto/seal.ts'
import type { Database } from '../../src/platform/db/database.ts'
import { createKyselyDepartureStore } from '../../src/privacy/adapters/kysely-departure-store.ts'
import { createKyselyVaultStore } from '../../src/privacy/adapters/kysely-vault-store.ts'
import { migrations } from '../../src/privacy/migrations/index.ts'
import { createHouseKeys, openHouseKeys, type KeyState } from '../../src/privacy/service/house-keys.ts'
import { SealedVault } from '../../src/privacy/service/vault/vault.ts'
import { forEachDatabase } from '../env/databases.ts'
import {
  departure,
  HandClock,
  hour,
  mine,
  parts,
  person,
  reasonOf,
  resolve,
  secret,
  theirs,
  value,
} from '../env/vault-values.ts'

interface Place {
  readonly database: Database
  readonly clock: HandClock
  readonly key: KeyState
  /** A vault of its own on the same database: another process, or the next start. */
  vault(options?: { readonly key?: KeyState; readonly memoryBytes?: number; readonly scopes?: number }): SealedVault
}

forEachDatabase('the vault', (engine) => {
  const openPlace = async (): Promise<Place> => {
    const database = await engine.open()
    await database.migrate('privacy', migrations)
    const clock = new HandClock()
    const key: KeyState = { kind: 'open', keys: createHouseKeys(randomKey()) }
    const vault: Place['vault'] = (options = {}) =>
      new SealedVault({
        store: createKyselyVaultStore(database),
        key: options.key ?? key,
        clock,
        limits: () => ({ scopes: options.scopes ?? 100, valuesPerScope: 1000 }),
        announce: () => {},
        memoryBytes: options.memoryBytes ?? 2 ** 20,
      })
    return { database, clock, key, vault }
  }
  const session = { owner: mine, name: 'session:one' }
  const options = { ttlMs: hour }

  test('gives a value the same placeholder always, and puts back how it was written', async () => {
    const place = await openPlace()
    const before = await place.vault().open(session, options)
    const first = before.assign(value('Alice@Example.org'))
    expect(first).toMatch(/^\[EMAIL_[0-9B-Z]{4}\]$/)
    expect(before.assign(value('Alice@Example.org'))).toBe(first)
    const second = before.assign(value('alice@example.org'))
    expect(second).toBe(first.replace(']', '_2]'))
    const other = before.assign(value('bob@example.org'))
    expect(parts(other)[1]).not.toBe(parts(first)[1])
    await place.vault().commit(before, null)

    const after = await place.vault().open(session, options)
    expect(after).not.toBe(before)
    expect(after.assign(value('bob@example.org'))).toBe(other)
    expect(after.assign(value('ALICE@EXAMPLE.ORG'))).toBe(first.replace(']', '_3]'))
    expect([first, second, other].map((each) => resolve(after, each))).toEqual([
      'Alice@Example.org',
      'alice@example.org',
      'bob@example.org',
    ])
    expect([...after.values()].map((each) => each.value)).toEqual([
      'Alice@Example.org',
      'alice@example.org',
      'bob@example.org',
      'ALICE@EXAMPLE.ORG',
    ])
    expect([...after.values(3)].map((each) => each.canonical)).toEqual(['alice@example.org'])
    expect(after.size).toBe(4)
    expect(after.live.size).toBe(2)
  })

  test('knows what may be the beginning of a live tag, and which forms it has', async () => {
    const vault = await (await openPlace()).vault().open(session, options)
    expect(vault.live.isTagPrefix('')).toBe(false)
    const [, tag = ''] = parts(vault.assign(value('a@example.org')))
    vault.assign(value('A@example.org'))
    for (let length = 0; length <= 4; length++) expect(vault.live.isTagPrefix(tag.slice(0, length))).toBe(true)
    expect(vault.live.isTagPrefix(`${tag}X`)).toBe(false)
    expect([...vault.live.labels]).toEqual(['EMAIL'])
    expect(vault.live.forms(tag)).toEqual(['', '2'])
    expect(vault.live.forms('0000')).toEqual([])
    expect(vault.live.resolve(tag, '9')).toBe('a@example.org')
    expect(vault.live.resolve('0000', '')).toBeNull()
  })

  test('has one identity for one person, before and after a restart', async () => {
    const place = await openPlace()
    const vault = place.vault()
    const before = await vault.open(session, options)
    const names = ['Alice Brenner', 'Ms Brenner', 'Alice', 'A. Brenner', 'Brenner, Alice', 'Bob Dorn']
    const placeholders = names.map((name) => before.assign(person(name)))
    const tags = placeholders.map((each) => parts(each)[1])
    expect(new Set(tags.slice(0, 5)).size).toBe(1)
    expect(tags[5]).not.toBe(tags[0])
    expect(placeholders.map((each) => parts(each)[2] ?? '')).toEqual(['', 'L', 'F', '2', '3', ''])
    await vault.commit(before, null)

    const after = await place.vault().open(session, options)
    for (const [index, name] of [...names.entries()].reverse())
      expect(after.assign(person(name))).toBe(placeholders[index] ?? '')
    expect(placeholders.map((each) => resolve(after, each))).toEqual(names)
    expect(parts(after.assign(person('Mr Dorn')))[1]).toBe(tags[5] ?? '')
  })

  test('tells a secret to nobody, and one of the system’s prompt not even when somebody may have theirs back', async () => {
    const place = await openPlace()
    const vault = place.vault()
    const scope = await vault.open(session, options)
    const held = scope.assign(secret('hunter2hunter2', { isRestorable: false }))
    const given = scope.assign(secret('mine-mine-mine'))
    expect([held, given].map((each) => resolve(scope, each))).toEqual([null, 'mine-mine-mine'])
    await vault.commit(scope, null)
    // What the user said first stands in the system's prompt of the next request.
    scope.assign(secret('mine-mine-mine', { origin: 'system' }))
    expect(scope.assign(secret('mine-mine-mine'))).toBe(given)
    expect(scope.assign(secret('hunter2hunter2'))).toBe(held)
    expect([held, given].map((each) => resolve(scope, each))).toEqual([null, null])
    await vault.commit(scope, null)
    const after = await place.vault().open(session, options)
    after.assign(secret('mine-mine-mine'))
    expect([held, given].map((each) => resolve(after, each))).toEqual([null, null])
    // The leak gate knows them all the same.
    expect([...after.values()].map((each) => each.value)).toEqual(['hunter2hunter2', 'mine-mine-mine'])
    expect(after.live.forms(parts(held)[1] ?? '')).toEqual([''])
  })

  test('gives two owners nothing of each other, whatever they ask with', async () => {
    const place = await openPlace()
    const vault = place.vault()
    const ours = await vault.create(mine, options)
    const foreign = await vault.create(theirs, options)
    const [ourTag, foreignTag] = [ours, foreign].map(({ vault: scope }, index) =>
      scope.assign(value(`person${index}@example.org`)),
    )
    await vault.commit(ours.vault, null)
    await vault.commit(foreign.vault, null)
    expect(resolve(ours.vault, foreignTag ?? '')).toBeNull()
    expect(resolve(foreign.vault, ourTag ?? '')).toBeNull()
    for (const each of [vault, place.vault()]) {
      expect(await each.byHandle(ours.handle, theirs)).toBeNull()
      expect(await each.byHandle(foreign.handle, mine)).toBeNull()
      expect(await each.byHandle(`m_${'0'.repeat(26)}`, mine)).toBeNull()
      expect(await each.byHandle('anything', mine)).toBeNull()
      const found = await each.byHandle(ours.handle, mine)
      expect(found === null ? null : resolve(found, ourTag ?? '')).toBe('person0@example.org')
    }
    // The same value of another owner, or in another scope, has another tag.
    const same = await vault.open({ owner: theirs, name: session.name }, options)
    const here = await vault.open(session, options)
    const elsewhere = await vault.open({ owner: mine, name: 'session:two' }, options)
    const tags = [same, here, elsewhere].map((scope) => scope.assign(value('x@example.org')))
    expect(new Set(tags).size).toBe(3)
    expect(await vault.shred(ours.vault.id, theirs)).toBe(false)
    expect(await reasonOf(() => vault.create(mine, { ...options, handle: 'm_short' }))).toBe('invalid bad_handle')
    expect(await reasonOf(() => vault.create(mine, { ...options, handle: ours.handle }))).toBe('conflict handle_taken')
  })

  test('a row that was put in another’s place does not open', async () => {
    const place = await openPlace()
    const vault = place.vault()
    const ours = await vault.open(session, options)
    const foreign = await vault.open({ owner: theirs, name: 'session:one' }, options)
    ours.assign(value('ours@example.org'))
    foreign.assign(value('foreign@example.org'))
    await Promise.all([vault.commit(ours, null), vault.commit(foreign, null)])
    const db = place.database.write
    await sql`update privacy_entry set scope = 'away' where scope = ${ours.id}`.execute(db)
    await sql`update privacy_entry set scope = ${ours.id} where scope = ${foreign.id}`.execute(db)
    expect(await reasonOf(() => place.vault().open(session, options))).toBe('unavailable vault_damaged')
    const wrapped = sql`(select wrapped_key from privacy_scope where id = ${foreign.id})`
    await sql`update privacy_scope set wrapped_key = ${wrapped} where id = ${ours.id}`.execute(db)
    expect(await reasonOf(() => place.vault().open(session, options))).toBe('unavailable vault_damaged')
  })

  test('two requests of one scope at once see one vault, also when it was not in memory', async () => {
    const place = await openPlace()
    const before = place.vault()
    const first = await before.open(session, options)
    const placeholder = first.assign(value('a@example.org'))
    await before.commit(first, null)
    const vault = place.vault()
    const [one, two] = await Promise.all([vault.open(session, options), vault.open(session, options)])
    expect(one).toBe(two)
    expect(one.assign(value('b@example.org'))).toBe(two.assign(value('b@example.org')))
    expect(resolve(two, placeholder)).toBe('a@example.org')
    const fresh = { owner: mine, name: 'session:fresh' }
    const [three, four] = await Promise.all([vault.open(fresh, options), vault.open(fresh, options)])
    expect(three).toBe(four)
  })

  test('what many requests bring at once is written together, and each waits for all of its values', async () => {
    const place = await openPlace()
    const store = createKyselyVaultStore(place.database)
    let transactions = 0
    const counting = {
      ...store,
      write: <T>(work: Parameters<typeof store.write<T>>[0]): Promise<T> => {
        transactions++
        return store.write(work)
      },
    }
    const limits = () => ({ scopes: 100, valuesPerScope: 1000 })
    const base = { key: place.key, clock: place.clock, limits, announce: () => {} }
    const vault = new SealedVault({ ...base, store: counting })
    const scopes = await Promise.all(
      Array.from({ length: 40 }, (_, index) => vault.open({ owner: mine, name: `session:${index % 20}` }, options)),
    )
    await Promise.all(
      scopes.map((scope, index) => {
        scope.assign(value(`p${index}@example.org`))
        return vault.commit(scope, departure({ bytes: index }))
      }),
    )
    expect(transactions).toBe(1)
    const page = { owner: null, limit: 100, before: null }
    expect((await createKyselyDepartureStore(place.database).list(page)).length).toBe(40)
    const after = await place.vault().open({ owner: mine, name: 'session:3' }, options)
    expect([...after.values()].map((each) => each.value)).toEqual(['p3@example.org', 'p23@example.org'])
  })

  test('where the database fails nothing was written, and the next commit writes all of it', async () => {
    const place = await openPlace()
    const store = createKyselyVaultStore(place.database)
    let isBroken = true
    const broken = {
      ...store,
      write: <T>(work: Parameters<typeof store.write<T>>[0]): Promise<T> =>
        store.write(async (writing) => {
          const result = await work(writing)
          if (isBroken) throw new Error('the disk is gone')
          return result
        }),
    }
    const limits = () => ({ scopes: 100, valuesPerScope: 1000 })
    const vault = new SealedVault({ store: broken, key: place.key, clock: place.clock, limits, announce: () => {} })
    const scope = await vault.open(session, options)
    scope.assign(value('a@example.org'))
    const failing = [vault.commit(scope, departure()), vault.commit(null, departure())]
    const outcomes = await Promise.all(failing.map((each) => reasonOf(() => each)))
    expect(outcomes).toEqual(['unavailable vault_unavailable', 'unavailable vault_unavailable'])
    const page = { owner: null, limit: 10, before: null }
    expect(await createKyselyDepartureStore(place.database).list(page)).toEqual([])
    expect((await place.vault().open(session, options)).size).toBe(0)
    isBroken = false
    scope.assign(value('b@example.org'))
    await vault.commit(scope, null)
    expect((await place.vault().open(session, options)).size).toBe(2)
  })

  test('two processes agree, or the later one is told to begin again: no tag has two values', async () => {
    const place = await openPlace()
    const store = { ...createKyselyVaultStore(place.database), isShared: true }
    const limits = () => ({ scopes: 100, valuesPerScope: 1000 })
    const base = { store, key: place.key, clock: place.clock, limits, announce: () => {} }
    const [left, right] = [new SealedVault(base), new SealedVault(base)]
    const [a, b] = [await left.open(session, options), await right.open(session, options)]
    // The same value: the same tag, though neither knows of the other.
    const first = a.assign(value('same@example.org'))
    expect(b.assign(value('same@example.org'))).toBe(first)
    b.assign(value('only-b@example.org'))
    await left.commit(a, null)
    await right.commit(b, null)
    expect(b.id).toBe(a.id)
    const again = await left.open(session, options)
    expect(again).toBe(a)
    expect([...again.values()].map((each) => each.value)).toEqual(['same@example.org', 'only-b@example.org'])
    // Two ways of writing it, each the second one where it came up.
    const mineFirst = a.assign(value('SAME@example.org'))
    expect(b.assign(value('Same@Example.Org'))).toBe(mineFirst)
    await left.commit(a, null)
    expect(await reasonOf(() => right.commit(b, departure()))).toBe('unavailable vault_changed')
    expect(await reasonOf(() => right.commit(b, departure()))).toBe('unavailable vault_changed')
    expect(() => b.assign(value('c@example.org'))).toThrow('Send it again')
    const reopened = await right.open(session, options)
    expect(resolve(reopened, mineFirst)).toBe('SAME@example.org')
    expect(reopened.assign(value('Same@Example.Org'))).toBe(first.replace(']', '_3]'))
    await right.commit(reopened, null)
    // Deleted over there: gone here too.
    expect(await right.shred(reopened.id, mine)).toBe(true)
    expect((await left.open(session, options)).size).toBe(0)
  })

  test('many processes that write at once lose nothing', async () => {
    const place = await openPlace()
    const store = { ...createKyselyVaultStore(place.database), isShared: true }
    const limits = () => ({ scopes: 100, valuesPerScope: 1000 })
    const base = { store, key: place.key, clock: place.clock, limits, announce: () => {} }
    const vaults = Array.from({ length: 4 }, () => new SealedVault(base))
    const names = ['session:x', 'session:y', 'session:z']
    await Promise.all(
      vaults.flatMap((vault, process) =>
        names.map(async (name) => {
          for (let round = 0; round < 5; round++) {
            const scope = await vault.open({ owner: mine, name }, options)
            scope.assign(value(`${process}-${round}@example.org`))
            await vault.commit(scope, null)
          }
        }),
      ),
    )
    for (const name of names) {
      const scope = await place.vault().open({ owner: mine, name }, options)
      expect(new Set([...scope.values()].map((each) => each.value)).size).toBe(20)
      expect(scope.size).toBe(20)
    }
  })

  test('scopes end some time after their last use, and are deleted then', async () => {
    const place = await openPlace()
    const vault = place.vault()
    const used = await vault.create(mine, options)
    const unused = await vault.create(mine, options)
    const placeholder = used.vault.assign(value('a@example.org'))
    await Promise.all([vault.commit(used.vault, null), vault.commit(unused.vault, null)])
    place.clock.time += hour - 1
    await vault.byHandle(used.handle, mine)
    expect(await vault.flushUses()).toBe(1)
    place.clock.time += 2
    expect(await vault.byHandle(unused.handle, mine)).toBeNull()
    expect(await place.vault().byHandle(unused.handle, mine)).toBeNull()
    const again = await place.vault().byHandle(used.handle, mine)
    expect(again === null ? null : resolve(again, placeholder)).toBe('a@example.org')
    expect((await vault.list({ owner: mine, limit: 10 })).map((each) => each.id)).toEqual([used.vault.id])
    place.clock.time += 2 * hour
    expect(await vault.deleteExpired(10)).toBe(1)
    expect(await vault.deleteExpired(10)).toBe(0)
    expect(resolve(used.vault, placeholder)).toBeNull()
    const { rows } = await sql`select 1 from privacy_entry`.execute(place.database.write)
    expect(rows.length).toBe(0)
  })

  test('what is deleted is gone for whoever still holds it, and for its name', async () => {
    const place = await openPlace()
    const vault = place.vault()
    const scope = await vault.open(session, options)
    const placeholder = scope.assign(value('a@example.org'))
    for (let index = 0; index < 700; index++) scope.assign(value(`p${index}@example.org`))
    await vault.commit(scope, null)
    expect(await vault.shred(scope.id, mine)).toBe(true)
    expect(await vault.shred(scope.id, mine)).toBe(false)
    expect(resolve(scope, placeholder)).toBeNull()
    expect([...scope.values()]).toEqual([])
    expect(() => scope.assign(value('b@example.org'))).toThrow('Send it again')
    expect(await reasonOf(() => vault.commit(scope, departure()))).toBe('unavailable vault_changed')
    const anew = await vault.open(session, options)
    expect(anew.size).toBe(0)
    for (const table of ['privacy_entry', 'privacy_scope']) {
      const { rows } = await sql`select 1 from ${sql.table(table)}`.execute(place.database.write)
      expect(rows.length).toBe(0)
    }
  })

  test('a deletion that was interrupted is finished by the next round', async () => {
    const place = await openPlace()
    const vault = place.vault()
    const scope = await vault.open(session, options)
    scope.assign(value('a@example.org'))
    await vault.commit(scope, null)
    await sql`update privacy_scope set wrapped_key = '-', name_hash = 'gone', expires_at = 0`.execute(
      place.database.write,
    )
    expect((await place.vault().open(session, options)).size).toBe(0)
    expect(await place.vault().deleteExpired(10)).toBe(1)
    const { rows } = await sql`select 1 from privacy_entry`.execute(place.database.write)
    expect(rows.length).toBe(0)
  })

  test('memory has a limit, and what a request holds is found again although it had to go', async () => {
    const place = await openPlace()
    const vault = place.vault({ scopes: 3 })
    const held = await vault.open({ owner: mine, name: 'session:held' }, options)
    const placeholder = held.assign(value('held@example.org'))
    for (let index = 0; index < 10; index++) {
      const scope = await vault.open({ owner: mine, name: `session:${index}` }, options)
      scope.assign(value(`p${index}@example.org`))
      await vault.commit(scope, null)
    }
    expect(vault.memory.scopes).toBe(3)
    // Nothing of it was written: it lives because it is held.
    expect(await vault.open({ owner: mine, name: 'session:held' }, options)).toBe(held)
    expect(held.assign(value('held@example.org'))).toBe(placeholder)
    await vault.flushUses()
    const back = await vault.open({ owner: mine, name: 'session:0' }, options)
    expect([...back.values()].map((each) => each.value)).toEqual(['p0@example.org'])
    expect(vault.memory.scopes).toBe(3)

    const small = place.vault({ memoryBytes: 3000 })
    for (let index = 0; index < 5; index++) {
      const scope = await small.open({ owner: mine, name: `session:big${index}` }, options)
      scope.assign(value(`${'x'.repeat(500)}${index}@example.org`))
    }
    expect(small.memory.bytes).toBeLessThanOrEqual(3000)
    expect(small.memory.scopes).toBe(1)
  })

  test('a scope takes no more values than its limit', async () => {
    const vault = await (await openPlace()).vault().open(session, options)
    for (let index = 0; index < 1000; index++) vault.assign(value(`p${index}@example.org`))
    expect(() => vault.assign(value('more@example.org'))).toThrow('1000 values')
    expect(vault.assign(value('p7@example.org'))).toMatch(/^\[EMAIL_/)
    expect(vault.live.size).toBe(1000)
  })

  test('a scope of one request says the same for the same value, and is nowhere afterwards', async () => {
    const place = await openPlace()
    const vault = place.vault()
    const first = vault.passing(session)
    const placeholder = first.assign(value('ann@example.org'))
    expect(resolve(first, placeholder)).toBe('ann@example.org')
    await vault.commit(first, departure({ verdict: 'sent' }))
    const second = vault.passing(session)
    expect(second.size).toBe(0)
    expect(second.assign(value('ann@example.org'))).toBe(placeholder)
    expect(vault.passing({ ...session, owner: theirs }).assign(value('ann@example.org'))).not.toBe(placeholder)
    expect([await vault.list({ owner: null, limit: 10 }), vault.memory.scopes]).toEqual([[], 0])
  })

  test('is locked by a wrong key, and by one that was not found, and says so', async () => {
    const place = await openPlace()
    const store = createKyselyVaultStore(place.database)
    const [right, wrong] = [randomKey(), randomKey()]
    const given = (key: Uint8Array) => ({ read: () => Promise.resolve({ kind: 'key', key } as const) })
    expect((await openHouseKeys(given(right), store)).kind).toBe('open')
    expect((await openHouseKeys(given(right), store)).kind).toBe('open')
    const asked: boolean[] = []
    const missing = {
      read: ({ mayMake }: { readonly mayMake: boolean }) => {
        asked.push(mayMake)
        return Promise.resolve({ kind: 'locked', why: 'It is missing.' } as const)
      },
    }
    expect(await openHouseKeys(missing, store)).toEqual({ kind: 'locked', why: 'It is missing.' })
    expect(asked).toEqual([false])
    const state = await openHouseKeys(given(wrong), store)
    expect(state.kind).toBe('locked')
    const vault = place.vault({ key: state })
    expect(vault.lock).toContain('not the one')
    for (const work of [
      () => vault.open(session, options),
      () => vault.create(mine, options),
      () => vault.byHandle(`m_${'0'.repeat(26)}`, mine),
      () => vault.commit(null, departure()),
    ])
      expect(await reasonOf(work)).toBe('unavailable vault_locked')
    await store.clear()
    expect((await openHouseKeys(given(wrong), store)).kind).toBe('open')
  })
})
