import type { KeyId } from '#kernel/ids.ts'
import type { BodyRead, Chunk, ChunkReader, Outbound, Sent } from '#platform/egress/contract.ts'
import { createEventSplitter } from '#protocol/conversation/sse-split.ts'
import { concat } from '#protocol/json/bytes.ts'
import { isObject, parsedObject } from '#protocol/json/members.ts'

/** What was said in recordings that this house had transcribed; see transcripts.ts. */
export interface Transcripts {
  remember(owner: KeyId | null, text: string): void
  /** Brings what is new to the disk; it is known in memory all the same. */
  write(): Promise<void>
  isTranscript(owner: KeyId, texts: readonly string[]): boolean
}

/** Of one answer; what comes behind is remembered no more. */
const maxTextChars = 4 * 2 ** 20
const maxWholeBytes = 4 * maxTextChars
const maxEventBytes = 2 ** 20

type Answer = Sent & { readonly kind: 'answer' }

/**
 * Listens to answers of engines that transcribe, so that what they wrote is known for a transcript wherever it turns up
 * later. Changes nothing of them.
 */
export function listening(sent: Sent, { path, data, origin }: Outbound, transcripts: Transcripts): Sent {
  if (sent.kind !== 'answer' || sent.status >= 300) return sent
  if (!data.includes('audio') && !transcribing.test(path)) return sent
  return new Overheard(sent, async (text) => {
    transcripts.remember(origin?.key ?? null, text)
    // Before anybody has it: it is a transcript for the next process too. A disk that fails is tried again later.
    await transcripts.write().catch(() => undefined)
  })
}

/** As OpenAI's dialect has it, and whisper.cpp, whisper-asr, Deepgram, Wyoming over HTTP. */
const transcribing = /\/(audio\/(transcriptions|translations)|inference|asr|listen|transcribe|speech-to-text)\/?(\?|$)/

class Overheard implements Answer {
  readonly kind = 'answer'
  readonly status: number
  readonly headers: Headers
  readonly #answer: Answer
  readonly #heard: (text: string) => Promise<void>

  constructor(answer: Answer, heard: (text: string) => Promise<void>) {
    this.#answer = answer
    this.#heard = heard
    this.status = answer.status
    this.headers = answer.headers
  }

  async bytes(limitBytes: number): Promise<BodyRead> {
    const read = await this.#answer.bytes(limitBytes)
    if (read.kind === 'whole') await this.#heard(spokenText(new TextDecoder().decode(read.bytes)))
    return read
  }

  chunks(): ChunkReader {
    const reader = this.#answer.chunks()
    const isStream = /^(text\/event-stream|application\/x-ndjson)\b/i.test(this.headers.get('content-type') ?? '')
    const ear = isStream ? new StreamEar() : new WholeEar()
    return {
      next: async (): Promise<Chunk> => {
        const chunk = await reader.next()
        if (chunk.kind === 'data') ear.hear(chunk.bytes)
        else await this.#heard(ear.text)
        return chunk
      },
      cancel: () => {
        reader.cancel()
        void this.#heard(ear.text)
      },
    }
  }
}

/** The words of a whole answer: JSON, plain text, or subtitles without their times and numbers. */
export function spokenText(body: string): string {
  const answer = parsedObject(body)
  if (answer === null) return body.replace(/^(WEBVTT.*|\d+|[\d:.,]+ --> .*)$/gm, '')
  const text = answer['text'] ?? contentOf(answer['choices'], 'message')
  const parts = [answer['segments'], answer['utterances'], answer['words']].find(Array.isArray) ?? []
  const said = (parts as readonly unknown[]).map((part) => (isObject(part) ? (part['text'] ?? part['word']) : ''))
  return typeof text === 'string' ? text : said.filter((each) => typeof each === 'string').join(' ')
}

/** What somebody who was sent a recording says of it may be what is said in it. */
function contentOf(choices: unknown, member: 'message' | 'delta'): unknown {
  const [choice] = Array.isArray(choices) ? (choices as readonly unknown[]) : []
  const said = isObject(choice) ? choice[member] : null
  return isObject(said) ? said['content'] : undefined
}

/** An answer that is no stream and comes in pieces all the same. */
class WholeEar {
  readonly #pieces: Uint8Array[] = []
  #length = 0

  get text(): string {
    return spokenText(new TextDecoder().decode(concat(this.#pieces)))
  }

  hear(bytes: Uint8Array): void {
    if (this.#length > maxWholeBytes) return
    this.#length += bytes.length
    this.#pieces.push(bytes.slice())
  }
}

/** The words of a stream: its pieces, or its whole text where it says that. */
class StreamEar {
  readonly #splitter = createEventSplitter(maxEventBytes)
  readonly #decoder = new TextDecoder()
  #isDeaf = false
  #pieces = ''
  #whole = ''

  get text(): string {
    return this.#whole === '' ? this.#pieces : this.#whole
  }

  hear(bytes: Uint8Array): void {
    if (this.#isDeaf || this.#pieces.length > maxTextChars) return
    const split = this.#splitter.push(bytes)
    if (split.kind === 'too_long') {
      this.#isDeaf = true
      return
    }
    for (const [, data = ''] of this.#decoder.decode(split.bytes).matchAll(/^data: ?(.*)$/gm)) this.#event(data)
  }

  #event(data: string): void {
    const event = parsedObject(data)
    if (event === null) return
    if (typeof event['delta'] === 'string') this.#pieces += event['delta']
    if (typeof event['text'] === 'string') this.#whole += `${event['text']} `
    const said = contentOf(event['choices'], 'delta')
    if (typeof said === 'string') this.#pieces += said
  }
}
