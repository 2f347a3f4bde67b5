import { join } from 'node:path'
import type { HangUpAsk, HangUpResult } from './load/hang-ups.ts'
import { cores, pinned, root } from './machine.ts'
import { startPeers } from './peers.ts'
import { table, writeSection } from './results.ts'
import { paths, startHearth, type Mock, type Target } from './targets.ts'

const moments = {
  head: 'before the head',
  token: 'before the first token',
  middle: 'mid-stream',
  queue: 'in the queue',
} as const
type Moment = keyof typeof moments

/** From a caller's hang-up to the upstream's knowledge of it, beside peers; the queue is only Hearth's. */
export async function hangUps({ times }: { readonly times: number }): Promise<void> {
  await using stack = new AsyncDisposableStack()
  const upstream = stack.use(await startUpstream())
  const queue = `  - { name: narrow, baseUrl: "http://127.0.0.1:${upstream.mock.port}/v1", models: [echo], concurrency: 1 }\n`
  const hearth = stack.use(await startHearth(upstream.mock, queue))
  const targets = [upstream.mock, hearth, ...(await startPeers(upstream.mock, stack))]
  const rows: (string | number)[][] = []
  for (const moment of Object.keys(moments) as Moment[]) {
    for (const target of targets) {
      const result = await ask(upstream, { target, moment, times })
      rows.push([moments[moment], target.name, ...figures(result)])
      console.log(moments[moment].padEnd(24), target.name.padEnd(8), JSON.stringify(result))
    }
  }
  writeSection(
    'hangups',
    'From a hang-up to the upstream',
    `${times} streams one after another; the time from the caller's FIN to the close of the upstream's connection, both in
one process on a monotonic clock. “direct”: without a gateway. Mid-stream, the upstream writes every 20 ms. In the
queue: of two that wait behind a third, the first hangs up, and then the one that is being answered; the time until
the upstream is asked by the other one. A miss: not seen within 3 s, or the one that is gone was asked for all the same;
after ten in a row a row ends.

${table(['the caller is', '', 'p50 ms', 'p99 ms', 'max ms', 'misses'], rows)}`,
  )
}

function figures(result: HangUpResult | null): readonly (string | number)[] {
  if (result === null) return ['–', '–', '–', '–']
  const times = result.seen === 0 ? ['–', '–', '–'] : [result.p50, result.p99, result.max].map((ms) => ms.toFixed(2))
  return [...times, `${result.missed} of ${result.seen + result.missed}`]
}

interface Upstream extends AsyncDisposable {
  readonly mock: Mock
  measure(ask: HangUpAsk): Promise<HangUpResult>
}

interface Question {
  readonly target: Target
  readonly moment: Moment
  readonly times: number
}

async function ask(upstream: Upstream, { target, moment, times }: Question): Promise<HangUpResult | null> {
  if (moment === 'queue' && target.name !== 'hearth') return null
  const asked = target.ask('chat', 'chat')
  if (asked === null) return null
  const model = moment === 'queue' ? 'narrow/echo' : asked.model
  return upstream.measure({ moment, times, port: target.port, headers: asked.headers, path: asked.path, model })
}

/** The upstream is the generator too, so that both ends of a hang-up have one clock. */
async function startUpstream(): Promise<Upstream> {
  const command = pinned(cores.load, [process.execPath, join(root, 'bench/load/hang-ups.ts')])
  const child = Bun.spawn([...command], { stdout: 'pipe', stderr: 'inherit', stdin: 'pipe' })
  const lines = linesOf(child.stdout)
  const port = Number(/listening (\d+)/.exec(await nextOf(lines))?.[1])
  const plain = { path: paths.chat, headers: {}, model: 'echo' }
  const end = async () => {
    child.kill('SIGTERM')
    await child.exited
  }
  return {
    mock: {
      name: 'direct',
      port,
      chatPort: port,
      pids: [child.pid],
      ask: (dialect) => (dialect === 'chat' ? plain : null),
      [Symbol.asyncDispose]: end,
    },
    async measure(question) {
      void child.stdin.write(`${JSON.stringify(question)}\n`)
      void child.stdin.flush()
      return JSON.parse(await nextOf(lines)) as HangUpResult
    },
    [Symbol.asyncDispose]: end,
  }
}

async function* linesOf(from: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const bytes of from) {
    text += decoder.decode(bytes, { stream: true })
    const lines = text.split('\n')
    text = lines.pop() ?? ''
    yield* lines
  }
}

async function nextOf(lines: AsyncGenerator<string>): Promise<string> {
  const { value, done } = await lines.next()
  if (done === true) throw new Error('The upstream ended.')
  return value
}
