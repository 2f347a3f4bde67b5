import type { Finish, Json } from '../../conversation/conversation.ts'
import { isObject } from '../../json/members.ts'

/** `kinds`: what was said. null: it does not say that it ended. */
export function readFinish(body: Json, kinds: ReadonlySet<string>): Finish | null {
  const finish = (reason: Finish['reason']): Finish => ({ reason, sequence: null })
  if (body.status === 'incomplete') {
    const reason = isObject(body.incomplete_details) ? body.incomplete_details.reason : null
    return finish(reason === 'content_filter' ? 'content_filter' : 'length')
  }
  // Some servers leave the status out of an answer that is whole.
  if (body.status !== undefined && body.status !== null && body.status !== 'completed') return null
  if (kinds.has('tool_call')) return finish('tool_calls')
  const isRefused = kinds.has('refusal') && !kinds.has('text')
  return finish(isRefused ? 'refusal' : 'stop')
}

export interface Ending {
  readonly status: 'completed' | 'incomplete'
  readonly incomplete: string | null
}

/**
 * How an answer ended; `finish: null` = nobody said that it is whole. A refusal is words of its own here; where a
 * vendor only ended the answer for it, it looks as if a filter had.
 */
export function endingOf(finish: Finish | null, { hasRefusal }: { readonly hasRefusal: boolean }): Ending {
  if (finish === null) return { status: 'incomplete', incomplete: null }
  if (finish.reason === 'length') return { status: 'incomplete', incomplete: 'max_output_tokens' }
  if (finish.reason === 'content_filter' || (finish.reason === 'refusal' && !hasRefusal))
    return { status: 'incomplete', incomplete: 'content_filter' }
  return { status: 'completed', incomplete: null }
}
