import { parsed } from '#protocol/json/members.ts'
import type { BodyRead, Chunk, ChunkReader, Sent } from '#platform/egress/contract.ts'
import {
  createAnswerRehydrator,
  type AnswerApi,
  type AnswerFormat,
  type AnswerRehydrator,
} from '../core/rehydrate/lanes/answer.ts'
import { noteThoughts } from '../core/rehydrate/lanes/messages.ts'
import { rehydrateJson } from '../core/rehydrate/json.ts'
import { maxInsertedLength, type Allowance, type RehydrateCounts } from '../core/rehydrate/text.ts'
import type { ThinkingEcho } from '../core/rehydrate/thinking-echo.ts'
import type { LiveTags } from '../core/words.ts'

export type Answer = Extract<Sent, { kind: 'answer' }>

export interface RehydrationOptions {
  readonly api: AnswerApi
  readonly live: LiveTags
  /** What may be put into arguments of tools, where that is not the same. */
  readonly tools?: LiveTags
  /** Where thoughts are noted that the vendor signed, as it wrote them. */
  readonly thinkingEcho?: ThinkingEcho
  /** Told once: when the body has ended, broke off, or is wanted no more. */
  readonly onEnd?: (counts: RehydrateCounts) => void
}

/**
 * The answer of a cloud with the values put back that were hidden from it; errors of the cloud too. Bytes in which
 * nothing is put back are the bytes that came. What is neither JSON nor text is left alone, and so is what comes
 * compressed or in another charset: its placeholders stay. A body may be longer than it came, by `maxInsertedLength`
 * characters at the most.
 */
export function rehydratedAnswer(sent: Answer, options: RehydrationOptions): Answer {
  const headers = new Headers(sent.headers)
  headers.delete('content-length')
  // Thoughts are noted whatever was hidden: what a model makes up looks like somebody's too.
  const isQuiet = options.live.size + (options.tools?.size ?? 0) === 0 && options.thinkingEcho === undefined
  const format = isQuiet ? null : formatOf(sent.headers)
  const end = once((counts: RehydrateCounts) => options.onEnd?.(counts))
  return {
    kind: 'answer',
    status: sent.status,
    headers,
    async bytes(limitBytes) {
      const read = await sent.bytes(limitBytes)
      const whole = read.kind === 'whole' && format !== null ? rehydratedWhole(read.bytes, format, options) : null
      end(whole?.counts ?? nothing)
      return whole?.read ?? read
    },
    chunks() {
      const chunks = sent.chunks()
      const { api, live, tools, thinkingEcho } = options
      // Without a type nobody knows whether it is text at all.
      const isKnown = format !== null && sent.headers.has('content-type')
      const rehydrator = isKnown
        ? createAnswerRehydrator(api, live, { format, ...(tools && { tools }), ...(thinkingEcho && { thinkingEcho }) })
        : null
      return new RehydratedChunks(chunks, rehydrator, end)
    },
  }
}

const nothing: RehydrateCounts = { replaced: 0, unknown: 0 }

function rehydratedWhole(
  bytes: Uint8Array,
  format: AnswerFormat,
  { api, live, tools = live, thinkingEcho }: RehydrationOptions,
): { readonly read: BodyRead; readonly counts: RehydrateCounts } {
  const allowance: Allowance = { left: maxInsertedLength }
  if (format === 'events' || format === 'lines') {
    const echo = thinkingEcho ?? null
    const rehydrator = createAnswerRehydrator(api, live, { format, tools, allowance, thinkingEcho: echo })
    const parts = [rehydrator.push(bytes), rehydrator.end()]
    return { read: { kind: 'whole', bytes: Buffer.concat(parts) }, counts: rehydrator.counts }
  }
  const { bytes: put, replaced, unknown } = rehydrateJson(bytes, live, { tools, allowance })
  if (thinkingEcho && api === 'messages' && replaced > 0) noteThoughts(valueOf(bytes), valueOf(put), { thinkingEcho })
  return { read: { kind: 'whole', bytes: put }, counts: { replaced, unknown } }
}

const valueOf = (bytes: Uint8Array): unknown => parsed(new TextDecoder().decode(bytes))

/** null: it is left alone. */
function formatOf(headers: Headers): AnswerFormat | null {
  if ((headers.get('content-encoding') ?? 'identity').toLowerCase() !== 'identity') return null
  const type = headers.get('content-type')
  // Who forgets it speaks JSON.
  if (type === null) return 'json'
  const [name = '', ...parameters] = type.toLowerCase().split(';')
  const charset = parameters.map((each) => each.trim()).find((each) => each.startsWith('charset='))
  if (charset !== undefined && !/^charset="?(utf-?8|us-ascii)"?$/.test(charset)) return null
  const kind = name.trim()
  if (kind === 'text/event-stream') return 'events'
  if (lineTypes.has(kind)) return 'lines'
  if (kind === 'application/json' || kind.endsWith('+json')) return 'json'
  return kind.startsWith('text/') ? 'text' : null
}

const lineTypes = new Set(
  ['x-ndjson', 'ndjson', 'jsonl', 'x-jsonl', 'json-lines', 'x-json-stream', 'stream+json'].map(
    (name) => `application/${name}`,
  ),
)

function once<T>(tell: (value: T) => void): (value: T) => void {
  let isTold = false
  return (value) => {
    if (isTold) return
    isTold = true
    tell(value)
  }
}

/** Pulls as it is pulled; a chunk of which everything is held is followed by the next at once. */
class RehydratedChunks implements ChunkReader {
  readonly #chunks: ChunkReader
  readonly #rehydrator: AnswerRehydrator | null
  readonly #onEnd: (counts: RehydrateCounts) => void
  /** How it ended, while what was held goes out. */
  #last: Chunk | null = null

  constructor(chunks: ChunkReader, rehydrator: AnswerRehydrator | null, onEnd: (counts: RehydrateCounts) => void) {
    this.#chunks = chunks
    this.#rehydrator = rehydrator
    this.#onEnd = onEnd
  }

  async next(): Promise<Chunk> {
    for (;;) {
      const chunk = this.#last ?? (await this.#chunks.next())
      if (chunk.kind !== 'data') return this.#ended(chunk)
      const bytes = this.#rehydrator === null ? chunk.bytes : this.#rehydrator.push(chunk.bytes)
      if (bytes.length > 0) return { kind: 'data', bytes }
    }
  }

  cancel(): void {
    this.#chunks.cancel()
    this.#onEnd(this.#rehydrator?.counts ?? nothing)
  }

  #ended(last: Chunk): Chunk {
    if (this.#last !== null) return last
    this.#last = last
    const held = this.#rehydrator?.end()
    this.#onEnd(this.#rehydrator?.counts ?? nothing)
    return held === undefined || held.length === 0 ? last : { kind: 'data', bytes: held }
  }
}
