import { AppError } from '../../kernel/errors.ts'
import type { Json } from '../conversation/conversation.ts'
import { scanMembers } from './bytes.ts'
import { invalid, isObject, wrong } from './members.ts'
import { maxNesting, tooDeepMember } from './nesting.ts'

/** Longer names are nobody's; looking for their like would cost the house more than the request. */
const maxModelLength = 500

const decoder = new TextDecoder('utf-8', { fatal: true })

/** The body of any request that names its model. Throws AppError `invalid` with the member at fault. */
export function readBody(bytes: Uint8Array): { readonly text: string; readonly body: Json; readonly model: string } {
  const text = readText(bytes)
  const body = parseObject(text)
  return { text, body, model: checkedModel(body.model) }
}

/** The model's name of a body, a form or an address. Throws AppError `invalid`. */
export function checkedModel(model: unknown): string {
  if (typeof model !== 'string' || model === '') throw wrong('model', 'a model name (a text)', model)
  if (model.length > maxModelLength)
    throw wrong('model', `a name of at most ${maxModelLength} characters`, `${model.slice(0, 60)}…`)
  return model
}

export const noStream = (endpoint: string): AppError =>
  invalid('stream', `is not possible for ${endpoint}; leave it out`)

function readText(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes)
  } catch {
    throw new AppError('invalid', 'The request body is not valid UTF-8; send JSON in UTF-8.', {
      reason: 'invalid_utf8',
    })
  }
}

function parseObject(text: string): Json {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    const detail =
      text.trim() === ''
        ? 'it is empty'
        : error instanceof Error
          ? error.message.replace('JSON Parse error: ', '')
          : 'unreadable'
    throw new AppError('invalid', `The request body is not JSON: ${detail}.`, { reason: 'invalid_json' })
  }
  if (!isObject(value))
    throw new AppError('invalid', 'The request body must be a JSON object.', { reason: 'invalid_request' })
  const deep = tooDeepMember(text, value)
  if (deep !== null) throw invalid(deep.slice(0, 60), `nests more than ${maxNesting} levels deep; send it flatter`)
  return value
}

/** A name may be written with escapes: only then, or where it is seen twice, are all members looked at. */
export function isModelRepeated(text: string, bytes: Uint8Array): boolean {
  const first = text.indexOf('"model"')
  if (first >= 0 && text.indexOf('"model"', first + 7) < 0 && !text.includes('\\u00')) return false
  return scanMembers(bytes).filter(({ name }) => name === 'model').length > 1
}
