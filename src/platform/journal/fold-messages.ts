import { AppError, messageOf } from '#kernel/errors.ts'
import type { ErrorKind } from '#kernel/errors.ts'
import type { FoldAsk, Folded, Position } from './contract.ts'

/** From the thread that serves to the one that folds. `begin` comes first and has no answer, every other has one. */
export type ToWorker =
  | { readonly do: 'begin'; readonly settings: unknown }
  | { readonly do: 'position'; readonly journal: string }
  | { readonly do: 'fold'; readonly ask: FoldAsk }
  | { readonly do: 'end' }

export type FromWorker =
  | { readonly did: 'position'; readonly position: Position | null }
  | { readonly did: 'fold'; readonly folded: Folded }
  | { readonly did: 'end' }
  | { readonly did: 'fail'; readonly error: SentError }

/** What a message keeps of an error: an AppError would arrive as a plain Error, without its kind. */
export interface SentError {
  readonly kind: ErrorKind
  readonly reason: string
  readonly message: string
  readonly cause: string | null
}

export function sentError(thrown: unknown): SentError {
  if (!(thrown instanceof AppError)) {
    return { kind: 'internal', reason: 'internal', message: messageOf(thrown), cause: null }
  }
  const { kind, reason, message, cause } = thrown
  return { kind, reason, message, cause: cause === undefined ? null : messageOf(cause) }
}

export function receivedError({ kind, reason, message, cause }: SentError): AppError {
  return new AppError(kind, message, cause === null ? { reason } : { reason, cause: new Error(cause) })
}
