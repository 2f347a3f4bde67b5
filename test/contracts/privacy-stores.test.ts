import { describe, expect, test } from 'bun:test'
import { sql } from 'kysely'
import { AppError } from '../../src/kernel/errors.ts'
import { randomKey } from '../../src/platform/crypto/seal.ts'
import type { Database } from '../../src/platform/db/database.ts'
import { createKyselyDepartureStore } from '../../src/privacy/adapters/kysely-departure-store.ts'
import { createKyselyListStore } from '../../src/privacy/adapters/kysely-list-store.ts'
import { createKyselyTranscriptStore } from '../../src/privacy/adapters/kysely-transcript-store.ts'
import { createKyselyVaultStore } from '../../src/privacy/adapters/kysely-vault-store.ts'
import type { HouseLists, ListEntry } from '../../src/privacy/contract.ts'
import type { PrivacyEvent } from '../../src/privacy/events.ts'
import { migrations } from '../../src/privacy/migrations/index.ts'
import { createHouseKeys, type KeyState } from '../../src/privacy/service/house-keys.ts'
import { Lists } from '../../src/privacy/service/lists.ts'
import { Transcripts } from '../../src/privacy/service/transcripts/transcripts.ts'
import { SealedVault } from '../../src/privacy/service/vault/vault.ts'
import { createTasks, departureRetentionDays } from '../../src/privacy/tasks.ts'
import { forEachDatabase, type DatabaseEngine } from '../env/databases.ts'
import { departure, HandClock, hour, mine, reasonOf, theirs, value } from '../env/vault-values.ts'

const openPlace = async (engine: DatabaseEngine) => {
  const database = await engine.open()
  await database.migrate('privacy', migrations)
  const key: KeyState = { kind: 'open', keys: createHouseKeys(randomKey()) }
  return { database, key, clock: new HandClock() }
}
const locked: KeyState = { kind: 'locked', why: 'The key is missing.' }
const everything = { owner: null, limit: 100, before: null }

forEachDatabase('the store of departures', (engine) => {
  const openStore = async () => {
    const { database } = await openPlace(engine)
    const store = createKyselyDepartureStore(database)
    const vaults = createKyselyVaultStore(database)
    const add = (rows: readonly (Parameters<typeof departure>[0] & { readonly id: string })[]) =>
      vaults.write((writing) => writing.addDepartures(rows.map((row) => ({ ...departure(row), id: row.id }))))
    return { store, add }
  }

  test('gives back what it was given, the newest first, a page at a time', async () => {
    const { store, add } = await openStore()
    const full = departure({ data: ['text', 'image'], verdict: 'refused', reason: 'leak_blocked', bytes: 2 ** 40 })
    await add([
      { ...full, id: 'dep_a', at: 5 },
      { id: 'dep_b', at: 7 },
      { id: 'dep_c', at: 7, data: [], counts: {} },
    ])
    const page = await store.list({ ...everything, limit: 2 })
    expect(page.map(({ id }) => id)).toEqual(['dep_c', 'dep_b'])
    expect(page[0]).toMatchObject({ data: [], counts: {} })
    const last = page.at(-1)
    const rest = await store.list({ ...everything, before: last ? { at: last.at, id: last.id } : null })
    expect(rest).toEqual([{ ...full, id: 'dep_a', at: 5 }])
  })

  test('finds by owner, destination and verdict', async () => {
    const { store, add } = await openStore()
    await add([
      { id: 'a', owner: theirs },
      { id: 'b', destination: 'elsewhere' },
      { id: 'c', verdict: 'refused', reason: 'no' },
    ])
    const ids = async (page: object) => (await store.list({ ...everything, ...page })).map(({ id }) => id)
    expect(await ids({ owner: theirs })).toEqual(['a'])
    expect(await ids({ destination: 'elsewhere' })).toEqual(['b'])
    expect(await ids({ verdict: 'refused' })).toEqual(['c'])
    expect(await ids({ owner: theirs, verdict: 'refused' })).toEqual([])
  })

  test('deletes the oldest, a part at a time', async () => {
    const { store, add } = await openStore()
    await add(Array.from({ length: 450 }, (_, index) => ({ id: `dep_${String(index).padStart(3, '0')}`, at: index })))
    expect(await store.deleteBefore(300, 200)).toBe(200)
    expect(await store.deleteBefore(300, 200)).toBe(100)
    expect(await store.deleteBefore(300, 200)).toBe(0)
    expect((await store.list({ ...everything, limit: 1000 })).map(({ at }) => at).at(-1)).toBe(300)
  })
})

