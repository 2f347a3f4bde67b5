import type { AppError } from '../../kernel/errors.ts'
import type { Conversation, Delta, Json, Reply } from './conversation.ts'

/** What an upstream may be spoken to in. */
export const apis = ['chat', 'responses', 'messages'] as const
export type Api = (typeof apis)[number]

/** The dialect of whoever asks: reads requests, writes answers. */
export interface CallerDialect {
  readonly name: string
  /** Throws AppError `invalid` with `param` for what it cannot read; never drops what changes the meaning silently. */
  readRequest(body: Json): Conversation
  writeAnswer(reply: Reply, facts: AnswerFacts): Json
  createWriter(facts: AnswerFacts): StreamWriter
  /** The body of an answer of 400 and above. */
  writeError(error: AppError, facts: ErrorFacts): Json
}

/** The dialect of whoever is asked: writes requests, reads answers. */
export interface UpstreamDialect {
  readonly name: string
  /** Appended to the upstream's base URL, for example `/chat/completions`. */
  readonly path: string
  /**
   * The request for `model`, which is the model's name there. Throws AppError `invalid` for what this dialect cannot
   * say. A stream is always asked for with its usage.
   */
  writeRequest(conversation: Conversation, model: string): Json
  /** null: this is no answer of the dialect. */
  readAnswer(body: Json): Reply | null
  createReader(): StreamReader
}

export interface AnswerFacts {
  /** What was asked: some answers repeat it, and tool calls are written by the kind of their tool. */
  readonly conversation: Conversation
  /** A new id that begins with the prefix, for example `msg_`. */
  readonly newId: (prefix: string) => string
  /** Seconds since 1970, for `created`. */
  readonly createdAt: number
  /** Milliseconds since the request came, read at the moment of the question: for dialects that tell durations. */
  readonly elapsedMs: () => number
  /** The chat dialect tells the usage of a stream only to those who asked for it. */
  readonly wantsUsage: boolean
}

export interface ErrorFacts {
  readonly status: number
  readonly requestId: string
}

/** Writes a stream as text, event by event. It never throws; `end` or `error` is called once, and last. */
export interface StreamWriter {
  /** Empty: nothing to tell yet. */
  write(delta: Delta): string
  /** The events with which a complete answer ends: open blocks closed, stop reason, usage, terminal event. */
  end(): string
  /** The events with which a broken answer ends. */
  error(error: AppError): string
}

/** Reads the events of a stream. It never throws: what is no event of the dialect is `null`. */
export interface StreamReader {
  read(event: { readonly event: string; readonly data: string }): readonly Delta[] | null
}

/** An endpoint that is another one in other words, without a conversation: for example Ollama's `/api/embed`. */
export interface Reshape {
  /** Throws AppError `invalid` with `param`. */
  request(body: Json): Json
  answer(body: Json, asked: Json, facts: Pick<AnswerFacts, 'elapsedMs'>): Json
}
