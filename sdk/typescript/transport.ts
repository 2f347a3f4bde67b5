/** One request as it goes on the wire. */
export interface WireRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Path and query, for example `/api/requests?limit=5`. */
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | null
  readonly signal: AbortSignal | null
}

/** The head of an answer, and its body as it arrives. The body is read once, or left with `discard()`. */
export interface WireAnswer {
  readonly status: number
  readonly headers: Headers
  readonly chunks: AsyncIterable<Uint8Array>
  /** Ends the connection of an answer that nobody reads on. */
  discard(): void
}

/**
 * How requests reach the house. `send` rejects with a HearthError of code `unreachable` when nobody answered, and
 * `aborted` when the signal fired; the same codes come out of `chunks`.
 */
export interface Transport {
  /** Where this leads, for messages: an URL or a socket's path. */
  readonly target: string
  send(request: WireRequest): Promise<WireAnswer>
}
