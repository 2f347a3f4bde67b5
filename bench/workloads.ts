import { apis } from '../src/protocol/conversation/dialect.ts'
import { seeded, shuffled } from './chance.ts'
import type { Prepared } from './load/answers.ts'
import type { ClosedLoop } from './load/closed-loop.ts'
import { cpuSeconds, generated, median, rssBytes, sum } from './machine.ts'
import { startPeers } from './peers.ts'
import { prepare, type Wish } from './requests.ts'
import { table, writeSection } from './results.ts'
import { startHearth, startMock, type Target } from './targets.ts'

export interface WorkloadsOptions {
  readonly trials: number
  readonly requests: number
  readonly seed: number
}

interface Cell {
  readonly target: Target
  readonly wish: Wish
  readonly prepared: Prepared
  readonly runs: Run[]
  /** How many requests one run has: see `longestRunSeconds`. */
  count: number
}

interface Run {
  readonly requestsPerSecond: number
  readonly p50: number
  readonly p99: number
  readonly errors: number
  readonly sample: string | null
  readonly busy: number
  readonly rssMiB: number
}

const connections = 10
const warmUpShare = 0.1
const leastWarmUp = 100
/** A gateway that would need longer for all requests is asked as many as it can answer in this time. */
const longestRunSeconds = 30

/**
 * Six workloads (chat, responses, messages; whole and streamed), closed loop, beside peers: with an upstream that
 * speaks only chat, so that the other two are translated, and with one that speaks what the caller speaks.
 */
export async function workloads(options: WorkloadsOptions): Promise<void> {
  await using stack = new AsyncDisposableStack()
  const mock = stack.use(await startMock())
  const targets = [mock, stack.use(await startHearth(mock)), ...(await startPeers(mock, stack))]
  const cells: Cell[] = []
  for (const target of targets) for (const wish of wishesOf(target)) cells.push(...(await cellOf(target, wish)))
  const random = seeded(options.seed)
  console.log(`seed ${options.seed}, ${cells.length} runs of ${options.requests} requests in each trial`)
  const warmUp = Math.max(leastWarmUp, Math.round(options.requests * warmUpShare))
  for (const cell of shuffled(cells, random)) {
    const { requestsPerSecond } = await run(cell, warmUp)
    cell.count = Math.min(options.requests, Math.ceil(requestsPerSecond * longestRunSeconds))
  }
  for (let trial = 0; trial < options.trials; trial++) {
    for (const cell of shuffled(cells, random)) {
      const result = await run(cell, cell.count)
      cell.runs.push(result)
      const { requestsPerSecond, p50, p99, errors, sample } = result
      const figures = `${Math.round(requestsPerSecond)} req/s, p50 ${p50.toFixed(2)}, p99 ${p99.toFixed(2)} ms`
      console.log(`${trial + 1} ${nameOf(cell.wish).padEnd(20)} ${cell.target.name.padEnd(8)} ${figures}`)
      if (errors > 0) console.log(`  ${errors} errors, the first: ${sample}`)
    }
  }
  report(targets, cells, options)
}

/** Chat asked of an upstream that speaks it is one and the same in both tables; the mock itself speaks everything. */
function wishesOf(target: Target): readonly Wish[] {
  return apis.flatMap((dialect) =>
    [false, true].flatMap((isStream): readonly Wish[] => {
      if (target.name === 'direct') return [{ dialect, isStream, upstream: 'same' }]
      const translated: Wish = { dialect, isStream, upstream: 'chat' }
      return dialect === 'chat' ? [translated] : [translated, { ...translated, upstream: 'same' }]
    }),
  )
}

