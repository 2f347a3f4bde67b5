import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { cores, cpuSeconds, median, pinned, root, rssBytes } from './machine.ts'
import { table, writeSection } from './results.ts'
import {
  chatBody,
  requestFile,
  startBareProxy,
  startHearth,
  startMock,
  startNginxMock,
  startNginxProxy,
  startPortkey,
} from './targets.ts'
import type { Target } from './targets.ts'

/** nginx's `return` leaves the load generator most of its core; the one in Bun is what the aims were measured with. */
export type MockKind = 'nginx' | 'bun'

export interface Size {
  readonly rounds: number
  readonly seconds: number
}

interface Run {
  readonly requestsPerSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
  /** Share of its core that the target used: below 0.9 something else was the limit. */
  readonly busy: number
  readonly rssMiB: number
  readonly errors: number
}

/** As in the measurements that the aims come from. */
const connections = 10

/** (a) 1 KB chat, not streamed: closed loop beside peers. */
export async function throughput({ rounds, seconds, mockKind }: Size & { readonly mockKind: MockKind }): Promise<void> {
  await using stack = new AsyncDisposableStack()
  const mock = stack.use(mockKind === 'nginx' ? await startNginxMock() : await startMock())
  const targets = [mock, stack.use(await startNginxProxy(mock.port)), stack.use(await startBareProxy(mock.port))]
  targets.push(stack.use(await startHearth(mock.port)), stack.use(await startPortkey(mock.port)))
  const runs = new Map<string, Run[]>(targets.map((target) => [target.name, []]))
  for (const target of targets) await load(target, 2) // warm
  for (let round = 0; round < rounds; round++) {
    for (const target of targets) {
      const run = await load(target, seconds)
      runs.get(target.name)?.push(run)
      console.log(target.name.padEnd(8), Math.round(run.requestsPerSecond), 'req/s', `busy ${run.busy.toFixed(2)}`)
    }
  }
  const middle = (name: string, of: (run: Run) => number) => median((runs.get(name) ?? []).map(of))
  const rows = targets.map(({ name }) => [
    name,
    Math.round(middle(name, (run) => run.requestsPerSecond)),
    middle(name, (run) => run.p50Ms).toFixed(2),
    middle(name, (run) => run.p99Ms).toFixed(2),
    name === 'direct' ? '' : `${Math.round(100 * middle(name, (run) => run.busy))} %`,
    name === 'direct' ? '' : middle(name, (run) => run.rssMiB).toFixed(0),
    middle(name, (run) => run.errors),
  ])
  const rate = (name: string) => middle(name, (run) => run.requestsPerSecond)
  const ratio = (name: string) => (rate('hearth') / rate(name)).toFixed(2)
  const header = ['', 'req/s', 'p50 ms', 'p99 ms', 'busy', 'RSS MiB', 'errors']
  writeSection(
    `throughput-${mockKind}-mock`,
    `Throughput of 1 KB chat requests, not streamed, mock upstream in ${mockKind}`,
    `wrk, ${connections} connections, closed loop, ${seconds} s, median of ${rounds} alternating runs.
“busy” is the share of its core that the gateway used. nginx keeps connections to the upstream and writes no log;
“bare bun” parses request and answer as JSON and does nothing else: the floor of this runtime.

${table(header, rows)}

Hearth is ${ratio('nginx')} × nginx \`proxy_pass\` (aim 0.4), ${ratio('bare bun')} × the bare proxy, ${ratio('portkey')} × Portkey (aim 15).`,
  )
}

async function load(target: Target, seconds: number): Promise<Run> {
  const script = join(root, `bench/out/wrk-${target.name.replace(' ', '-')}.lua`)
  await requestFile(target)
  const headers = Object.entries({ 'Content-Type': 'application/json', ...target.headers })
  await writeFile(
    script,
    `wrk.method = "POST"
wrk.body = [==[${chatBody(target.model)}]==]
${headers.map(([name, value]) => `wrk.headers["${name}"] = "${value}"`).join('\n')}
done = function(summary, latency)
  local errors = summary.errors
  io.write(string.format("RESULT %f %f %f %d\\n", summary.requests / summary.duration * 1e6,
    latency:percentile(50) / 1000, latency:percentile(99) / 1000,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end`,
  )
  const url = `http://127.0.0.1:${target.port}/v1/chat/completions`
  const wrk = ['wrk', '-t1', `-c${connections}`, `-d${seconds}s`, '-s', script, url]
  const before = sum(target.pids, cpuSeconds)
  const start = performance.now()
  const child = Bun.spawn([...pinned(cores.load, wrk)], { stdout: 'pipe', stderr: 'inherit', stdin: 'ignore' })
  const text = await child.stdout.text()
  const busy = (sum(target.pids, cpuSeconds) - before) / ((performance.now() - start) / 1000)
  const found = /RESULT ([\d.]+) ([\d.]+) ([\d.]+) (\d+)/.exec(text)
  if (!found) throw new Error(`wrk said:\n${text}`)
  const [requestsPerSecond = 0, p50Ms = 0, p99Ms = 0, errors = 0] = found.slice(1).map(Number)
  return { requestsPerSecond, p50Ms, p99Ms, errors, busy, rssMiB: sum(target.pids, rssBytes) / 2 ** 20 }
}

function sum(pids: readonly number[], of: (pid: number) => number): number {
  return pids.reduce((total, pid) => total + of(pid), 0)
}

