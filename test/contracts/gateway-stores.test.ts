import { describe, expect, test } from 'bun:test'
import { createKyselyResponseStore } from '../../src/gateway/adapters/kysely-response-store.ts'
import { migrations } from '../../src/gateway/migrations/index.ts'
import type { ItemIds, KeptResponse } from '../../src/gateway/ports.ts'
import { keyId } from '../../src/kernel/ids.ts'
import { forEachDatabase } from '../env/databases.ts'

const at = 1_900_000_000_123
const mine = keyId('aaaaaaaaaaaa')
const theirs = keyId('bbbbbbbbbbbb')

const kept = (id: string, more: Partial<KeptResponse & ItemIds> = {}): KeptResponse & ItemIds => ({
  key: mine,
  id,
  previousId: null,
  createdAt: at,
  input: '[{"text":"“ü” 💡 \\u0000"}]',
  response: JSON.stringify({ id }),
  itemIds: [],
  aliveUntil: null,
  ...more,
})
const row = ({ itemIds: _, ...rest }: KeptResponse & ItemIds): KeptResponse => rest
const ids = (rows: readonly KeptResponse[]): readonly string[] => rows.map(({ id }) => id)

forEachDatabase('the store of responses', (engine) => {
  const open = async () => {
    const database = await engine.open()
    await database.migrate('gateway', migrations)
    return createKyselyResponseStore(database)
  }

  test('gives back what it was given, to the same key alone', async () => {
    const store = await open()
    const full = kept('resp_1', { previousId: 'resp_0', aliveUntil: at + 5 })
    await store.save([full, kept('resp_2')])
    expect(await store.find(mine, 'resp_1')).toEqual(row(full))
    expect(await store.find(mine, 'resp_2')).toEqual(row(kept('resp_2')))
    expect(await store.find(theirs, 'resp_1')).toBeNull()
    expect(await store.find(mine, 'resp_3')).toBeNull()
  })

  test('replaces what stands there, its items too', async () => {
    const store = await open()
    await store.save([kept('resp_1', { itemIds: ['msg_1', 'msg_1'] })])
    const again = kept('resp_1', { response: '{}', createdAt: at + 1, itemIds: ['msg_2'] })
    await store.save([again])
    expect(await store.find(mine, 'resp_1')).toEqual(row(again))
    expect(ids(await store.holding(mine, ['msg_1']))).toEqual([])
    expect(ids(await store.holding(mine, ['msg_2', 'msg_9']))).toEqual(['resp_1'])
    expect(ids(await store.holding(theirs, ['msg_2']))).toEqual([])
    expect(ids(await store.holding(mine, []))).toEqual([])
  })

  test('walks back what a response rests on, the oldest first', async () => {
    const store = await open()
    await store.save([
      kept('a'),
      kept('b', { previousId: 'a' }),
      kept('c', { previousId: 'b' }),
      kept('d', { previousId: 'b' }),
      kept('b', { key: theirs, previousId: 'x' }),
    ])
    expect(ids(await store.chain(mine, 'c', 10))).toEqual(['a', 'b', 'c'])
    expect(ids(await store.chain(mine, 'd', 2))).toEqual(['b', 'd'])
    expect((await store.chain(mine, 'c', 10)).at(0)).toEqual(row(kept('a')))
    expect(ids(await store.chain(theirs, 'b', 10))).toEqual(['b'])
    expect(await store.chain(mine, 'nobody', 10)).toEqual([])
  })

  test('does not walk in a circle for ever', async () => {
    const store = await open()
    await store.save([kept('a', { previousId: 'b' }), kept('b', { previousId: 'a' })])
    expect((await store.chain(mine, 'a', 6)).length).toBe(6)
  })

  test('forgets one with its items', async () => {
    const store = await open()
    await store.save([kept('a', { itemIds: ['msg_1'] }), kept('a', { key: theirs })])
    expect(await store.remove(mine, 'a')).toBe(true)
    expect(await store.remove(mine, 'a')).toBe(false)
    expect(ids(await store.holding(mine, ['msg_1']))).toEqual([])
    expect(await store.find(theirs, 'a')).not.toBeNull()
  })

  test('knows which runs nobody has renewed', async () => {
    const store = await open()
    await store.save([
      kept('ended'),
      kept('old', { aliveUntil: at }),
      kept('older', { aliveUntil: at - 5 }),
      kept('renewed', { aliveUntil: at }),
    ])
    await store.renew(
      [
        { key: mine, id: 'renewed' },
        { key: mine, id: 'ended' },
        { key: mine, id: 'unknown' },
      ],
      at + 100,
    )
    expect([...ids(await store.abandoned(at + 1, 10))].sort()).toEqual(['old', 'older'])
    expect((await store.abandoned(at + 1, 1)).length).toBe(1)
    expect((await store.find(mine, 'ended'))?.aliveUntil).toBeNull()
    expect((await store.abandoned(Number.MAX_SAFE_INTEGER, 10)).length).toBe(3)
  })

  test('deletes the oldest, a part at a time, with their items', async () => {
    const store = await open()
    await store.save([
      kept('a', { createdAt: at - 3, itemIds: ['msg_a'] }),
      kept('b', { createdAt: at - 2 }),
      kept('c', { createdAt: at }),
    ])
    expect(await store.deleteBefore(at, 1)).toBe(1)
    expect(await store.find(mine, 'a')).toBeNull()
    expect(ids(await store.holding(mine, ['msg_a']))).toEqual([])
    expect(await store.deleteBefore(at, 10)).toBe(1)
    expect(await store.deleteBefore(at, 10)).toBe(0)
    expect(await store.find(mine, 'c')).not.toBeNull()
  })

  test('keeps many items of one response', async () => {
    const store = await open()
    const itemIds = Array.from({ length: 250 }, (_, index) => `msg_${index}`)
    await store.save([kept('a', { itemIds })])
    expect(ids(await store.holding(mine, ['msg_249']))).toEqual(['a'])
  })
})

describe('the migrations of the gateway', () => {
  test('stand in the order of their names', () => {
    expect(migrations.map(({ name }) => name)).toEqual(migrations.map(({ name }) => name).sort())
  })
})
