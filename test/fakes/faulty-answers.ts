import { gzipSync } from 'node:zlib'
import type { DialectAnswer } from './dialect-answers.ts'
import type { RawAnswer } from './raw-http.ts'

export interface Stage {
  readonly answer: RawAnswer
  readonly isClosed: () => boolean
  readonly says: DialectAnswer
  readonly isStream: boolean
}

/** A way to go wrong, or only strange, and what the caller of a whole answer and of a stream must get of it. */
export interface Fault {
  readonly name: string
  /** A status; `answer`: all of it; `broken`: what came, and then an error event. */
  readonly whole: number | 'answer'
  readonly stream: number | 'answer' | 'broken'
  readonly play: (stage: Stage) => void | Promise<void>
}

const head = (status: number, type: string, length: number | null, more = ''): string =>
  `HTTP/1.1 ${status} X\r\ncontent-type: ${type}\r\n` +
  `${length === null ? 'transfer-encoding: chunked' : `content-length: ${length}`}\r\n${more}\r\n`
const sse = 'text/event-stream'
const chunk = (bytes: string | Uint8Array): Uint8Array => {
  const body = Buffer.from(bytes as string)
  return Buffer.concat([Buffer.from(`${body.length.toString(16)}\r\n`), body, Buffer.from('\r\n')])
}
const lastChunk = '0\r\n\r\n'
const soon = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 15))

/** The answer itself, with every event passed through `shape`. */
function tell({ answer, says, isStream }: Stage, shape: (events: string) => string = (events) => events): void {
  if (!isStream) {
    answer.write(head(200, 'application/json', Buffer.byteLength(says.whole)) + says.whole)
    return answer.done()
  }
  answer.write(head(200, sse, null))
  answer.write(chunk(shape(says.events.join('') + says.terminal)))
  answer.write(lastChunk)
  answer.done()
}

/** Up to and with the first word, or the first half of a whole answer. */
function begin({ answer, says, isStream }: Stage): void {
  const { events, firstWord, whole } = says
  if (isStream) {
    answer.write(head(200, sse, null))
    answer.write(chunk(events.slice(0, firstWord + 1).join('')))
  } else {
    answer.write(head(200, 'application/json', Buffer.byteLength(whole)))
    answer.write(whole.slice(0, whole.length / 2))
  }
}

const refusal = (status: number, body: string, type = 'application/json') => ({
  play: ({ answer }: Stage) => {
    answer.write(head(status, type, Buffer.byteLength(body)) + body)
    answer.done()
  },
})

const said = '{"error":{"message":"no such thing","type":"invalid_request_error","code":"x"},"type":"error"}'
const page = '<html><body>502 Bad Gateway</body></html>'
const both = (status: number) => ({ whole: status, stream: status }) as const
const fine = { whole: 'answer', stream: 'answer' } as const

