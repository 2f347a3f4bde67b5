import { AppError } from '../../../kernel/errors.ts'
import type { Json, OutputPart, Reply } from '../../conversation/conversation.ts'
import { isObject, objectsOf, textOf, textOrEmpty } from '../../json/members.ts'
import { readCounts } from './counts.ts'
import { readFinish } from './finish.ts'
import { readThought } from './thought.ts'

/** Throws AppError `upstream` for an answer that says itself that it failed. */
export function readAnswer(body: Json): Reply | null {
  if (!Array.isArray(body.output)) return null
  const failure = failureIn(body)
  if (failure !== null) {
    throw new AppError('upstream', `The upstream's answer failed: ${failure.message}`, { reason: 'upstream_error' })
  }
  const parts = objectsOf(body.output).flatMap(partsOf)
  return {
    id: textOf(body.id),
    model: textOf(body.model),
    parts,
    finish: readFinish(body, new Set(parts.map(({ kind }) => kind))),
    usage: readCounts(body.usage),
  }
}

/** One output item. What the upstream's own tools did is told in the message. */
export function partsOf(item: Json): readonly OutputPart[] {
  switch (item.type) {
    case 'message':
      return objectsOf(item.content).flatMap((part): readonly OutputPart[] => {
        if (part.type === 'refusal') return [{ kind: 'refusal', text: textOrEmpty(part.refusal) }]
        return part.type === 'output_text' ? [{ kind: 'text', text: textOrEmpty(part.text) }] : []
      })
    case 'reasoning':
      return [readThought(item)]
    case 'function_call':
      return [callOf(item, textOrEmpty(item.arguments))]
    case 'custom_tool_call':
      return [callOf(item, textOrEmpty(item.input))]
    default:
      return []
  }
}

const callOf = (item: Json, said: string): OutputPart => ({
  kind: 'tool_call',
  id: textOrEmpty(item.call_id) || textOrEmpty(item.id),
  name: textOrEmpty(item.name),
  arguments: said,
})

/** The error that a Response or an `error` event tells of, in all forms that servers write. */
export function failureIn(body: Json): { readonly message: string; readonly code: string | null } | null {
  const { error } = body
  if (typeof error === 'string' && error !== '') return { message: error, code: null }
  if (isObject(error)) {
    return { message: textOrEmpty(error.message) || 'it does not say why', code: textOf(error.code) }
  }
  const hasFailed = body.status === 'failed' || body.status === 'cancelled'
  return hasFailed ? { message: `its status is ${textOrEmpty(body.status)}`, code: null } : null
}
