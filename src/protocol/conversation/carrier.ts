import type { AppError } from '../../kernel/errors.ts'
import type { Usage } from '../../kernel/words.ts'

/**
 * Carries the events of an upstream's stream to the caller: as they came where both speak the same dialect, translated
 * where not. Takes whole events (see sse-split.ts) and never throws.
 */
export interface Carrier {
  pass(events: Uint8Array): Carried
  /** A word, a thought or a tool call has been passed. */
  readonly hasOutput: boolean
  /** The answer has all that a complete one needs; its end may follow without a terminal event. */
  readonly isTerminal: boolean
  readonly usage: Usage
  /** The upstream's own error event, in its words. */
  readonly error: string | null
  /** It was passed on in a form that the caller's clients look for; otherwise they have to be told. */
  readonly isErrorShown: boolean
  readonly isMalformed: boolean
  /** The last events of a complete answer: what tells the client that it is whole. */
  end(): string
  /** The last events of one that broke off. */
  breakOff(error: AppError): string
}

export interface Carried {
  /** What the caller gets of these events; as they came, wherever nothing has to change. */
  readonly bytes: Uint8Array
  /** The terminal event was among them; it is not in `bytes`: who relays sends `end()` when all is written down. */
  readonly isDone: boolean
}
