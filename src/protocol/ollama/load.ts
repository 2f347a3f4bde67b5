import type { Conversation, Json, Turn } from '../conversation/conversation.ts'
import { unsupported } from '../json/members.ts'

/**
 * Ollama loads a model when it is asked nothing; `ollama run` and others begin so. Here the model is asked for one
 * token: it is loaded when that is there.
 */
export const loadTurn: Turn = { role: 'user', parts: [] }

export function isLoad({ turns, maxTokens }: Conversation): boolean {
  const [turn] = turns
  return turns.length === 1 && maxTokens === 1 && turn?.role === 'user' && turn.parts.length === 0
}

/** Nothing to say and `keep_alive: 0` asks for the model to be unloaded. */
export function refuseUnload(body: Json): void {
  const { keep_alive: keep } = body
  if (keep !== 0 && (typeof keep !== 'string' || !/^0[a-z]*$/.test(keep))) return
  throw unsupported(
    'keep_alive',
    'keep_alive: 0 does not unload a model here: others may be using it. Unload it on the page of models, with ' +
      '`hearth models unload`, or by its ttl in hearth.yaml.',
  )
}
