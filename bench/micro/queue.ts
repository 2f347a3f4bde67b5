/**
 * What the line before a busy model costs: push, take, leave and look with 10,000 waiting, of few keys and of many;
 * beside it a permit where nobody waits. `bun bench/micro/queue.ts [waiting]`. Figures of one run on one machine: read
 * them beside each other.
 */
import { FairQueue, nextTurn, positionOf, type Waiter } from '../../src/fleet/core/queue.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { upstreamDeployment, upstreamName } from '../../src/kernel/ids.ts'
import { Bay } from '../../src/fleet/service/bay.ts'
import { Pool } from '../../src/fleet/service/pool.ts'
import { Slots } from '../../src/fleet/service/slots.ts'
import { Turns } from '../../src/fleet/core/turns.ts'

const waiting = Number(process.argv[2] ?? 10_000)
const turns = new Turns()

for (const keys of [1, 10, 1000, waiting]) {
  const queue = new FairQueue<Waiter>(() => ({ all: Infinity, perKey: Infinity }), turns)
  const lines = [{ queue, olderThan: Infinity, mayTake: () => true }]
  let number = 0
  const next = (): Waiter => ({
    key: `key${number % keys}`,
    since: number++,
    deadline: number + 60_000,
    weight: 1 + (number % 3),
    priority: number % 4 === 0 ? 'batch' : 'interactive',
  })
  const take = () => {
    const found = nextTurn(lines, { turns, batchDueSince: -Infinity })
    if (found) queue.take(found.turn)
  }
  console.log(`\n${waiting} waiting, ${keys} ${keys === 1 ? 'key' : 'keys'}`)
  timed('fill', waiting, () => queue.push(next()))
  timed('push + take', 100_000, () => {
    queue.push(next())
    take()
  })
  timed('push + leave', 100_000, () => {
    const entry = next()
    queue.push(entry)
    queue.remove(entry)
  })
  timed('push + position + leave', 2000, () => {
    const entry = next()
    queue.push(entry)
    const turn = queue.turnOf(entry)
    if (turn) positionOf([queue], turn)
    queue.remove(entry)
  })
  timed('earliest deadline', 100_000, () => void queue.nextDeadline())
  timed('empty', waiting, take)
  if (queue.size > 0) throw new Error('somebody was left behind')
}

console.log('\nnobody waits')
permits('permit and back', null)
permits('permit and back, in a pool', new Pool('shared', { name: 'gpu-0', concurrency: 3, perKey: 2 }))

function permits(name: string, pool: Pool | null): void {
  const queueLimits = () => ({ all: 64, perKey: 48 })
  const bay = new Bay({ deployment: upstreamDeployment(upstreamName('u')), queueLimits, local: null })
  bay.pool = pool
  const slots = new Slots({ baseUrl: '', token: null, limit: 4, clock: systemClock, onRelease: () => {} })
  timed(name, 1_000_000, () => {
    const permit = slots.take('key', bay)
    permit?.heard()
    permit?.release('ok')
  })
}

function timed(name: string, times: number, work: () => void): void {
  const started = performance.now()
  for (let time = 0; time < times; time++) work()
  const us = ((performance.now() - started) * 1000) / times
  console.log(`${name.padEnd(34)} ${us.toFixed(3)} µs`)
}
