import type { Finish } from '../conversation/conversation.ts'

type Reason = Finish['reason']

/** `stop_reason` as the vendor says it, in neutral words. A reason that is not known yet is an end like others. */
const reasons: Readonly<Record<string, Reason>> = {
  end_turn: 'stop',
  max_tokens: 'length',
  model_context_window_exceeded: 'length',
  stop_sequence: 'stop_sequence',
  tool_use: 'tool_calls',
  pause_turn: 'pause',
  compaction: 'pause',
  refusal: 'refusal',
}

export function readFinish(stopReason: unknown, stopSequence: unknown): Finish | null {
  if (typeof stopReason !== 'string') return null
  return { reason: reasons[stopReason] ?? 'stop', sequence: typeof stopSequence === 'string' ? stopSequence : null }
}

const stopReasons: Readonly<Record<Reason, string>> = {
  stop: 'end_turn',
  length: 'max_tokens',
  tool_calls: 'tool_use',
  content_filter: 'refusal',
  refusal: 'refusal',
  stop_sequence: 'stop_sequence',
  pause: 'pause_turn',
}

export interface Said {
  readonly hasCalls: boolean
  readonly hasRefusal: boolean
}

/**
 * The `stop_reason` of an answer. Some engines end calls with `stop`, and some say `tool_calls` without one: clients of
 * this dialect go by the reason, so it follows what the answer holds.
 */
export function stopReason(finish: Finish | null, { hasCalls, hasRefusal }: Said): string {
  const reason = finish?.reason ?? 'stop'
  if (reason === 'stop' || reason === 'tool_calls') {
    if (hasCalls) return 'tool_use'
    return hasRefusal ? 'refusal' : 'end_turn'
  }
  // Which sequence was met is not known: "met one" without its text is read as a fault by some clients.
  if (reason === 'stop_sequence' && finish?.sequence === null) return 'end_turn'
  return stopReasons[reason]
}
