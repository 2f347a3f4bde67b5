/** A few seconds of `npm run fuzz`: the same cases every time, and others every time. */
import { expect, test } from 'bun:test'
import { runFuzz } from '../env/fuzz.ts'

const seconds = 4
/** Fewer cases than this in the time mean that requests hang, not that they fail. */
const fewestCases = 100
/** What a run of this length may hold on to; a leak of every request's answer is more. */
const mostGrownBytes = 150 * 2 ** 20

test.each(['fixed', crypto.randomUUID().slice(0, 8)])(
  'nearly right requests and upstreams end well, leave one row each and nothing behind: seed %s',
  async (seed) => {
    const { cases, faults, endings, grownBytes } = await runFuzz({ seed, seconds })
    expect(faults).toEqual([])
    expect(cases).toBeGreaterThan(fewestCases)
    // All kinds of ends were met: the cases are neither all right nor all wrong.
    expect(Object.keys(endings)).toEqual(expect.arrayContaining(['complete', 'error', 'passed', 'hung up']))
    expect(grownBytes).toBeLessThan(mostGrownBytes)
  },
  60_000,
)
