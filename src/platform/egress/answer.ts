import type { Clock, MonoMs } from '#kernel/time.ts'
import type { BodyRead, Chunk, ChunkReader, SendFailure } from './contract.ts'
import { failureOf, failureSentence } from './failures.ts'
import type { Due, Sweep } from './sweep.ts'

/**
 * Up to this declared length a body is taken in one piece (fast); its idle deadline then covers the piece as a
 * whole.
 */
const onePieceBytes = 1024 * 1024

export interface AnswerParts {
  readonly response: Response
  /** For sentences, for example `The upstream office-vllm`. */
  readonly name: string
  readonly signal: AbortSignal
  readonly isGivenUp?: (() => boolean) | undefined
  readonly idleMs: number
  readonly totalAt: MonoMs
  readonly clock: Clock
  readonly sweep: Sweep
  /** Aborts the fetch itself, where it has a controller of its own. */
  readonly abort: (() => void) | null
  readonly onEnd: (() => void) | null
}

/**
 * An answer whose head has come: status, headers and a body that is read once, whole or chunk by chunk.
 * One object for all of it: one is made per request. States of the body: unread → reading → ended; `#last` is
 * set exactly once, when it ends, and every later read answers it again.
 */
export class Answer implements ChunkReader, Due {
  readonly kind = 'answer'
  readonly status: number
  readonly headers: Headers
  readonly declaredBytes: number | null
  readonly #parts: AnswerParts
  #reader: BytesReader | null = null
  #waitingSince: MonoMs | null = null
  #receivedBytes = 0
  #last: Chunk | null = null
  #wake: ((read: BodyRead) => void) | null = null

  constructor(parts: AnswerParts) {
    this.#parts = parts
    this.status = parts.response.status
    this.headers = parts.response.headers
    this.declaredBytes = declaredLength(parts.response.headers)
    parts.sweep.watch(this)
  }

  chunks(): ChunkReader {
    return this
  }

  async next(): Promise<Chunk> {
    if (this.#last) return this.#last
    try {
      this.#reader ??= this.#parts.response.body?.getReader() ?? null
      if (!this.#reader) return this.#end({ kind: 'end' })
      this.#waitingSince = this.#parts.clock.mono()
      const read = await this.#reader.read()
      this.#waitingSince = null
      // A cancel or a deadline while this waited has already said how it ended.
      if (this.#hasEnded()) return this.#ending()
      if (read.done) return this.#end(this.#isShort() ? this.#broken('reset') : { kind: 'end' })
      this.#receivedBytes += read.value.byteLength
      return { kind: 'data', bytes: read.value }
    } catch (thrown) {
      return this.#end(this.#broken(this.#reasonOf(thrown)))
    }
  }

  cancel(): void {
    if (this.#last) return
    this.#end(this.#broken('aborted'))
    this.#dropConnection()
  }

  async bytes(limitBytes: number): Promise<BodyRead> {
    if (this.#last) return this.#whole([])
    const declared = this.declaredBytes
    if (declared !== null && declared > limitBytes) return this.#tooLarge(limitBytes)
    if (declared !== null && declared <= onePieceBytes) return this.#onePiece()
    const pieces: Uint8Array[] = []
    for (;;) {
      const chunk = await this.next()
      if (chunk.kind !== 'data') return this.#whole(pieces)
      if (this.#receivedBytes > limitBytes) return this.#tooLarge(limitBytes)
      pieces.push(chunk.bytes)
    }
  }

  dueAt(): MonoMs {
    // Whoever asked is gone, and may never read again: nothing of this may stay until the total deadline.
    if (this.#isAborted()) return -Infinity
    const idleAt = this.#waitingSince === null ? Infinity : this.#waitingSince + this.#parts.idleMs
    return Math.min(idleAt, this.#parts.totalAt)
  }

  expire(): void {
    if (this.#last) return
    this.#end(this.#broken(this.#isAborted() ? 'aborted' : 'timeout'))
    this.#dropConnection()
    this.#wake?.(this.#whole([]))
  }

  #isAborted(): boolean {
    return this.#parts.signal.aborted || this.#parts.isGivenUp?.() === true
  }

  #onePiece(): Promise<BodyRead> {
    this.#waitingSince = this.#parts.clock.mono()
    return new Promise((resolve) => {
      this.#wake = resolve
      this.#parts.response.bytes().then(
        (bytes) => {
          this.#receivedBytes = bytes.byteLength
          this.#end(this.#isShort() ? this.#broken('reset') : { kind: 'end' })
          resolve(this.#last?.kind === 'end' ? { kind: 'whole', bytes } : this.#whole([]))
        },
        (thrown: unknown) => {
          this.#end(this.#broken(this.#reasonOf(thrown)))
          resolve(this.#whole([]))
        },
      )
    })
  }

  #end(last: Chunk): Chunk {
    if (this.#last) return this.#last
    this.#last = last
    this.#waitingSince = null
    this.#parts.sweep.forget(this)
    this.#parts.onEnd?.()
    return last
  }

  /** A method, so that the compiler does not assume that `#last` is still what it was before an await. */
  #hasEnded(): boolean {
    return this.#last !== null
  }

  #ending(): Chunk {
    return this.#last ?? { kind: 'end' }
  }

  #dropConnection(): void {
    const { abort, response } = this.#parts
    if (abort) return abort()
    const dropped = this.#reader ? this.#reader.cancel() : this.#wake ? undefined : response.body?.cancel()
    dropped?.catch(() => undefined)
  }

  #whole(pieces: readonly Uint8Array[]): BodyRead {
    const last = this.#ending()
    if (last.kind === 'broken') return last
    if (pieces.length === 1 && pieces[0]) return { kind: 'whole', bytes: pieces[0] }
    return { kind: 'whole', bytes: Buffer.concat(pieces) }
  }

  #tooLarge(limitBytes: number): BodyRead {
    this.cancel()
    return {
      kind: 'broken',
      reason: 'too_large',
      message:
        `${this.#parts.name} answered with more than ${limitBytes} bytes: raise ` +
        `\`limits.responseBody\` if that is wanted.`,
    }
  }

  #isShort(): boolean {
    return this.declaredBytes !== null && this.#receivedBytes < this.declaredBytes && this.#parts.response.body !== null
  }

  #reasonOf(thrown: unknown): SendFailure {
    return this.#parts.signal.aborted ? 'aborted' : failureOf(thrown)
  }

  #broken(reason: SendFailure): { readonly kind: 'broken'; readonly reason: SendFailure; readonly message: string } {
    return { kind: 'broken', reason, message: failureSentence(this.#parts.name, reason) }
  }
}

/** What is used of a stream's reader; the runtime's and the web's types of it differ in what is not. */
interface BytesReader {
  read(): Promise<
    { readonly done: false; readonly value: Uint8Array } | { readonly done: true; readonly value?: unknown }
  >
  cancel(): Promise<void>
}

function declaredLength(headers: Headers): number | null {
  const text = headers.get('content-length')
  if (text === null || !/^\d+$/.test(text)) return null
  return Number(text)
}
