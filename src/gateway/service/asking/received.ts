import type { AppError } from '#kernel/errors.ts'
import type { FailureClass } from '#kernel/routing.ts'
import type { Sent } from '#platform/egress/contract.ts'
import type { Target } from '../../core/choose.ts'
import { classOf } from '../../core/failures.ts'
import type { Failure } from '../../core/itinerary.ts'
import { emptyAnswer, upstreamFailed, upstreamMalformed } from '../../errors.ts'
import { nameOf } from './addressing.ts'
import { maxErrorBytes, retryAfterMs, upstreamError, type Refusal } from './upstream-status.ts'

export type Answered = Sent & { readonly kind: 'answer' }

/** What came of asking a target, as far as it decides whether another one is asked. */
export type Received<Taken> =
  | { readonly kind: 'taken'; readonly value: Taken }
  /** `spare`: complete but worth nothing (not a word in it): given if nobody does better. */
  | { readonly kind: 'missed'; readonly failure: Failure; readonly refusal: Refusal; readonly spare?: Taken }
  /** The fault is the request's own: nobody else is asked. */
  | { readonly kind: 'refused'; readonly refusal: Refusal }

export type Missed<Taken> = Received<Taken> & { readonly kind: 'missed' }

/** What is no answer. */
export type Turned = Exclude<Received<never>, { readonly kind: 'taken' }>

export function missed(kind: FailureClass, error: AppError): Missed<never> {
  return { kind: 'missed', failure: { kind, retryAfterMs: null }, refusal: { error } }
}

/** Why nobody answered, as routing knows it. */
export const failureClasses: Readonly<Record<(Sent & { readonly kind: 'failed' })['reason'], FailureClass>> = {
  refused: 'refused',
  unreachable: 'refused',
  dns: 'refused',
  tls: 'refused',
  reset: 'reset',
  timeout: 'timeout',
  malformed: 'malformed',
  aborted: 'reset',
}

/** `what`: why its answer is none. */
export function malformed(answer: Answered, target: Target, what: string): Missed<never> {
  answer.chunks().cancel()
  return missed('malformed', upstreamMalformed(nameOf(target), what))
}

/** Bodies are asked for as they are; a compressed one can be neither read nor passed on as what it says it is. */
export function compressed(answer: Answered, target: Target): Missed<never> | null {
  const coding = answer.headers.get('content-encoding')
  if (coding === null || coding === '' || coding.toLowerCase() === 'identity') return null
  return malformed(answer, target, `its answer is compressed (${coding}), which was not asked for`)
}

/** An answer of 300 and above: as it is written where the fault is the request's own. */
export async function refusedBy(answer: Answered, target: Target): Promise<Turned> {
  const read = await answer.bytes(maxErrorBytes)
  const bytes = read.kind === 'whole' ? read.bytes : new Uint8Array()
  const refusal = upstreamError(nameOf(target), answer.status, answer.headers, bytes)
  const kind = classOf(answer.status, bytes)
  if (kind === null) return { kind: 'refused', refusal }
  return { kind: 'missed', failure: { kind, retryAfterMs: retryAfterMs(answer.headers) }, refusal }
}

/** A body that did not come whole. One that is too large would be so everywhere. */
export function brokenOff(read: { readonly reason: string; readonly message: string }): Turned {
  const error = upstreamFailed(read)
  return read.reason === 'too_large' ? { kind: 'refused', refusal: { error } } : missed('broken', error)
}

export function wordless(target: Target): Missed<never> {
  return missed('empty', emptyAnswer(nameOf(target)))
}
