import { median, openFiles, rssBytes } from './machine.ts'
import { openLoop } from './open-loop.ts'
import { bodyOf, plainChat, sixWishes } from './requests.ts'
import { table, writeSection } from './results.ts'
import { slope, type Sample } from './slope.ts'
import { startHearth, startMock } from './targets.ts'

/** What settles after the start: connection pools, compiled code. */
const settleMs = 3_000

/** (c) Memory of an idle house, and the time from its start to its first answered request. */
export async function start({ rounds }: { readonly rounds: number }): Promise<void> {
  await using stack = new AsyncDisposableStack()
  const mock = stack.use(await startMock())
  const times: number[] = []
  const idle: number[] = []
  for (let round = 0; round < rounds; round++) {
    const began = performance.now()
    await using hearth = await startHearth(mock)
    const asked = hearth.ask('chat', 'chat')
    if (asked === null) throw new Error('no chat')
    const response = await fetch(`http://127.0.0.1:${hearth.port}${asked.path}`, {
      method: 'POST',
      body: bodyOf(asked.model, plainChat),
      headers: { ...asked.headers, 'content-type': 'application/json' },
    })
    if (response.status !== 200)
      throw new Error(`The first request was answered with ${response.status}: ${await response.text()}`)
    await response.arrayBuffer()
    times.push(performance.now() - began)
    await Bun.sleep(settleMs)
    idle.push(rssBytes(hearth.pids[0] ?? 0) / 2 ** 20)
    console.log(`${Math.round(times.at(-1) ?? 0)} ms, ${(idle.at(-1) ?? 0).toFixed(0)} MiB`)
  }
  const rows = [
    ['from the start of the process to the first answered request', `${Math.round(median(times))} ms`],
    ['RSS, idle', `${median(idle).toFixed(0)} MiB`],
  ]
  writeSection(
    'start',
    'Cold start and idle memory',
    `Median of ${rounds} starts with an empty home; the request goes to an upstream.\n\n${table(['', ''], rows)}`,
  )
}

export interface Endurance {
  readonly seconds: number
  readonly rate: number
  readonly seed: number
}

const sampleMs = 5_000
/** Streams come at the mock's pace, so that many are open at once: half of the rate lasts half a second each. */
const chunks = 10
const connections = 512
const hangUps = 0.05

/** (d) Memory, descriptors and p99 under a mixed load of the six workloads in which some hang up. */
export async function endurance({ seconds, rate, seed }: Endurance): Promise<void> {
  await using stack = new AsyncDisposableStack()
  const mock = stack.use(await startMock())
  const hearth = stack.use(await startHearth(mock))
  const [pid = 0] = hearth.pids
  const samples: (Sample & { readonly files: number })[] = []
  const began = performance.now()
  const watch = setInterval(() => {
    const sample = {
      minute: (performance.now() - began) / 60_000,
      mib: rssBytes(pid) / 2 ** 20,
      files: openFiles(pid),
    }
    samples.push(sample)
    console.log(`${sample.minute.toFixed(1)} min ${sample.mib.toFixed(1)} MiB ${sample.files} open files`)
  }, sampleMs)
  const wishes = sixWishes.map((wish) => (wish.isStream ? { ...wish, chunks } : wish))
  const load = await openLoop(hearth, wishes, { rate, seconds, hangUps, connections, seed }).finally(() =>
    clearInterval(watch),
  )
  // Everybody is gone: what is still open now is kept alive, or leaks.
  await Bun.sleep(settleMs)
  const filesAfter = openFiles(pid)
  const kept = samples.slice(Math.floor(samples.length / 5))
  const rows = [
    ['requests', load.total],
    ['of which hung up', load.hungUp],
    ['failures', load.failures],
    ['p50, p99', `${load.p50.toFixed(2)}, ${load.p99.toFixed(2)} ms`],
    ['p99 of the best and of the worst minute', bestAndWorst(load.minutes)],
    ['RSS after the first fifth', `${kept[0]?.mib.toFixed(1)} MiB`],
    ['RSS at the end', `${kept.at(-1)?.mib.toFixed(1)} MiB`],
    ['slope', `${(slope(kept) * 1024).toFixed(0)} KiB/min`],
    ['open files: most, and after the last caller', `${Math.max(...samples.map(({ files }) => files))}, ${filesAfter}`],
  ]
  if (load.sample !== null) console.log(`The first failure: ${load.sample}`)
  console.log(`p99 by minute: ${load.minutes.map((p99) => p99.toFixed(2)).join(' ')}`)
  writeSection(
    'endurance',
    `Endurance: six workloads at ${rate} requests/s`,
    `${(seconds / 60).toFixed(1)} min, open loop (seed ${seed}): chat, responses and messages, whole and as streams of
${chunks} chunks in ${chunks * 50} ms, to an upstream that speaks chat; ${100 * hangUps} % of the callers hang up.
A stream's latency ends with its first byte.
One sample every ${sampleMs / 1000} s, the slope by least squares after the first fifth.

${table(['', ''], rows)}`,
  )
}

function bestAndWorst(minutes: readonly number[]): string {
  return `${Math.min(...minutes).toFixed(2)}, ${Math.max(...minutes).toFixed(2)} ms`
}