forEachDatabase('the lists', (engine) => {
  const lists: HouseLists = {
    directory: [{ value: 'Alice Brenner', type: 'PERSON' }],
    deny: [
      { kind: 'text', value: 'Falcon' },
      { kind: 'pattern', pattern: 'PRJ-\\d+' },
    ],
    allow: ['example.org'],
  }
  const empty: HouseLists = { directory: [], deny: [], allow: [] }
  const open = (place: { readonly database: Database; readonly key: KeyState }, sources: readonly ListEntry[] = []) => {
    const told: PrivacyEvent[] = []
    const announce = (event: PrivacyEvent): void => void told.push(event)
    const store = createKyselyListStore(place.database)
    return { told, lists: new Lists({ store, key: place.key, sources: () => sources, announce }) }
  }

  test('are there after a restart, and nothing of them is in clear', async () => {
    const place = await openPlace(engine)
    const { lists: before, told } = open(place)
    await before.refresh()
    expect(before.current).toEqual({ version: 0, lists: empty, automatic: [] })
    await before.put(empty)
    await before.put(lists)
    expect(told).toEqual([1, 2].map((version) => ({ type: 'privacy.lists', data: { version } })))
    const { lists: after } = open(place)
    await after.refresh()
    expect(after.current).toEqual({ version: 2, lists, automatic: [] })
    const { rows } = await sql<{ sealed: string }>`select sealed from privacy_list`.execute(place.database.write)
    expect(rows.length).toBe(5)
    const kept = rows.map(({ sealed }) => Buffer.from(sealed, 'base64').toString('latin1') + sealed).join()
    for (const word of ['Alice', 'Falcon', 'PRJ', 'example']) expect(kept).not.toContain(word)
    await after.put(empty)
    await before.refresh()
    expect(before.current).toEqual({ version: 3, lists: empty, automatic: [] })
  })

  test('take in what the house knows, and tell listeners once for each change', async () => {
    const place = await openPlace(engine)
    const sources: ListEntry[] = [
      { value: 'gpu-box', type: 'HOST' },
      { value: 'ok', type: 'HOST' },
    ]
    const { lists: held } = open(place, sources)
    const heard: number[] = []
    held.effective.onChange(({ directory }) => heard.push(directory.length))
    await held.refresh()
    await held.refresh()
    await held.put(lists)
    sources.push({ value: 'attic', type: 'HOST' })
    await held.refresh()
    expect(heard).toEqual([1, 2, 3])
    expect(held.effective.value.directory.map((entry) => entry.value)).toEqual(['Alice Brenner', 'gpu-box', 'attic'])
    expect(held.current.lists).toEqual(lists)
  })

  test('that two processes change at once are those of the first one', async () => {
    const place = await openPlace(engine)
    const [left, right] = [open(place).lists, open(place).lists]
    const outcomes = await Promise.all([left, right].map((each) => reasonOf(() => each.put(lists))))
    expect([...outcomes].sort()).toEqual(['conflict lists_changed', 'none'])
    expect([left.current.version, right.current.version]).toEqual([1, 1])
    await Promise.all([left.put(empty), left.put(lists), left.put(empty)])
    expect(left.current.version).toBe(4)
    expect(await reasonOf(() => right.put(lists))).toBe('conflict lists_changed')
    await right.put(lists)
    expect(right.current).toEqual({ version: 5, lists, automatic: [] })
  })

  test('refuse what is no entry, and everything where the key is missing', async () => {
    const place = await openPlace(engine)
    const { lists: held } = open(place)
    const bad = { ...empty, allow: ['no'] }
    const thrown = await held.put(bad).catch((error: unknown) => error)
    expect(thrown).toBeInstanceOf(AppError)
    expect(thrown).toMatchObject({ kind: 'invalid', reason: 'bad_list', param: 'allow[0]' })
    await held.put(lists)
    const { lists: closed } = open({ ...place, key: locked }, [{ value: 'gpu-box', type: 'HOST' }])
    await closed.refresh()
    expect(closed.effective.value.directory).toEqual([{ value: 'gpu-box', type: 'HOST' }])
    expect(await reasonOf(() => closed.put(lists))).toBe('unavailable vault_locked')
  })

  test('that were changed in the database are not read as others', async () => {
    const place = await openPlace(engine)
    await open(place).lists.put(lists)
    const one = sql`(select sealed from privacy_list where position = 0)`
    await sql`update privacy_list set sealed = ${one} where position = 1`.execute(place.database.write)
    expect(await reasonOf(() => open(place).lists.refresh())).toBe('unavailable lists_damaged')
  })
})

