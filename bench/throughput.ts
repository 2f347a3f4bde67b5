import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { cores, cpuSeconds, generated, median, pinned, root, rssBytes, sum } from './machine.ts'
import { openLoop, type OpenLoopResult } from './open-loop.ts'
import { startPortkey } from './peers.ts'
import { bodyOf, plainChat, prepared, type Wish } from './requests.ts'
import { table, writeSection } from './results.ts'
import { startBareProxy, startHearth, startMock, startNginxMock, startNginxProxy } from './targets.ts'
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
  targets.push(stack.use(await startHearth(mock)), stack.use(await startPortkey(mock)))
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
  const asked = target.ask('chat', 'chat')
  if (asked === null) throw new Error(`${target.name} has no chat.`)
  const headers = Object.entries({ 'Content-Type': 'application/json', ...asked.headers })
  await mkdir(join(root, 'bench/out'), { recursive: true })
  await writeFile(
    script,
    `wrk.method = "POST"
wrk.body = [==[${bodyOf(asked.model, plainChat)}]==]
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

/**
 * (a) Added latency at a fixed rate, open loop. The upstream speaks chat and is as fast for all: what the other
 * dialects add is their translation.
 */
export async function latency({ rounds, seconds, rate }: Size & { readonly rate: number }): Promise<void> {
  await using stack = new AsyncDisposableStack()
  const mock = stack.use(await startNginxMock())
  const nginx = stack.use(await startNginxProxy(mock.port))
  const hearth = stack.use(await startHearth(mock))
  const rows: readonly { readonly name: string; readonly target: Target; readonly wish: Wish }[] = [
    { name: 'direct', target: mock, wish: plainChat },
    { name: 'nginx', target: nginx, wish: plainChat },
    { name: 'hearth', target: hearth, wish: plainChat },
    { name: 'hearth, responses to chat', target: hearth, wish: { ...plainChat, dialect: 'responses' } },
    { name: 'hearth, messages to chat', target: hearth, wish: { ...plainChat, dialect: 'messages' } },
  ]
  const runs = new Map<string, OpenLoopResult[]>(rows.map(({ name }) => [name, []]))
  for (let round = -1; round < rounds; round++) {
    for (const { name, target, wish } of rows) {
      const result = await openLoop(target, [wish], { rate, seconds: round < 0 ? 2 : seconds })
      if (round >= 0) runs.get(name)?.push(result)
      console.log(name.padEnd(26), JSON.stringify(result))
    }
  }
  const middle = (name: string, of: (run: OpenLoopResult) => number) => median((runs.get(name) ?? []).map(of))
  const added = (name: string, of: (run: OpenLoopResult) => number) =>
    name === 'direct' ? '' : (middle(name, of) - middle('direct', of)).toFixed(2)
  const cells = rows.map(({ name }) => [
    name,
    ...[(run: OpenLoopResult) => run.p50, (run: OpenLoopResult) => run.p99].flatMap((of) => [
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

${table(['', 'p50 ms', 'added', 'p99 ms', 'added', 'failures'], cells)}`,
  )
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
  const hearth = stack.use(await startHearth(mock))
  const runs = new Map<string, (Delays & { readonly rssMiB: number; readonly busy: number })[]>([
    ['direct', []],
    ['hearth', []],
  ])
  for (let round = 0; round < rounds; round++) {
    for (const target of [mock, hearth]) {
      const wish: Wish = { ...plainChat, isStream: true, chunks: seconds * 20 }
      const { request } = prepared(target, wish)
      const before = sum(target.pids, cpuSeconds)
      const start = performance.now()
      const running = generated<Delays>('streams.ts', { port: target.port, count, request })
      let rss = 0
      const watch = setInterval(() => (rss = Math.max(rss, sum(target.pids, rssBytes))), 200)
      const result = await running.finally(() => clearInterval(watch))
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