interface OpenLoop {
  readonly p50: number
  readonly p90: number
  readonly p99: number
  readonly max: number
  readonly failures: number
}

/** (a) Added latency at a fixed rate, open loop. */
export async function latency({ rounds, seconds, rate }: Size & { readonly rate: number }): Promise<void> {
  await using stack = new AsyncDisposableStack()
  const mock = stack.use(await startNginxMock())
  const targets = [mock, stack.use(await startNginxProxy(mock.port)), stack.use(await startHearth(mock.port))]
  const runs = new Map<string, OpenLoop[]>(targets.map((target) => [target.name, []]))
  for (let round = -1; round < rounds; round++) {
    for (const target of targets) {
      const result = await openLoop(target, { rate, seconds: round < 0 ? 2 : seconds })
      if (round >= 0) runs.get(target.name)?.push(result)
      console.log(target.name.padEnd(8), JSON.stringify(result))
    }
  }
  const middle = (name: string, of: (run: OpenLoop) => number) => median((runs.get(name) ?? []).map(of))
  const added = (name: string, of: (run: OpenLoop) => number) =>
    name === 'direct' ? '' : (middle(name, of) - middle('direct', of)).toFixed(2)
  const rows = targets.map(({ name }) => [
    name,
    ...[(run: OpenLoop) => run.p50, (run: OpenLoop) => run.p99].flatMap((of) => [
      middle(name, of).toFixed(2),
      added(name, of),
    ]),
    middle(name, (run) => run.failures),
  ])
  writeSection(
    'latency',
    `Latency at ${rate} requests/s`,
    `Open loop on a grid of 1 ms, 64 connections, ${seconds} s, median of ${rounds} alternating runs.
A latency counts from the moment the request was due, so that a stall is not hidden.

${table(['', 'p50 ms', 'added', 'p99 ms', 'added', 'failures'], rows)}`,
  )
}

async function openLoop(
  target: Target,
  { rate, seconds }: { readonly rate: number; readonly seconds: number },
): Promise<OpenLoop> {
  const file = await requestFile(target)
  const program = [
    process.execPath,
    join(root, 'bench/load/open-loop.ts'),
    String(target.port),
    String(rate),
    String(seconds),
    file,
  ]
  return JSON.parse(await output(pinned(cores.load, program))) as OpenLoop
}

async function output(command: readonly string[]): Promise<string> {
  const child = Bun.spawn([...command], { stdout: 'pipe', stderr: 'inherit', stdin: 'ignore' })
  const text = await child.stdout.text()
  if ((await child.exited) !== 0) throw new Error(`${command.join(' ')} failed.`)
  return text
}

interface Delays {
  readonly chunks: { readonly count: number; readonly p50: number; readonly p99: number }
  readonly firstByte: { readonly p50: number; readonly p99: number }
  readonly broken: number
}

/** (b) Many streams at once. */
export async function streams({ rounds, seconds, count }: Size & { readonly count: number }): Promise<void> {
  await using stack = new AsyncDisposableStack()
  const mock = stack.use(await startMock())
  const hearth = stack.use(await startHearth(mock.port))
  const runs = new Map<string, (Delays & { readonly rssMiB: number; readonly busy: number })[]>([
    ['direct', []],
    ['hearth', []],
  ])
  for (let round = 0; round < rounds; round++) {
    for (const target of [mock, hearth]) {
      const file = await requestFile(target, { stream: true, metadata: { chunks: seconds * 20 } })
      const before = sum(target.pids, cpuSeconds)
      const start = performance.now()
      const program = [process.execPath, join(root, 'bench/load/streams.ts'), String(target.port), String(count), file]
      const running = output(pinned(cores.load, program))
      let rss = 0
      const watch = setInterval(() => (rss = Math.max(rss, sum(target.pids, rssBytes))), 200)
      const result = JSON.parse(await running.finally(() => clearInterval(watch))) as Delays
      const busy = (sum(target.pids, cpuSeconds) - before) / ((performance.now() - start) / 1000)
      runs.get(target.name)?.push({ ...result, rssMiB: rss / 2 ** 20, busy })
      console.log(target.name.padEnd(8), JSON.stringify({ ...result, busy }))
    }
  }
  const middle = (name: string, of: (run: Delays & { rssMiB: number; busy: number }) => number) =>
    median((runs.get(name) ?? []).map(of))
  const rows = ['direct', 'hearth'].map((name) => [
    name,
    middle(name, (run) => run.firstByte.p50).toFixed(2),
    middle(name, (run) => run.firstByte.p99).toFixed(2),
    middle(name, (run) => run.chunks.p50).toFixed(2),
    middle(name, (run) => run.chunks.p99).toFixed(2),
    name === 'direct' ? '' : middle(name, (run) => run.rssMiB).toFixed(0),
    name === 'direct' ? '' : `${Math.round(100 * middle(name, (run) => run.busy))} %`,
    middle(name, (run) => run.broken),
  ])
  writeSection(
    'streams',
    `${count} streams of 20 chunks/s`,
    `${seconds} s, median of ${rounds} alternating runs. A chunk's delay counts from the mock's write to the client's read,
by the machine's monotonic clock; what Hearth adds is the difference of the rows. RSS is the highest seen.

${table(['', 'first byte p50 ms', 'p99', 'chunk delay p50 ms', 'p99', 'RSS MiB', 'busy', 'broken'], rows)}`,
  )
}