forEachDatabase('transcripts', (engine) => {
  const words = (count: number, from = 0): string =>
    Array.from({ length: count }, (_, index) => `word${from + index}`).join(' ')
  const open = (
    place: Awaited<ReturnType<typeof openPlace>>,
    more: { readonly key?: KeyState; readonly maxPrints?: number } = {},
  ) => {
    const store = createKyselyTranscriptStore(place.database)
    return new Transcripts({ store, key: place.key, clock: place.clock, ttlMs: () => hour, ...more })
  }

  test('are known again in any text that has eight of their words in a row', async () => {
    const transcripts = open(await openPlace(engine))
    expect(transcripts.isTranscript(mine, [words(20)])).toBe(false)
    transcripts.remember(mine, `${words(100)}.`)
    for (const [text, isOne] of [
      [words(100), true],
      [`Summarise this: “${words(8, 40).toUpperCase().replaceAll(' ', ', ')}”!`, true],
      [words(7, 40), false],
      [`${words(7, 40)} and then ${words(7, 60)}`, false],
      [words(100, 500), false],
      ['', false],
    ] as const)
      expect(transcripts.isTranscript(theirs, ['Hello', text])).toBe(isOne)
  })

  test('that are short are known as a whole', async () => {
    const transcripts = open(await openPlace(engine))
    transcripts.remember(mine, 'Please call me back')
    transcripts.remember(mine, 'Thank you')
    expect(transcripts.isTranscript(mine, ['please call me back!'])).toBe(true)
    expect(transcripts.isTranscript(mine, ['please call me'])).toBe(false)
    expect(transcripts.isTranscript(mine, ['thank you'])).toBe(false)
  })

  test('may leave as they were handed out scrubbed, and no further', async () => {
    const place = await openPlace(engine)
    const transcripts = open(place)
    const raw = `${words(20)} Alice Brenner ${words(20, 20)}`
    const scrubbed = `${words(20)} [PERSON_7KQ2] ${words(20, 20)}`
    transcripts.remember(mine, raw)
    expect(transcripts.isTranscript(mine, [scrubbed])).toBe(true)
    transcripts.rememberScrubbed(mine, scrubbed)
    for (const each of [transcripts, await restarted()]) {
      expect(each.isTranscript(mine, [scrubbed])).toBe(false)
      expect(each.isTranscript(mine, [raw])).toBe(true)
      expect(each.isTranscript(mine, [words(8)])).toBe(false)
    }
    async function restarted(): Promise<Transcripts> {
      await transcripts.write()
      const after = open(place)
      await after.read()
      return after
    }
  })

  test('are known after a restart and by other processes, and nothing of them is in clear', async () => {
    const place = await openPlace(engine)
    const [left, right] = [open(place), open(place)]
    await right.read()
    left.remember(mine, words(30))
    await left.write()
    expect(right.isTranscript(mine, [words(30)])).toBe(false)
    await right.read()
    await right.read()
    expect(right.isTranscript(mine, [words(30)])).toBe(true)
    expect(right.counts).toEqual({ texts: 1, passages: 23 })
    const { rows } = await sql<{ sealed: string }>`select sealed from privacy_transcript`.execute(place.database.write)
    expect(Buffer.from(rows[0]?.sealed ?? '', 'base64').toString('latin1')).not.toContain('word')
    // What another key sealed tells nothing, and harms nothing.
    const other: KeyState = { kind: 'open', keys: createHouseKeys(randomKey()) }
    const foreign = open(place, { key: other })
    await foreign.read()
    expect(foreign.counts.texts).toBe(0)
  })

  test('are forgotten when their time is over, and the oldest first when there are too many', async () => {
    const place = await openPlace(engine)
    const transcripts = open(place)
    transcripts.remember(mine, words(30))
    await transcripts.write()
    place.clock.time += hour
    await transcripts.write()
    expect(transcripts.isTranscript(mine, [words(30)])).toBe(false)
    expect(transcripts.counts).toEqual({ texts: 0, passages: 0 })
    const store = createKyselyTranscriptStore(place.database)
    expect(await store.deleteExpired(place.clock.time, 10)).toBe(1)
    const few = open(place, { maxPrints: 30 })
    few.remember(mine, words(30))
    few.remember(mine, words(30, 100))
    await few.write()
    expect(few.isTranscript(mine, [words(30)])).toBe(false)
    expect(few.isTranscript(mine, [words(30, 100)])).toBe(true)
  })

  test('that could not be written are written later', async () => {
    const place = await openPlace(engine)
    const store = createKyselyTranscriptStore(place.database)
    let isBroken = true
    const add: typeof store.add = (prints) =>
      isBroken ? Promise.reject(new Error('the disk is gone')) : store.add(prints)
    const base = { key: place.key, clock: place.clock, ttlMs: () => hour }
    const transcripts = new Transcripts({ ...base, store: { ...store, add } })
    transcripts.remember(mine, words(30))
    expect(await transcripts.write().catch(String)).toContain('the disk is gone')
    isBroken = false
    await transcripts[Symbol.asyncDispose]()
    const after = open(place)
    await after.read()
    expect(after.isTranscript(mine, [words(30)])).toBe(true)
  })

  test('cannot be told from anything else without the key', async () => {
    const transcripts = open(await openPlace(engine), { key: locked })
    transcripts.remember(mine, words(30))
    await transcripts.read()
    await transcripts.write()
    expect(transcripts.isTranscript(mine, ['anything at all'])).toBe(true)
  })
})

