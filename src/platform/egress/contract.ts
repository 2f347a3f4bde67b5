import type { AppError } from '#kernel/errors.ts'
import type { KeyId, RequestId } from '#kernel/ids.ts'
import type { DataClass, Locality, PrivacyNote } from '#kernel/words.ts'
import type { ScrubbedRequest } from './seal.ts'

/**
 * The one way out of the house. Nothing else in `src/` opens a connection: `test/architecture.test.ts` finds any other
 * `fetch`, `WebSocket`, `Bun.connect`, `node:net|tls|http|https|http2|dgram|dns`.
 */
export interface Egress {
  readonly inference: InferenceDoor
  readonly download: DownloadExit
  readonly telemetry: TelemetryExit
  readonly sockets: SocketExit
  /** What a host would count as, for config checks, `doctor` and the page. Resolves names. */
  localityOf(url: string): Promise<{ readonly locality: Locality; readonly addresses: readonly string[] }>
}

/**
 * Where an inference request goes. `locality: null` = not declared: cloud unless all its addresses are loopback or
 * private.
 */
export interface Destination {
  readonly name: string
  /** Origin and path prefix without a trailing slash, for example `http://10.0.0.5:8888/v1`. */
  readonly baseUrl: string
  readonly locality: Locality | null
}

export interface Outbound {
  readonly method: 'GET' | 'POST' | 'DELETE' | 'PUT' | 'PATCH'
  /** Appended to the base URL, for example `/chat/completions`. */
  readonly path: string
  /**
   * Only headers of the allow-list go out; `authorization` and `x-api-key` here are the upstream's, never the
   * caller's.
   */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array | BodySource | null
  /** What the body holds; `metadata` for a GET of a model list. Several classes: the strictest decides. */
  readonly data: readonly DataClass[]
  /** For whom it goes; not there: the house asks by itself. */
  readonly origin?: Origin
}

/** Whose request it is: what is hidden of it is hidden, and put back, for nobody else. */
export interface Origin {
  readonly key: KeyId
  readonly request: RequestId
  /** What keeps the requests of one conversation together, as far as the caller says it. */
  readonly session: string | null
  /** Told once what was done to it, before anything leaves. */
  readonly onPrivacy?: (note: PrivacyNote) => void
}

/** A body that is not held in memory: read while it is sent, as fast as the other side takes it. */
export interface BodySource {
  /** null: not known; it goes out in chunks. */
  readonly lengthBytes: number | null
  /** Whether `open` may be called again: otherwise the request is never sent a second time. */
  readonly isRepeatable: boolean
  open(): AsyncIterable<Uint8Array>
}

export interface Deadlines {
  /** Until somebody takes the connection. For destinations that have not answered lately; not said = none. */
  readonly connectMs?: number
  /** From dispatch to the first byte of the answer's head. */
  readonly firstByteMs: number
  /** Between two chunks of the body. */
  readonly idleMs: number
  readonly totalMs: number
}

export interface SendOptions {
  readonly deadlines: Deadlines
  readonly signal: AbortSignal
  /**
   * Asked a few times a second: true ends the exchange as `aborted`. For what ends a request seldom (a revoked key): a
   * signal of its own for that costs every request a tenth.
   */
  readonly isGivenUp?: () => boolean
  /** Called when bytes of the request may have reached the upstream: from here on a retry could answer twice. */
  readonly onDispatch?: () => void
}

/** Where whoever asks models sends its requests. */
export interface InferenceExit {
  send(to: Destination, what: Outbound, options: SendOptions): Promise<Sent>
}

/**
 * The door itself. `send` takes what it is told to the house, and nothing at all to a cloud: a cloud gets what was
 * sealed for it.
 */
export interface InferenceDoor extends InferenceExit {
  /** Where a destination is. null: nobody knows yet (ask `locate`), or it cannot be reached (`send` tells why). */
  localityOf(to: Destination): Locality | null
  locate(to: Destination): Promise<Locality | null>
  sendSealed(to: Destination, request: ScrubbedRequest, options: SendOptions): Promise<Sent>
}

/** Outcomes are values; `send` rejects only for programmer errors. */
export type Sent =
  | {
      readonly kind: 'answer'
      readonly status: number
      readonly headers: Headers
      /** The whole body; `failed` when it broke off, was longer than `limit`, or a deadline passed. */
      bytes(limitBytes: number): Promise<BodyRead>
      /** The body chunk by chunk. Never rejects: its last value says how it ended. */
      chunks(): ChunkReader
    }
  | { readonly kind: 'failed'; readonly reason: SendFailure; readonly message: string }
  | { readonly kind: 'denied'; readonly reason: 'egress_denied'; readonly message: string }
  /** Nothing was sent, and no other cloud is to be asked: it would leak, or nobody can tell. */
  | { readonly kind: 'withheld'; readonly message: string; readonly error: AppError }

