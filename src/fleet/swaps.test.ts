import { describe, expect, test } from 'bun:test'
import { until } from '../../test/env/until.ts'
import { acquire, chat, fakeRecipe, MiB, openTestFleet, permitOf, type TestFleet } from '../../test/fakes/fleet.ts'

const stateOf = (at: TestFleet, id: string) => at.fleet.view(id)?.state

describe('two models that do not fit together', () => {
  const pair = (options: Parameters<typeof fakeRecipe>[1] = {}) => [fakeRecipe('a', options), fakeRecipe('b', options)]

  test('swap under fifty mixed requests: each answer names the right model, and swaps are few', async () => {
    await using at = await openTestFleet({ recipes: pair({ flags: ['--slow-ms', '5'] }), memoryBytes: 150 * MiB })
    const answers = await Promise.all(
      Array.from({ length: 50 }, async (_, n) => {
        const id = n % 2 === 0 ? 'a' : 'b'
        const permit = await permitOf(acquire(at, id, { key: `k${n % 5}`, waitMs: 60_000 }))
        const answer = await chat(permit)
        permit.release()
        return answer === `from ${id}`
      }),
    )
    expect(answers.filter(Boolean).length).toBe(50)
    const swaps = at.audit.filter((entry) => entry.action === 'model.swap')
    expect(swaps.length).toBeGreaterThan(0)
    expect(swaps.length).toBeLessThan(10)
    expect(swaps[0]).toMatchObject({
      who: expect.stringContaining('standing consent'),
      detail: expect.stringContaining('make room'),
    })
  }, 60_000)

  test('do not starve each other: one gets its turn though the other is asked without a pause', async () => {
    await using at = await openTestFleet({ recipes: pair(), memoryBytes: 150 * MiB })
    let isOver = false
    const hammer = Array.from({ length: 4 }, async () => {
      let count = 0
      while (!isOver) {
        const permit = await permitOf(acquire(at, 'a', { waitMs: 60_000 }))
        expect(await chat(permit)).toBe('from a')
        permit.release()
        count++
      }
      return count
    })
    await until('a is ready', () => stateOf(at, 'a') === 'ready')
    for (let n = 0; n < 2; n++) {
      const permit = await permitOf(acquire(at, 'b', { waitMs: 20_000 }))
      expect(await chat(permit)).toBe('from b')
      permit.release()
    }
    isOver = true
    expect((await Promise.all(hammer)).every((count) => count > 0)).toBe(true)
  }, 60_000)

  test('let running answers end before a swap', async () => {
    await using at = await openTestFleet({ recipes: pair(), memoryBytes: 150 * MiB })
    const running = await permitOf(acquire(at, 'a'))
    const waiting = acquire(at, 'b')
    await until('a makes room', () => stateOf(at, 'a') === 'draining')
    expect(await chat(running)).toBe('from a')
    running.release()
    ;(await permitOf(waiting)).release()
    expect([stateOf(at, 'a'), stateOf(at, 'b')]).toEqual(['stopped', 'ready'])
  })

  test('stay as they are when those who waited have gone', async () => {
    await using at = await openTestFleet({ recipes: pair(), memoryBytes: 150 * MiB })
    const running = await permitOf(acquire(at, 'a'))
    const hangUp = new AbortController()
    const waiting = acquire(at, 'b', { signal: hangUp.signal })
    await until('a makes room', () => stateOf(at, 'a') === 'draining')
    hangUp.abort()
    expect((await waiting).kind).toBe('gone')
    expect(stateOf(at, 'a')).toBe('ready')
    running.release()
    ;(await permitOf(acquire(at, 'a', { waitMs: 0 }))).release()
  })

  test('do not swap without the consent', async () => {
    await using at = await openTestFleet({ recipes: pair(), memoryBytes: 150 * MiB, swap: 'never' })
    ;(await permitOf(acquire(at, 'a'))).release()
    expect(await acquire(at, 'b')).toMatchObject({
      kind: 'full',
      message: expect.stringContaining('fleet.swap is "never"'),
    })
    expect(stateOf(at, 'a')).toBe('ready')
  })

  test('roll back when the new one fails', async () => {
    const recipes = [fakeRecipe('a'), fakeRecipe('b', { flags: ['--crash-at-load'] })]
    await using at = await openTestFleet({ recipes, memoryBytes: 150 * MiB })
    ;(await permitOf(acquire(at, 'a'))).release()
    expect((await acquire(at, 'b')).kind).toBe('unusable')
    await until('a is back', () => stateOf(at, 'a') === 'ready')
  })
})