forEachDatabase('the tasks of privacy', (engine) => {
  test('delete what has ended, and only that', async () => {
    const place = await openPlace(engine)
    const { database, key, clock } = place
    const store = createKyselyVaultStore(database)
    const limits = () => ({ scopes: 100, valuesPerScope: 1000 })
    const vault = new SealedVault({ store, key, clock, limits, announce: () => {} })
    const transcriptStore = createKyselyTranscriptStore(database)
    const transcripts = new Transcripts({ store: transcriptStore, key, clock, ttlMs: () => hour })
    const lists = new Lists({ store: createKyselyListStore(database), key, sources: () => [], announce: () => {} })
    const departureStore = createKyselyDepartureStore(database)
    const tasks = createTasks({ vault, lists, transcripts, departureStore, transcriptStore, clock })
    const run = async (name: string) =>
      tasks.find((task) => task.name === name)?.activate(new AbortController().signal) ?? null
    expect(await run('privacy-retention')).toBeNull()
    for (let index = 0; index < 25; index++) {
      const scope = await vault.open({ owner: mine, name: `session:${index}` }, { ttlMs: hour })
      scope.assign(value(`p${index}@example.org`))
      await vault.commit(scope, departure({ at: clock.now() }))
    }
    transcripts.remember(mine, 'one two three four')
    expect(await run('privacy-transcripts')).toBe('knows 1 passages of 1 texts')
    expect(await run('privacy-lists')).toBeNull()
    clock.time += 2 * hour
    expect(await run('privacy-retention')).toBe('deleted 25 scopes, 0 departures, 1 transcripts that have ended')
    clock.time += departureRetentionDays * 24 * hour
    expect(await run('privacy-retention')).toBe('deleted 0 scopes, 25 departures, 0 transcripts that have ended')
    expect(await run('privacy-retention')).toBeNull()
  })
})

describe('the migrations of privacy', () => {
  test('stand in the order of their names', () => {
    expect(migrations.map(({ name }) => name)).toEqual(migrations.map(({ name }) => name).sort())
  })
})
