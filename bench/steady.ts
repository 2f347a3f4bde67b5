import { join } from 'node:path'
import { cores, median, pinned, root, rssBytes } from './machine.ts'
import { table, writeSection } from './results.ts'
import { chatBody, requestFile, startHearth, startMock, startNginxMock } from './targets.ts'

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
    await using hearth = await startHearth(mock.port)
    const response = await fetch(`http://127.0.0.1:${hearth.port}/v1/chat/completions`, {
      method: 'POST',
      body: chatBody(hearth.model),
      headers: { ...hearth.headers, 'content-type': 'application/json' },
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

const sampleMs = 5_000

/** (d) Memory under a steady load: the slope of a line through the samples after the first fifth. */
export async function soak({ seconds, rate }: { readonly seconds: number; readonly rate: number }): Promise<void> {
  await using stack = new AsyncDisposableStack()
  const mock = stack.use(await startNginxMock())
  const hearth = stack.use(await startHearth(mock.port))
  const file = await requestFile(hearth)
  const program = [
    process.execPath,
    join(root, 'bench/load/open-loop.ts'),
    String(hearth.port),
    String(rate),
    String(seconds),
    file,
  ]
  const child = Bun.spawn([...pinned(cores.load, program)], { stdout: 'pipe', stderr: 'inherit', stdin: 'ignore' })
  const samples: { readonly minute: number; readonly mib: number }[] = []
  const began = performance.now()
  const watch = setInterval(() => {
    const mib = rssBytes(hearth.pids[0] ?? 0) / 2 ** 20
    samples.push({ minute: (performance.now() - began) / 60_000, mib })
    console.log(`${samples.at(-1)?.minute.toFixed(1)} min ${mib.toFixed(1)} MiB`)
  }, sampleMs)
  const text = await child.stdout.text()
  clearInterval(watch)
  const load = JSON.parse(text) as { readonly total: number; readonly failures: number; readonly p99: number }
  const kept = samples.slice(Math.floor(samples.length / 5))
  const rows = [
    ['requests', load.total],
    ['failures', load.failures],
    ['p99', `${load.p99.toFixed(2)} ms`],
    ['RSS after the first fifth', `${kept[0]?.mib.toFixed(1)} MiB`],
    ['RSS at the end', `${kept.at(-1)?.mib.toFixed(1)} MiB`],
    ['slope', `${(slope(kept) * 1024).toFixed(0)} KiB/min`],
  ]
  writeSection(
    'soak',
    `Memory under ${rate} requests/s`,
    `${seconds} s, one RSS sample every ${sampleMs / 1000} s.\n\n${table(['', ''], rows)}`,
  )
}

/** Least squares, MiB per minute. */
function slope(samples: readonly { readonly minute: number; readonly mib: number }[]): number {
  const mean = (of: (sample: { readonly minute: number; readonly mib: number }) => number) =>
    samples.reduce((sum, sample) => sum + of(sample), 0) / samples.length
  const [x, y] = [mean((sample) => sample.minute), mean((sample) => sample.mib)]
  const over = samples.reduce((sum, sample) => sum + (sample.minute - x) * (sample.mib - y), 0)
  return over / samples.reduce((sum, sample) => sum + (sample.minute - x) ** 2, 0)
}
