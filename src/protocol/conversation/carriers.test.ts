/**
 * What carries a stream from an upstream to a caller, in every pairing of dialects: the same answer however the bytes
 * come in, and an orderly end whatever they are.
 */
import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { AppError } from '../../kernel/errors.ts'
import { messagesCaller } from '../anthropic/caller.ts'
import { messagesUpstream } from '../anthropic/upstream.ts'
import { ollamaChat, ollamaGenerate } from '../ollama/caller.ts'
import { chatCaller } from '../openai/chat/caller.ts'
import { chatUpstream } from '../openai/chat/upstream.ts'
import { concat } from '../json/bytes.ts'
import { responsesCaller } from '../openai/responses/caller.ts'
import { responsesUpstream } from '../openai/responses/upstream.ts'
import { createEventSplitter } from './sse-split.ts'
import { StreamWatch } from '../openai/stream-watch.ts'
import type { Carrier } from './carrier.ts'
import type { Api, AnswerFacts, CallerDialect } from './dialect.ts'
import { isPlainMessages } from '../anthropic/plain-deltas.ts'
import { isPlainResponses } from '../openai/responses/plain-deltas.ts'
import { SameStream } from './same-stream.ts'
import { TranslatedStream } from './translated-stream.ts'
import { answersOf } from '../../../test/fakes/dialect-answers.ts'

const upstreams = { chat: chatUpstream, responses: responsesUpstream, messages: messagesUpstream }
const callers: readonly CallerDialect[] = [chatCaller, responsesCaller, messagesCaller, ollamaChat, ollamaGenerate]
const requests: Readonly<Record<string, object>> = {
  messages: { model: 'm', messages: [{ role: 'user', content: 'Hi' }], max_tokens: 5 },
  responses: { model: 'm', input: 'Hi' },
}
const turns = { model: 'm', messages: [{ role: 'user', content: 'Hi' }], prompt: 'Hi', stream: true }
const encoder = new TextEncoder()
const decoder = new TextDecoder()
const broken = new AppError('upstream', 'It broke off.', { reason: 'stream_incomplete' })

function factsOf(caller: CallerDialect): AnswerFacts {
  let count = 0
  return {
    conversation: caller.readRequest({ ...(requests[caller.name] ?? turns) }),
    newId: (prefix) => `${prefix}${++count}`,
    createdAt: 1,
    elapsedMs: () => 1,
    wantsUsage: true,
  }
}

interface Way {
  readonly name: string
  readonly api: Api
  /** What must stand in the end of a whole answer, once. */
  readonly terminal: RegExp
  readonly make: () => Carrier
}

const terminals = {
  chat: /\[DONE\]/g,
  responses: /"type":"response\.(?:completed|incomplete)"/g,
  messages: /"type":"message_stop"/g,
  ollama: /"done":true/g,
}
const terminalOf = ({ name }: CallerDialect): RegExp => terminals[name as Api] ?? terminals.ollama

const plain = { responses: isPlainResponses, messages: isPlainMessages }
const apiNames = ['chat', 'responses', 'messages'] as const
const translated = callers.flatMap((caller, index) =>
  apiNames.flatMap((api) =>
    [false, true].map((splitThink): Way => ({
      name: `${api} to ${caller.name} (${index})${splitThink ? ', thoughts split' : ''}`,
      api,
      terminal: terminalOf(caller),
      make: () =>
        new TranslatedStream({
          reader: upstreams[api].createReader(),
          writer: caller.createWriter(factsOf(caller)),
          splitThink,
        }),
    })),
  ),
)
const same = (['responses', 'messages'] as const).map((api): Way => ({
  name: `${api} as it is`,
  api,
  terminal: terminals[api],
  make: () =>
    new SameStream({
      reader: upstreams[api].createReader(),
      breakOff: (error) => error.message,
      terminal: null,
      isPlain: plain[api],
    }),
}))
const watched = [false, true].flatMap((stripUsage) =>
  [false, true].map((splitThink): Way => ({
    name: `chat as it is${stripUsage ? ', usage stripped' : ''}${splitThink ? ', thoughts split' : ''}`,
    api: 'chat',
    terminal: terminals.chat,
    make: () => new StreamWatch({ choices: 1, stripUsage, splitThink, breakOff: (error) => error.message }),
  })),
)
const ways = [...watched, ...same, ...translated]

interface Told {
  readonly text: string
  readonly ending: 'complete' | 'error' | 'malformed' | 'open'
  readonly usage: unknown
}

/** As whoever relays a stream does it: whole events in, and the end once. */
function carry(carrier: Carrier, pieces: readonly Uint8Array[]): Told {
  const splitter = createEventSplitter(1_000_000)
  const passed: Uint8Array[] = []
  const told = (ending: Told['ending'], last: string): Told => ({
    text: decoder.decode(concat([...passed, encoder.encode(last)])),
    ending,
    usage: carrier.usage,
  })
  const wholeEvents = function* (): Generator<Uint8Array> {
    for (const piece of pieces) {
      const split = splitter.push(piece)
      if (split.kind === 'too_long') throw new Error('too long')
      if (split.bytes.length > 0) yield split.bytes
    }
    // The last event of a clean end may lack its blank line.
    if (splitter.rest.length > 0) yield concat([splitter.rest, encoder.encode('\n\n')])
  }
  for (const events of wholeEvents()) {
    const { bytes, isDone } = carrier.pass(events)
    passed.push(bytes)
    if (carrier.error !== null) return told('error', carrier.isErrorShown ? '' : carrier.breakOff(broken))
    if (isDone) return told('complete', carrier.end())
    if (carrier.isMalformed) return told('malformed', carrier.breakOff(broken))
  }
  return carrier.isTerminal ? told('complete', carrier.end()) : told('open', carrier.breakOff(broken))
}

