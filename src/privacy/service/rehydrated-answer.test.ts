import { describe, expect, test } from 'bun:test'
import type { Chunk } from '#platform/egress/contract.ts'
import { house, liveTags } from '../core/rehydrate/testing/live.ts'
import { bytesOf, chatOf, textOf, wireOf } from '../core/rehydrate/testing/streams.ts'
import { createThinkingEcho } from '../core/rehydrate/thinking-echo.ts'
import { rehydratedAnswer, type Answer, type RehydrationOptions } from './rehydrated-answer.ts'

const end: Chunk = { kind: 'end' }
const broken: Chunk = { kind: 'broken', reason: 'reset', message: 'the connection was cut' }

interface Body {
  readonly type?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly parts: readonly Uint8Array[]
  readonly last?: Chunk
  readonly status?: number
}

/** What the door answers: its parts, one for each pull. */
function sent({ type, headers = {}, parts, last = end, status = 200 }: Body) {
  let pulls = 0
  let cancels = 0
  const answer: Answer = {
    kind: 'answer',
    status,
    headers: new Headers({ ...headers, ...(type === undefined ? {} : { 'content-type': type }) }),
    bytes: (limit) => {
      const bytes = Buffer.concat(parts)
      return Promise.resolve(
        bytes.length > limit ? { kind: 'broken', reason: 'too_large', message: 'too long' } : { kind: 'whole', bytes },
      )
    },
    chunks: () => ({
      next: () => {
        const bytes = parts[pulls]
        pulls += 1
        return Promise.resolve(bytes === undefined ? last : { kind: 'data', bytes })
      },
      cancel: () => {
        cancels += 1
      },
    }),
  }
  return { answer, pulls: () => pulls, cancels: () => cancels }
}

const options = (more: Partial<RehydrationOptions> = {}): RehydrationOptions => ({ api: 'chat', live: house, ...more })

async function read(answer: Answer) {
  const chunks = answer.chunks()
  const seen: Chunk[] = []
  for (;;) {
    const chunk = await chunks.next()
    seen.push(chunk)
    if (chunk.kind !== 'data') return { seen, chunks }
  }
}
const textIn = (seen: readonly Chunk[]): string =>
  seen.map((chunk) => (chunk.kind === 'data' ? textOf(chunk.bytes) : '')).join('')

async function wholeOf(body: Body, more: Partial<RehydrationOptions> = {}): Promise<string> {
  const got = await rehydratedAnswer(sent(body).answer, options(more)).bytes(100_000)
  return got.kind === 'whole' ? textOf(got.bytes) : got.reason
}

const part = (content: string, finish: string | null = null): Uint8Array =>
  bytesOf(wireOf([{ data: { choices: [{ index: 0, delta: { content }, finish_reason: finish }] } }]))

describe('a whole answer', () => {
  test.each([
    ['application/json', '{"a":"[PERSON_7KQ2]"}', '{"a":"Alice Brenner"}'],
    ['application/problem+json; charset=utf-8', '{"a":"[PERSON_7KQ2]"}', '{"a":"Alice Brenner"}'],
    [undefined, '{"a":"[PERSON_7KQ2]"}', '{"a":"Alice Brenner"}'],
    ['text/plain; charset="UTF-8"', 'so [PERSON_7KQ2]', 'so Alice Brenner'],
    ['text/html', '<b>[PERSON_7KQ2]</b>', '<b>Alice Brenner</b>'],
    ['application/x-ndjson', '{"a":"[PERSON_7KQ2]"}\n{}', '{"a":"Alice Brenner"}\n{}'],
    ['text/event-stream', 'data: {"a":"[PERSON_7KQ2]"}\n\n', 'data: {"a":"Alice Brenner"}\n\n'],
    ['text/plain; charset=latin1', '[PERSON_7KQ2]', '[PERSON_7KQ2]'],
    ['audio/mpeg', '[PERSON_7KQ2]', '[PERSON_7KQ2]'],
  ])('of type %p', async (type, body, wanted) => {
    expect(await wholeOf({ ...(type === undefined ? {} : { type }), parts: [bytesOf(body)] })).toBe(wanted)
  })

  test('that is an error has its values too, and its status', async () => {
    const parts = [bytesOf('{"error":{"message":"who is [PERSON_7KQ2]?"}}')]
    const answer = rehydratedAnswer(sent({ type: 'application/json', parts, status: 400 }).answer, options())
    expect(answer.status).toBe(400)
    const got = await answer.bytes(100_000)
    expect(got.kind === 'whole' && textOf(got.bytes)).toBe('{"error":{"message":"who is Alice Brenner?"}}')
  })

  test('keeps its headers, but for the length that is no longer true', () => {
    const headers = { 'content-length': '7', 'retry-after': '3' }
    const answer = rehydratedAnswer(sent({ type: 'application/json', headers, parts: [] }).answer, options())
    expect([...answer.headers.keys()]).toEqual(['content-type', 'retry-after'])
  })

  test('that is compressed is left alone, and one that is too long is told', async () => {
    const parts = [bytesOf('{"a":"[PERSON_7KQ2]"}')]
    const gzip = { 'content-encoding': 'gzip' }
    expect(await wholeOf({ type: 'application/json', headers: gzip, parts })).toBe('{"a":"[PERSON_7KQ2]"}')
    expect(await wholeOf({ type: 'application/json', parts: [new Uint8Array(100_001)] })).toBe('too_large')
  })

  test('passes as it is where there is nothing to put back', async () => {
    const bytes = bytesOf('{"a":"[PERSON_7KQ2]"}')
    const { answer } = sent({ type: 'application/json', parts: [bytes] })
    const got = await rehydratedAnswer(answer, options({ live: liveTags({}) })).bytes(1000)
    expect(got.kind === 'whole' && textOf(got.bytes)).toBe('{"a":"[PERSON_7KQ2]"}')
  })

  test('of Messages leaves its signed thoughts as they were written with whoever asks for them', async () => {
    const thinkingEcho = createThinkingEcho()
    const block = (thinking: string, signature: string) => ({ type: 'thinking', thinking, signature })
    const content = [block('of [PERSON_7KQ2]', 'sig1'), block('of rain', 'sig2'), { type: 'text', text: 'x' }]
    await wholeOf(
      { type: 'application/json', parts: [bytesOf(JSON.stringify({ content }))] },
      { api: 'messages', thinkingEcho },
    )
    expect([thinkingEcho.get('sig1'), thinkingEcho.get('sig2')]).toEqual(['of [PERSON_7KQ2]', null])
  })
})

