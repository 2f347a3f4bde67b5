import { AppError } from '#kernel/errors.ts'
import type { Json } from '#protocol/conversation/conversation.ts'
import { createEventSplitter, eventData } from '#protocol/conversation/sse-split.ts'

/** An event holds a whole Response at most, and what it repeats of the request. */
const spareBytes = 4 * 2 ** 20
const maxErrorBytes = 64 * 1024

/**
 * The Response object at the end of a stream of ours. Throws AppError for an answer of 400 and above and for a stream
 * that has no end.
 */
export async function readFinalResponse(answer: Response, bodyBytes: number): Promise<Json> {
  if (answer.status !== 200) throw refusal(answer.status, (await answer.text()).slice(0, maxErrorBytes))
  const splitter = createEventSplitter(bodyBytes + spareBytes)
  let final: Json | null = null
  for await (const chunk of answer.body ?? []) {
    const split = splitter.push(chunk)
    if (split.kind === 'too_long')
      throw new AppError('upstream', 'The answer is larger than what is kept (`responses.body`).', {
        reason: 'response_too_large',
      })
    for (const { event, data } of eventData(split.bytes)) final = finalIn(event, data) ?? final
  }
  if (final === null) throw new AppError('upstream', 'The answer broke off.', { reason: 'stream_incomplete' })
  return final
}

const endings: ReadonlySet<string> = new Set(['response.completed', 'response.incomplete', 'response.failed'])

function finalIn(event: string, data: string): Json | null {
  if (event === 'error') throw new AppError('upstream', messageIn(data), { reason: 'upstream_error' })
  if (!endings.has(event)) return null
  return (JSON.parse(data) as { readonly response: Json }).response
}

function refusal(status: number, text: string): AppError {
  return new AppError('upstream', messageIn(text) || `The request was answered ${status}.`, {
    reason: 'upstream_error',
  })
}

function messageIn(text: string): string {
  try {
    const body = JSON.parse(text) as { readonly message?: unknown; readonly error?: { readonly message?: unknown } }
    const message = body.error?.message ?? body.message
    return typeof message === 'string' ? message : ''
  } catch {
    return ''
  }
}