function cutUp(wire: Uint8Array, cuts: readonly number[]): readonly Uint8Array[] {
  const found: Uint8Array[] = []
  let at = 0
  for (const cut of cuts) {
    if (at >= wire.length) break
    found.push(wire.subarray(at, at + cut))
    at += cut
  }
  return at < wire.length ? [...found, wire.subarray(at)] : found
}

const count = (text: string, part: RegExp): number => text.match(part)?.length ?? 0
const cuts = fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 80 })
const lineEnds = fc.constantFrom('\n', '\r\n', '\r')

/** The words of an answer put in the place of the recorded ones: they may look like anything. */
const words = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 20 }),
  fc.constantFrom('<think>a</think>b', '<thi', 'nk>', '[DONE]', '"finish_reason":"stop"', 'data: x\n\n', '"error":{}'),
)

function wireOf(api: Api, [first, second]: readonly [string, string], eol: string): Uint8Array {
  const { events, terminal } = answersOf('m')[api]
  const inJson = (text: string) => JSON.stringify(text).slice(1, -1)
  const text = [...events, terminal]
    .join('')
    .replaceAll('Hello there', () => inJson(first + second))
    .replaceAll('"Hello"', () => `"${inJson(first)}"`)
    .replaceAll('" there"', () => `"${inJson(second)}"`)
  return encoder.encode(text.replaceAll('\n', eol))
}

describe.each(ways.map((way) => [way.name, way] as const))('a stream of %s', (_, { api, terminal, make }) => {
  test('is the same however it comes in, and ends once', () => {
    fc.assert(
      fc.property(fc.tuple(words, words), lineEnds, cuts, (said, eol, at) => {
        const wire = wireOf(api, said, eol)
        const whole = carry(make(), [wire])
        const seen = carry(make(), cutUp(wire, at))
        expect(seen).toEqual(whole)
        expect(whole.ending).toBe('complete')
        // The words themselves may say it, too, and are no end.
        const own = said.join('').includes('[DONE]') ? 0 : 1
        if (own === 1) expect(count(whole.text, terminal)).toBe(1)
      }),
    )
  })

  test('that is cut short anywhere ends once, and is never taken for a whole one before its finish', () => {
    const wire = wireOf(api, ['Hel', 'lo'], '\n')
    const finishAt = decoder.decode(wire).search(/"finish_reason":"stop"|"stop_reason":"end_turn"|response\.completed/)
    fc.assert(
      fc.property(fc.nat(wire.length), cuts, (length, at) => {
        const { text, ending } = carry(make(), cutUp(wire.subarray(0, length), at))
        expect(count(text, terminal)).toBe(ending === 'complete' ? 1 : 0)
        if (length <= finishAt) expect(ending).not.toBe('complete')
      }),
    )
  })

  test('that is no stream at all, or nearly one, has an orderly end', () => {
    const { events, terminal: last } = answersOf('m')[api]
    const scrap = fc.oneof(
      fc.constantFrom(...events, last),
      fc.json({ maxDepth: 3 }).map((text) => `data: ${text}\n\n`),
      fc.tuple(fc.constantFrom(...eventNames), fc.json({ maxDepth: 3 })).map(([name, text]) => named(name, text)),
      fc.string({ unit: 'binary', maxLength: 30 }),
      fc.constantFrom('\n\n', 'data: [DONE]\n\n', 'event: error\n', 'data: {"error":{"message":"no"}}\n\n'),
    )
    fc.assert(
      fc.property(fc.array(scrap, { maxLength: 12 }), cuts, (parts, at) => {
        const { text, ending } = carry(make(), cutUp(encoder.encode(parts.join('')), at))
        // What passes as it came may hold whatever the upstream said.
        if (ending === 'complete') expect(count(text, terminal)).toBeGreaterThan(0)
      }),
      { numRuns: 400 },
    )
  })
})

test('an answer without an end is not kept for its last event for ever', () => {
  const wire = (text: string) =>
    encoder.encode(`data: ${JSON.stringify({ choices: [{ index: 0, delta: { content: text } }] })}\n\n`)
  const piece = wire('x'.repeat(2 ** 20))
  for (const caller of callers) {
    const carrier = new TranslatedStream({
      reader: upstreams.chat.createReader(),
      writer: caller.createWriter(factsOf(caller)),
      splitThink: false,
    })
    let pieces = 0
    while (carrier.error === null && pieces < 100) {
      carrier.pass(piece)
      pieces++
    }
    expect([pieces, carrier.isErrorShown]).toEqual([17, false])
  }
})

const eventNames = [
  'message_start',
  'content_block_start',
  'content_block_delta',
  'content_block_stop',
  'message_delta',
]
  .concat(['message_stop', 'error', 'ping', 'response.created', 'response.output_item.added', 'response.failed'])
  .concat(['response.output_text.delta', 'response.output_item.done', 'response.completed', 'response.incomplete'])
  .concat(['response.function_call_arguments.delta', 'response.content_part.added', 'constructor', '__proto__'])

/** An event whose members are any JSON. */
function named(type: string, text: string): string {
  const value: unknown = JSON.parse(text)
  const members = typeof value === 'object' && value !== null ? value : { value }
  const odd = { delta: value, item: value, response: value, content_block: value, message: value, index: value }
  return `event: ${type}\ndata: ${JSON.stringify({ ...odd, ...members, type })}\n\n`
}