export type SendFailure = 'refused' | 'unreachable' | 'reset' | 'timeout' | 'tls' | 'dns' | 'malformed' | 'aborted'

export type BodyRead =
  | { readonly kind: 'whole'; readonly bytes: Uint8Array }
  | { readonly kind: 'broken'; readonly reason: SendFailure | 'too_large'; readonly message: string }

export interface ChunkReader {
  next(): Promise<Chunk>
  /** Aborts the upstream at once. Idempotent. */
  cancel(): void
}

export type Chunk =
  | { readonly kind: 'data'; readonly bytes: Uint8Array }
  | { readonly kind: 'end' }
  | { readonly kind: 'broken'; readonly reason: SendFailure; readonly message: string }

/** WebSockets to inference upstreams of the house; none leads to a cloud. */
export interface SocketExit {
  open(to: Destination, what: SocketAsk, options: SocketOptions): Promise<SocketOpened>
}

export interface SocketAsk {
  /** Appended to the base URL, with its query. */
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
}

export interface SocketOptions {
  /** Until the upstream has taken the connection. */
  readonly openMs: number
  readonly signal: AbortSignal
  /** Asked a few times a second while it opens: true ends it as `aborted`. */
  readonly isGivenUp?: () => boolean
  /** A longer message ends the connection. */
  readonly maxMessageBytes: number
  readonly listener: OutSocketListener
}

/** Outcomes are values; `open` rejects only for programmer errors. */
export type SocketOpened =
  | { readonly kind: 'open'; readonly socket: OutSocket }
  /** It answered with a status instead of a WebSocket. */
  | { readonly kind: 'refused'; readonly status: number }
  | { readonly kind: 'failed'; readonly reason: SendFailure; readonly message: string }
  | { readonly kind: 'denied'; readonly reason: 'egress_denied'; readonly message: string }

/** Called from the moment it is open; nothing after `closed`. */
export interface OutSocketListener {
  message(data: string | Uint8Array): void
  /** What was queued has gone, after `send` said `full`. */
  drained(): void
  /** 1006: it broke off without a word; 1009: a message was too long. */
  closed(code: number, reason: string): void
}

export interface OutSocket {
  /** `full`: taken, but wait for `drained` before more; `closed`: nobody will read it. */
  send(data: string | Uint8Array): 'sent' | 'full' | 'closed'
  /** No more messages until `resume`, except for a few that are on their way; the other side feels it. */
  pause(): void
  resume(): void
  close(code: number, reason: string): void
  /** At once, without a word. */
  cut(): void
}

/**
 * GET only, no body, no credentials but a token for the host it was made for; redirects are followed and each hop
 * is checked.
 */
export interface DownloadExit {
  /** A small document, whole. */
  text(
    url: string,
    options: {
      readonly limitBytes: number
      readonly timeoutMs: number
      readonly signal: AbortSignal
      readonly headers?: Readonly<Record<string, string>>
    },
  ): Promise<{ readonly status: number; readonly headers: Headers; readonly text: string }>
  /**
   * A part of a file from `offset` on, as a stream of chunks; answers the status (200 or 206) and the whole size
   * where known.
   */
  open(
    url: string,
    options: {
      readonly offset: number
      readonly idleMs: number
      readonly signal: AbortSignal
      readonly headers?: Readonly<Record<string, string>>
    },
  ): Promise<
    | {
        readonly kind: 'answer'
        readonly status: number
        readonly headers: Headers
        readonly totalBytes: number | null
        chunks(): ChunkReader
      }
    | { readonly kind: 'failed'; readonly reason: SendFailure; readonly message: string }
  >
}

/** What is allowed, from the config; replaced whole at a reload. */
export interface EgressPolicy {
  /** null: proxy variables of the environment are not honoured. */
  readonly proxy: string | null
  /** The one address that telemetry may go to; null or not said = none. */
  readonly telemetry?: string | null
}

/** Figures about requests, never what was asked or said; to one configured address. Never rejects. */
export interface TelemetryExit {
  post(job: {
    readonly url: string
    readonly headers: Readonly<Record<string, string>>
    readonly body: Uint8Array
    readonly timeoutMs: number
    readonly signal: AbortSignal
  }): Promise<TelemetryPosted>
}

export type TelemetryPosted =
  | { readonly kind: 'answer'; readonly status: number; readonly headers: Headers; readonly text: string }
  | { readonly kind: 'failed'; readonly reason: SendFailure; readonly message: string }
  | { readonly kind: 'denied'; readonly message: string }
