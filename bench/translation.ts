import { messagesUpstream } from '../src/protocol/anthropic/upstream.ts'
import { deltasOf } from '../src/protocol/openai/responses/part-deltas.ts'
import type { Conversation, Delta, Json } from '../src/protocol/conversation/conversation.ts'
import { apis, type Api, type UpstreamDialect } from '../src/protocol/conversation/dialect.ts'
import { TranslatedStream } from '../src/protocol/conversation/translated-stream.ts'
import { chatUpstream } from '../src/protocol/openai/chat/upstream.ts'
import { responsesUpstream } from '../src/protocol/openai/responses/upstream.ts'
import { agentConversation, agentReply } from './agent-conversation.ts'
import { median } from './machine.ts'
import { callers, factsOf, streamOf } from './mock-answers.ts'
import { table, writeSection } from './results.ts'

const upstreams: Readonly<Record<Api, UpstreamDialect>> = {
  chat: chatUpstream,
  responses: responsesUpstream,
  messages: messagesUpstream,
}
const sizes = [1, 16, 128].map((kb) => kb * 1024)
const aimPerKb = 50
/** Characters of a stream's event: about a token. */
const eventCharacters = 5

/** Bytes in, bytes out: what is between them. */
interface Work {
  readonly bytes: number
  /** Of a stream; 1 for all else. */
  readonly events: number
  run(): void
}

/** What translating costs the serving thread, by pair of dialects; in this process, nothing else runs. */
export function translation({ roundMs, rounds }: { readonly roundMs: number; readonly rounds: number }): Promise<void> {
  const pairs = apis.flatMap((caller) =>
    apis.flatMap((upstream) => (caller === upstream ? [] : [{ caller, upstream }])),
  )
  const rows: string[][] = []
  let worst = 0
  const row = (name: string, of: (bytes: number) => Work) => {
    const cells = sizes.map((size) => {
      const work = of(size)
      const us = timed(work, roundMs, rounds)
      const perKb = (us * 1024) / work.bytes
      worst = Math.max(worst, perKb)
      const each = work.events === 1 ? '' : `, ${(us / work.events).toFixed(2)} an event`
      return `${perKb.toFixed(1)} (${us.toFixed(0)}${each})`
    })
    rows.push([name, ...cells])
    console.log(name.padEnd(40), cells.join('   '))
  }
  row('JSON alone, there and back', jsonAlone)
  for (const { caller, upstream } of pairs) {
    row(`request, ${caller} → ${upstream}`, (bytes) => request(caller, upstream, bytes))
    row(`answer, ${upstream} → ${caller}`, (bytes) => answer(caller, upstream, bytes))
    row(`stream, ${upstream} → ${caller}`, (bytes) => stream(caller, upstream, bytes))
  }
  writeSection(
    'translation',
    'What a translation costs',
    `µs per KB of input (in brackets: µs in all), median of ${rounds} rounds.
From bytes to bytes, parsing and writing of the JSON included; beside it the same of the JSON alone. Requests have 20
tools and 40 turns with calls and results (1 KB: one and four); answers a thought, words and a call; streams the same
in events of ${eventCharacters} characters, each read on its own. The KB of a stream are those of its events, the
columns' those of its words. The worst is ${worst.toFixed(1)} µs per KB (aim ${aimPerKb}).

${table(['', ...sizes.map((size) => `${size / 1024} KB`)], rows)}`,
  )
  return Promise.resolve()
}

const encoder = new TextEncoder()
const decoder = new TextDecoder()
const bytesOf = (json: unknown) => encoder.encode(JSON.stringify(json))
const parsed = (bytes: Uint8Array) => JSON.parse(decoder.decode(bytes)) as Json

function jsonAlone(size: number): Work {
  const bytes = bytesOf(chatUpstream.writeRequest(agentConversation(size), 'm'))
  return { bytes: bytes.length, events: 1, run: () => bytesOf(parsed(bytes)) }
}

function request(caller: Api, upstream: Api, size: number): Work {
  const bytes = bytesOf(upstreams[caller].writeRequest(agentConversation(size), 'm'))
  const run = () => bytesOf(upstreams[upstream].writeRequest(callers[caller].readRequest(parsed(bytes)), 'm'))
  return { bytes: bytes.length, events: 1, run }
}

function answer(caller: Api, upstream: Api, size: number): Work {
  const facts = factsOf(asked)
  const bytes = bytesOf(callers[upstream].writeAnswer(agentReply(size), facts))
  const run = () => {
    const reply = upstreams[upstream].readAnswer(parsed(bytes))
    if (reply === null) throw new Error(`${upstream} does not read what it writes.`)
    bytesOf(callers[caller].writeAnswer(reply, facts))
  }
  return { bytes: bytes.length, events: 1, run }
}

function stream(caller: Api, upstream: Api, size: number): Work {
  const facts = factsOf(asked)
  const events = streamOf(upstream, deltas(size), facts)
    .filter((text) => text !== '')
    .map((text) => encoder.encode(text))
  const run = () => {
    const reader = upstreams[upstream].createReader()
    const carried = new TranslatedStream({ reader, writer: callers[caller].createWriter(facts), splitThink: false })
    for (const event of events) carried.pass(event)
    if (carried.end() === '' || !carried.isTerminal) throw new Error(`${upstream} did not end.`)
  }
  return { bytes: events.reduce((total, event) => total + event.length, 0), events: events.length, run }
}

const asked: Conversation = agentConversation(16 * 1024)

function deltas(size: number): readonly Delta[] {
  const { parts, finish, usage } = agentReply(size)
  let calls = 0
  const whole = parts.flatMap((part) => [...deltasOf(part, () => calls++)])
  const cut = whole.flatMap((delta): readonly Delta[] =>
    'text' in delta
      ? Array.from({ length: Math.ceil(delta.text.length / eventCharacters) }, (_, at) => ({
          ...delta,
          text: delta.text.slice(at * eventCharacters, (at + 1) * eventCharacters),
        }))
      : [delta],
  )
  if (finish === null) throw new Error('no finish')
  return [{ kind: 'start', id: 'answer-1', model: 'm' }, ...cut, { kind: 'finish', finish }, { kind: 'usage', usage }]
}

/** Microseconds for one run: as often as fits in a round, after one round to warm up. */
function timed({ run }: Work, roundMs: number, rounds: number): number {
  const round = () => {
    const began = performance.now()
    let times = 0
    let took = 0
    while (took < roundMs) {
      run()
      times++
      took = performance.now() - began
    }
    return (took * 1000) / times
  }
  round()
  return median(Array.from({ length: rounds }, round))
}
