import type { ClosedLoop } from './load/closed-loop.ts'
import { describeLoad, generated, median } from './machine.ts'
import { words } from './mock-answers.ts'
import { chatBody } from './privacy/parts.ts'
import { textOf, type Kind } from './privacy/texts.ts'
import { table, writeSection } from './results.ts'
import { startHearth, startMock, type Target } from './targets.ts'

export interface PrivacyLatencyOptions {
  readonly rounds: number
  readonly requests: number
  readonly seed: number
}

/** Stands at the beginning of a conversation where each request has one of its own. */
const serial = '[{number}]'
const promptCharacters = 4 * 1024
const aimMs = 1

interface Case {
  readonly kind: Kind
  readonly isNew: boolean
}

interface Run {
  readonly p50: number
  readonly p99: number
  readonly errors: number
  readonly sample: string | null
}

/**
 * One request after the other through one house to one upstream, once declared to be in the house and once a cloud:
 * what lies between is policy, scrubbing, vault, leak gate, the record of what left, and putting back.
 */
export async function privacyLatency({ rounds, requests, seed }: PrivacyLatencyOptions): Promise<void> {
  const load = describeLoad()
  await using stack = new AsyncDisposableStack()
  const mock = stack.use(await startMock())
  const at = `baseUrl: "http://127.0.0.1:${mock.chatPort}/v1", models: [echo]`
  const upstreams = `  - { name: near, ${at}, locality: lan }\n  - { name: cloud, ${at}, locality: cloud }\n`
  const house = stack.use(await startHearth(mock, upstreams))
  const cases = (['English prose', 'customer mail'] as const).flatMap((kind) =>
    [false, true].map((isNew): Case => ({ kind, isNew })),
  )
  const rows: (string | number)[][] = []
  for (const each of cases) {
    const text = `${each.isNew ? `${serial} ` : ''}${textOf(each.kind, promptCharacters, seed)}`
    const runs: Readonly<Record<'near' | 'cloud', Run[]>> = { near: [], cloud: [] }
    for (let round = -1; round < rounds; round++) {
      for (const upstream of ['near', 'cloud'] as const) {
        const result = await ask(house, { body: chatBody(text, `${upstream}/echo`), isNew: each.isNew, requests })
        if (result.errors > 0) throw new Error(`${result.errors} errors, the first: ${result.sample}`)
        if (round >= 0) runs[upstream].push(result)
        console.log(each.kind, each.isNew, upstream, result.p50.toFixed(3), result.p99.toFixed(3))
      }
    }
    const middle = (upstream: 'near' | 'cloud', of: (run: Run) => number) => median(runs[upstream].map(of))
    rows.push([
      each.kind,
      each.isNew ? 'a new one each time' : 'the same',
      ...[(run: Run) => run.p50, (run: Run) => run.p99].flatMap((of) => [
        middle('near', of).toFixed(2),
        middle('cloud', of).toFixed(2),
        (middle('cloud', of) - middle('near', of)).toFixed(2),
      ]),
    ])
  }
  writeSection(
    'privacy-latency',
    'What a cloud adds for a prompt of 4 KB',
    `One connection, ${requests} requests one after the other, median of ${rounds} alternating runs (seed ${seed}). One
house, one upstream, which answers at once: declared to be in the house, and declared to be a cloud. Between the two lie
the policy, scrubbing, the vault, the leak gate, the record of what left, and putting back (aim ${aimMs} ms, p50). “The
same” conversation has its values known from the request before; a new one writes its own to the vault each time.
${load}

${table(
  ['prompt', 'conversation', 'near p50 ms', 'cloud p50 ms', 'added', 'near p99 ms', 'cloud p99 ms', 'added'],
  rows,
)}`,
  )
}

interface Asking {
  readonly body: string
  readonly isNew: boolean
  readonly requests: number
}

async function ask(house: Target, { body, isNew, requests }: Asking): Promise<Run> {
  const asked = house.ask('chat', 'chat')
  if (asked === null) throw new Error('The house has no chat.')
  const headers = Object.entries({
    host: 'bench',
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(body)),
    ...asked.headers,
  }).map(([name, value]) => `${name}: ${value}\r\n`)
  const request = `POST ${asked.path} HTTP/1.1\r\n${headers.join('')}\r\n${body}`
  const prepared = { request, words, last: '"usage"' }
  const loop: ClosedLoop = { port: house.port, connections: 1, count: requests, prepared, ...(isNew && { serial }) }
  return generated<Run>('closed-loop.ts', loop)
}
