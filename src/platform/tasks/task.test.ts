import { expect, test } from 'bun:test'
import { systemClock } from '#platform/clock.ts'
import { createLogger } from '#platform/log/logger.ts'
import { startTask } from './task.ts'

const options = {
  clock: systemClock,
  log: createLogger({ level: 'silent', format: 'lines', write: () => {}, now: () => 0 }),
}

test('a wake during an activation is kept: another activation follows', async () => {
  let count = 0
  const first = Promise.withResolvers<void>()
  const second = Promise.withResolvers<void>()
  const task = startTask(
    {
      name: 'counts',
      everyMs: null,
      async activate() {
        count++
        if (count === 2) second.resolve()
        await first.promise
        return `${count}`
      },
    },
    options,
  )
  await Promise.resolve()
  await Promise.resolve()
  task.wake()
  task.wake()
  first.resolve()
  await second.promise
  await task[Symbol.asyncDispose]()
  expect(count).toBe(2)
  expect(task.status).toMatchObject({ state: 'stopped', activations: 2, lastStatus: '2' })
})

test('a failed activation is shown, and the next one comes at its time', async () => {
  const third = Promise.withResolvers<void>()
  let count = 0
  const task = startTask(
    {
      name: 'fails',
      everyMs: 1,
      activate() {
        count++
        if (count === 3) third.resolve()
        return count < 3 ? Promise.reject(new Error(`no ${count}`)) : Promise.resolve(null)
      },
    },
    options,
  )
  await third.promise
  await task[Symbol.asyncDispose]()
  expect(task.status.failures).toBe(2)
  expect(task.status.lastError).toBeNull()
})

test('disposing aborts the activation and waits for its end', async () => {
  const begun = Promise.withResolvers<void>()
  let hasEnded = false
  const task = startTask(
    {
      name: 'waits',
      everyMs: null,
      async activate(signal) {
        begun.resolve()
        await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
        hasEnded = true
        return null
      },
    },
    options,
  )
  await begun.promise
  await task[Symbol.asyncDispose]()
  expect(hasEnded).toBe(true)
  task.wake()
  expect(task.status.activations).toBe(1)
})