describe('a streaming answer', () => {
  const type = 'text/event-stream; charset=utf-8'

  test('has its values, with each event in the pull in which it came', async () => {
    const parts = [part('so [PER'), part('SON_7KQ2]'), part('!'), part('', 'stop')]
    const { answer } = sent({ type, parts })
    const { seen } = await read(rehydratedAnswer(answer, options()))
    expect(seen.length).toBe(parts.length + 1)
    expect(chatOf(textIn(seen))).toEqual({ '0 content': 'so Alice Brenner!' })
    expect(seen.at(-1)).toEqual(end)
  })

  test('is pulled no faster than it is read', async () => {
    const { answer, pulls } = sent({ type, parts: [part('a'), part('b'), part('c')] })
    await rehydratedAnswer(answer, options()).chunks().next()
    expect(pulls()).toBe(1)
  })

  test('that breaks off says first what was held, and then that it broke, as often as it is asked', async () => {
    const { answer } = sent({ type, parts: [part('so [PER')], last: broken })
    const { seen, chunks } = await read(rehydratedAnswer(answer, options()))
    expect(chatOf(textIn(seen))).toEqual({ '0 content': 'so [PER' })
    expect([seen.at(-1), await chunks.next()]).toEqual([broken, broken])
  })

  test('that is JSON or text has its values in whatever pieces it comes', async () => {
    for (const [kind, body, wanted] of [
      ['application/json', '{"a":"[PERSON_8XY3]"}', null],
      ['text/plain', '[PERSON_7KQ2] 🙂', 'Alice Brenner 🙂'],
    ] as const) {
      const parts = [...bytesOf(body)].map((byte) => Uint8Array.of(byte))
      const { seen } = await read(rehydratedAnswer(sent({ type: kind, parts }).answer, options()))
      if (wanted !== null) expect(textIn(seen)).toBe(wanted)
      else expect(JSON.parse(textIn(seen))).toEqual({ a: house.resolve('8XY3', '') })
    }
  })

  test('of sound passes as the bytes that came', async () => {
    const bytes = bytesOf('[PERSON_7KQ2]')
    const { seen } = await read(rehydratedAnswer(sent({ type: 'audio/wav', parts: [bytes] }).answer, options()))
    expect(seen[0]).toEqual({ kind: 'data', bytes })
  })
})

describe('what was put back is told once', () => {
  const counted = (): { readonly seen: unknown[]; readonly onEnd: RehydrationOptions['onEnd'] } => {
    const seen: unknown[] = []
    return { seen, onEnd: (counts) => seen.push(counts) }
  }

  test('when a stream ends, and when it is wanted no more', async () => {
    for (const isCancelled of [false, true]) {
      const { seen, onEnd } = counted()
      const { answer, cancels } = sent({ type: 'text/event-stream', parts: [part('[PERSON_7KQ2] [PERSON_3F3F].')] })
      const chunks = rehydratedAnswer(answer, options({ ...(onEnd && { onEnd }) })).chunks()
      await chunks.next()
      if (isCancelled) chunks.cancel()
      else await chunks.next()
      chunks.cancel()
      expect(seen).toEqual([{ replaced: 1, unknown: 1 }])
      expect(cancels()).toBe(isCancelled ? 2 : 1)
    }
  })

  test('when a body was read', async () => {
    const { seen, onEnd } = counted()
    await wholeOf({ type: 'application/json', parts: [bytesOf('["[PERSON_7KQ2]"]')] }, { ...(onEnd && { onEnd }) })
    expect(seen).toEqual([{ replaced: 1, unknown: 0 }])
  })
})
