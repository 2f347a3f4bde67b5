import type { Delta, Json, OutputPart, Reply } from '../../conversation/conversation.ts'
import { isObject, objectsOf, someTextOf, textOrEmpty } from '../../json/members.ts'
import { CallFragments } from './call-fragments.ts'
import { countsOf } from './counts.ts'
import { readFinish } from './finish.ts'
import { thought } from './read-parts.ts'
import { textIn, thoughtsIn } from './stream-reader.ts'

/** A whole answer with the same freedoms as a stream's chunks; null: this is none. */
export function readAnswer(body: Json): Reply | null {
  const choice = objectsOf(body.choices)[0]
  if (choice === undefined || !isObject(choice.message)) return null
  const id = someTextOf(body.id)
  const parts = partsOf(choice.message, id)
  const read = readFinish(choice, {
    hasCalls: parts.some((part) => part.kind === 'tool_call'),
    hasRefusal: parts.some((part) => part.kind === 'refusal'),
  })
  return {
    id,
    model: someTextOf(body.model),
    parts,
    finish: read.kind === 'finish' ? read.finish : null,
    usage: countsOf(body),
  }
}

function partsOf(message: Json, answerId: string | null): readonly OutputPart[] {
  const thoughts = thoughtsIn(message)
  const text = textIn(message.content)
  const refusal = textOrEmpty(message.refusal)
  return [
    ...(thoughts === '' ? [] : [thought(thoughts)]),
    ...(text === '' ? [] : [{ kind: 'text', text } as const]),
    ...(refusal === '' ? [] : [{ kind: 'refusal', text: refusal } as const]),
    ...callsOf(message, answerId),
  ]
}

function callsOf(message: Json, answerId: string | null): readonly OutputPart[] {
  const fragments = new CallFragments(() => answerId)
  // A whole call is never the end of another one: numbers that repeat would make it so.
  const calls = objectsOf(message.tool_calls).map((call, index) => ({ ...call, index }))
  const legacy = isObject(message.function_call) ? [{ index: calls.length, function: message.function_call }] : []
  return [...calls, ...legacy].flatMap((call) => partOf(fragments.read(call)))
}

function partOf(deltas: readonly Delta[]): readonly OutputPart[] {
  const [begun, text] = deltas
  if (begun?.kind !== 'tool_call') return []
  const { id, name } = begun
  return [{ kind: 'tool_call', id, name, arguments: text?.kind === 'arguments' ? text.text : '' }]
}
