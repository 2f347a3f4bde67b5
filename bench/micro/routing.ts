/**
 * What choosing a target costs a request: an itinerary made and its first stop, by policy and number of targets, with
 * the marks that its health gets around the attempt. `bun bench/micro/routing.ts [rounds]`. Figures of one run on one
 * machine: read them beside each other.
 */
import { modelName } from '../../src/kernel/ids.ts'
import { policies } from '../../src/kernel/routing.ts'
import { choose } from '../../src/gateway/core/choose.ts'
import { createItinerary } from '../../src/gateway/core/routing.ts'
import { Vitals } from '../../src/gateway/service/health/vitals.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { chance } from '../../src/platform/crypto/random.ts'
import { plainRouting } from '../../test/env/routing.ts'
import { questionOf, routeOf, targetNamed } from '../../test/env/targets.ts'

const rounds = Number(process.argv[2] ?? 300_000)
const vitals = new Vitals({
  clock: systemClock,
  announce: () => {},
  isProbed: () => false,
  settings: () => ({ breaker: plainRouting.breaker, prefix: plainRouting.prefix }),
})
const prompt = 'You are a careful assistant. '.repeat(1200)
const question = questionOf({ session: 'session-1', prefix: () => prompt })

console.log(`nanoseconds for one request, ${rounds} rounds; a prompt of ${prompt.length} characters`)
for (const policy of policies) {
  const figures = [1, 3, 10].map((count) => {
    const targets = Array.from({ length: count }, (_, at) => targetNamed(`t${at}`))
    return [count, timed(policy, targets)] as const
  })
  console.log(policy.padEnd(16), figures.map(([count, ns]) => `${count}: ${String(ns).padStart(6)}`).join('   '))
}

function timed(policy: (typeof policies)[number], targets: Parameters<typeof routeOf>[0]): number {
  const name = modelName('any')
  const snapshot = { names: new Map([[name, routeOf(targets, { policy })]]), open: new Map() }
  const mayUse = () => true
  const round = (): void => {
    const choice = choose(snapshot, name, mayUse)
    if (choice.kind !== 'route') throw new Error('no route')
    const stop = createItinerary(choice.route, question, vitals, chance).first()
    if (!stop) throw new Error('no stop')
    vitals.began(stop.target)
    vitals.answered(stop.target, 5)
    vitals.ended(stop.target, 'ok')
  }
  for (let warm = 0; warm < rounds / 10; warm++) round()
  const startedAt = performance.now()
  for (let index = 0; index < rounds; index++) round()
  return Math.round(((performance.now() - startedAt) * 1e6) / rounds)
}