export const faults: readonly Fault[] = [
  { name: 'answers', ...fine, play: (stage) => tell(stage) },
  // Nobody listens at its address: see the test.
  { name: 'refused', ...both(502), play: ({ answer }) => answer.reset() },
  { name: 'resets-at-once', ...both(502), play: ({ answer }) => answer.reset() },
  {
    name: 'resets-after-its-head',
    ...both(502),
    play: async ({ answer, isStream }) => {
      answer.write(head(200, isStream ? sse : 'application/json', isStream ? null : 500))
      await soon()
      answer.reset()
    },
  },
  {
    name: 'resets-in-the-middle',
    whole: 502,
    stream: 'broken',
    play: async (stage) => {
      begin(stage)
      await soon()
      stage.answer.reset()
    },
  },
  {
    name: 'closes-in-the-middle',
    whole: 502,
    stream: 'broken',
    play: async (stage) => {
      begin(stage)
      await soon()
      stage.answer.end()
    },
  },
  {
    name: 'ends-cleanly-in-the-middle',
    whole: 502,
    stream: 'broken',
    play: (stage) => {
      begin(stage)
      if (!stage.isStream) return stage.answer.end()
      stage.answer.write(lastChunk)
      stage.answer.done()
    },
  },
  { name: 'refuses-the-request', ...both(400), ...refusal(400, said) },
  { name: 'knows-no-such-model', ...both(404), ...refusal(404, said) },
  { name: 'refuses-our-key', ...both(502), ...refusal(401, said) },
  { name: 'is-out-of-quota', ...both(503), ...refusal(429, said) },
  { name: 'is-overloaded', ...both(503), ...refusal(503, page, 'text/html') },
  { name: 'dies-with-a-page', ...both(502), ...refusal(500, page, 'text/html') },
  { name: 'refuses-without-json', ...both(502), ...refusal(400, 'nope', 'text/plain') },
  { name: 'redirects', ...both(502), ...refusal(302, '', 'text/html') },
  { name: 'sends-a-page', ...both(502), ...refusal(200, page, 'text/html') },
  { name: 'sends-noise', ...both(502), ...refusal(200, 'no json at all', 'text/plain') },
  {
    name: 'names-the-wrong-type',
    ...fine,
    play: ({ answer, says, isStream }) => {
      const body = isStream ? says.events.join('') + says.terminal : says.whole
      answer.write(head(200, 'text/plain', Buffer.byteLength(body)) + body)
      answer.done()
    },
  },
  {
    name: 'splits-at-every-byte',
    ...fine,
    play: async (stage) => {
      const { answer, says, isStream } = stage
      if (!isStream) return tell(stage)
      answer.write(head(200, sse, null))
      const bytes = Buffer.from(says.events.join('') + says.terminal)
      for (let at = 0; at < bytes.length && !stage.isClosed(); at++) {
        answer.write(chunk(bytes.subarray(at, at + 1)))
        if (at % 50 === 0) await soon()
      }
      answer.write(lastChunk)
      answer.done()
    },
  },
  { name: 'writes-crlf', ...fine, play: (stage) => tell(stage, (events) => events.replaceAll('\n', '\r\n')) },
  { name: 'writes-cr', ...fine, play: (stage) => tell(stage, (events) => events.replaceAll('\n', '\r')) },
  {
    name: 'comments',
    ...fine,
    play: (stage) => tell(stage, (events) => `: hello\n\n${events.replaceAll('\n\n', '\n: still here\n\n')}`),
  },
  {
    name: 'says-a-line-of-five-megabytes',
    whole: 502,
    stream: 'broken',
    play: (stage) => {
      const line = `data: {"a":"${'x'.repeat(5_000_000)}"}\n\n`
      if (stage.isStream) {
        begin(stage)
        stage.answer.write(chunk(line))
        stage.answer.write(lastChunk)
      } else stage.answer.write(head(200, 'application/json', line.length) + line)
      stage.answer.done()
    },
  },
  {
    name: 'sends-a-broken-event',
    whole: 502,
    stream: 'broken',
    play: (stage) => {
      if (!stage.isStream) return refusal(200, stage.says.whole.slice(0, -1)).play(stage)
      begin(stage)
      stage.answer.write(chunk('data: {"choices\n\n'))
      stage.answer.write(lastChunk)
      stage.answer.done()
    },
  },
  {
    name: 'ends-twice',
    ...fine,
    play: (stage) => tell({ ...stage, says: { ...stage.says, terminal: stage.says.terminal.repeat(2) } }),
  },
  {
    name: 'goes-on-behind-its-end',
    ...fine,
    play: (stage) => tell(stage, (events) => `${events}data: {"more":1}\n\nrubbish`),
  },
  {
    name: 'compresses',
    ...both(502),
    play: ({ answer, says, isStream }) => {
      const body = gzipSync(isStream ? says.events.join('') + says.terminal : says.whole)
      answer.write(head(200, isStream ? sse : 'application/json', body.length, 'content-encoding: gzip\r\n'))
      answer.write(body)
      answer.done()
    },
  },
  { name: 'says-nothing', ...both(504), play: () => {} },
  {
    name: 'says-nothing-after-its-head',
    ...both(504),
    play: ({ answer, isStream }) => answer.write(head(200, isStream ? sse : 'application/json', isStream ? null : 500)),
  },
  { name: 'falls-silent', whole: 504, stream: 'broken', play: (stage) => begin(stage) },
]
