import { objects, type Json } from '../scripted-turn.ts'
import { isObject, type Fault } from './api.ts'

/** Conversations that Anthropic holds for clients, by the id of the last answer. */
export class Threads {
  readonly #held = new Map<string, readonly Json[]>()

  /** The request with what came before, or why there is none. */
  whole(body: Json): { readonly body: Json } | { readonly fault: Fault } {
    const { thread, ...rest } = body
    if (!isObject(thread) || thread['type'] !== 'continue') return { body: rest }
    const before = this.#held.get(String(thread['previous_message_id']))
    if (before === undefined)
      return {
        fault: { status: 404, code: null, message: 'Thread not found.', details: { error_code: 'thread_not_found' } },
      }
    return { body: { ...rest, messages: [...before, ...objects(rest['messages'])] } }
  }

  /** `body` as it was asked with, `whole` with what came before. */
  keep(body: Json, whole: Json, answer: Json): void {
    if (!isObject(body['thread'])) return
    const said = { role: 'assistant', content: answer['content'] }
    this.#held.set(String(answer['id']), [...objects(whole['messages']), said])
  }
}
