import type { AppError } from '#kernel/errors.ts'
import type { Exchange } from '#passage/exchange.ts'
import { newRequestId } from '#platform/crypto/ids.ts'
import { errorResponse, statusOf } from '#platform/http/errors.ts'
import type { Logger } from '#platform/log/logger.ts'
import type { Json } from '#protocol/conversation/conversation.ts'
import type { ErrorFacts } from '#protocol/conversation/dialect.ts'
import { unknownUsage } from '#protocol/openai/usage.ts'
import { clientGone } from '../../errors.ts'
import type { Interruptions } from './interruptions.ts'
import type { Opened } from './open-target.ts'
import type { Witness } from './witness.ts'

/** What ended a request that gave up: its client, or we ourselves. */
export function endingOf(
  error: AppError,
  { interruptions }: { readonly interruptions: Interruptions },
  { exchange, signal }: { readonly exchange: Exchange | null; readonly signal: AbortSignal },
): AppError {
  if (error.kind === 'internal' || exchange === null) return error
  if (signal.aborted) return clientGone()
  return error.reason === 'client_gone' ? (interruptions.of(exchange.caller) ?? error) : error
}

/** An error of ours: the row, then the answer. `body` writes it in the caller's dialect; not there: as OpenAI does. */
export function fail(
  exchange: Exchange | null,
  error: AppError,
  { log, body }: { readonly log: Logger; readonly body?: (error: AppError, facts: ErrorFacts) => Json },
): Response {
  const isGone = error.reason === 'client_gone'
  exchange?.end({
    status: isGone ? 499 : statusOf(error),
    outcome: isGone || error.reason === 'key_revoked' ? 'aborted' : 'failed',
    usage: unknownUsage,
    reason: error.reason,
  })
  const headers = exchange?.headers ?? { 'x-request-id': newRequestId() }
  const requestId = headers['x-request-id'] ?? ''
  return errorResponse(error, log.child({ request: requestId }), {
    headers,
    ...(body === undefined ? {} : { body: (status: number) => body(error, { status, requestId }) }),
  })
}

/**
 * Nobody answered. In the upstream's own words where it spoke to the caller's request in the caller's dialect; throws
 * the error otherwise.
 */
export function refuse(
  exchange: Exchange,
  { refusal: { error, asWritten }, headers }: Opened<unknown> & { readonly ok: false },
  witness: Witness | null = null,
): Response {
  if (asWritten === undefined) throw error
  exchange.end({ status: asWritten.status, outcome: 'failed', usage: unknownUsage, reason: error.reason })
  witness?.saw(asWritten.bytes)
  witness?.leave(asWritten.headers['content-type'] ?? '')
  return new Response(asWritten.bytes as Uint8Array<ArrayBuffer>, {
    status: asWritten.status,
    headers: { ...exchange.headers, ...headers, ...asWritten.headers },
  })
}

/** The log of bodies gets refusals, too. */
export function testify(witness: Witness, refusal: Response): void {
  void refusal.bytes().then((bytes) => {
    witness.saw(bytes)
    witness.leave(refusal.headers.get('content-type') ?? '')
  })
}