/** None for a target that refuses the first request: it cannot do that. Hearth must. */
async function cellOf(target: Target, wish: Wish): Promise<readonly Cell[]> {
  const prepared = prepare(target, wish)
  if (prepared === null) return []
  const [head = '', body = ''] = prepared.request.split('\r\n\r\n')
  const [line = '', ...lines] = head.split('\r\n')
  const headers = lines
    .map((each) => each.split(': ', 2) as [string, string])
    .filter(([name]) => !['host', 'content-length'].includes(name))
  const url = `http://127.0.0.1:${target.port}${line.split(' ')[1]}`
  const answer = await fetch(url, { method: 'POST', headers, body })
  const text = await answer.text()
  if (answer.ok) return [{ target, wish, prepared, runs: [], count: 0 }]
  const why = `${target.name} cannot do ${nameOf(wish)}: ${answer.status} ${text.slice(0, 300)}`
  if (target.name === 'hearth' || target.name === 'direct') throw new Error(why)
  console.log(why)
  return []
}

async function run({ target, prepared }: Cell, count: number): Promise<Run> {
  const before = sum(target.pids, cpuSeconds)
  const options: ClosedLoop = { port: target.port, connections, count, prepared }
  const result = await generated<Omit<Run, 'busy' | 'rssMiB'>>('closed-loop.ts', options)
  const seconds = count / result.requestsPerSecond
  const busy = (sum(target.pids, cpuSeconds) - before) / seconds
  return { ...result, busy, rssMiB: sum(target.pids, rssBytes) / 2 ** 20 }
}

function report(targets: readonly Target[], cells: readonly Cell[], options: WorkloadsOptions): void {
  const tableFor = (upstream: Wish['upstream']) =>
    table(
      ['workload', '', 'req/s', 'p50 ms', 'p99 ms', 'busy', 'RSS MiB', 'errors'],
      apis
        .filter((dialect) => upstream === 'chat' || dialect !== 'chat')
        .flatMap((dialect) => [false, true].map((isStream): Wish => ({ dialect, isStream, upstream })))
        .flatMap((wish) => targets.map((target) => rowOf(target, wish, cellFor(cells, target, wish)))),
    )
  writeSection(
    'workloads',
    `Six workloads at ${connections} connections, beside peers`,
    `${options.requests} requests each, closed loop, ${options.trials} trials in random order (seed ${options.seed}).
Who would need more than ${longestRunSeconds} s for them is asked fewer. Medians; errors are of all trials. The mock
upstream, in bun, answers at once; a stream is 20 chunks in one write. “direct” is the mock itself, in the caller's
dialect: the ceiling of mock and generator. Every answer is searched for all of its words; one without them is an error.
“–”: the gateway cannot do it. RSS and “busy” (of its core) are of the gateway alone.

### The upstream speaks chat: responses and messages are translated

${tableFor('chat')}

### The upstream speaks what the caller speaks

${tableFor('same')}`,
  )
}

function cellFor(cells: readonly Cell[], target: Target, wish: Wish): Cell | undefined {
  return cells.find(
    (cell) =>
      cell.target === target &&
      cell.wish.dialect === wish.dialect &&
      cell.wish.isStream === wish.isStream &&
      (cell.wish.upstream === wish.upstream || target.name === 'direct'),
  )
}

function rowOf(target: Target, wish: Wish, cell: Cell | undefined): readonly (string | number)[] {
  const workload = `${wish.dialect}${wish.isStream ? ', stream' : ''}`
  if (cell === undefined) return [workload, target.name, '–', '–', '–', '–', '–', '–']
  const middle = (of: (run: Run) => number) => median(cell.runs.map(of))
  const isDirect = target.name === 'direct'
  return [
    workload,
    target.name,
    Math.round(middle((each) => each.requestsPerSecond)),
    middle((each) => each.p50).toFixed(2),
    middle((each) => each.p99).toFixed(2),
    isDirect ? '' : `${Math.round(100 * middle((each) => each.busy))} %`,
    isDirect ? '' : middle((each) => each.rssMiB).toFixed(0),
    cell.runs.reduce((total, each) => total + each.errors, 0),
  ]
}

function nameOf({ dialect, isStream, upstream }: Wish): string {
  const way = upstream === 'same' || dialect === 'chat' ? '' : ' to chat'
  return `${dialect}${way}${isStream ? ', stream' : ''}`
}
