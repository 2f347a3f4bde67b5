import type { Json } from '../conversation/conversation.ts'
import { isForeignData } from '../conversation/sealed.ts'
import { isObject, objectOf } from '../json/members.ts'
import { isClaude, traitsOf } from './model-traits.ts'
import { vendorId } from './write-turns.ts'

/**
 * The turns of a request that goes to Anthropic as it is, without what another model left in them: a conversation that
 * began with a model in the house may go on with one of the vendor's, which refuses thoughts that it did not sign and
 * ids that it would not write. null: there is nothing to mend, or the model is not the vendor's.
 */
export function mendedHistory(messages: unknown, model: string): readonly unknown[] | null {
  if (!Array.isArray(messages) || !isClaude(model)) return null
  let hasChanged = false
  const mended = messages.flatMap((message): readonly unknown[] => {
    if (!isObject(message) || !Array.isArray(message.content)) return [message]
    const before: readonly unknown[] = message.content
    const content = before.flatMap(mendedBlock)
    if (content.length === before.length && content.every((block, at) => block === before[at])) return [message]
    hasChanged = true
    return content.length === 0 ? [] : [{ ...message, content }]
  })
  return hasChanged ? mended : null
}

/**
 * Whether thinking has to be switched off: models that take a budget want the thought back that led to the calls whose
 * results come now, and another model's they would refuse.
 */
export function lacksItsThought({ thinking }: Json, messages: unknown, model: string): boolean {
  if (objectOf(thinking)?.type !== 'enabled' || !Array.isArray(messages)) return false
  if (!isClaude(model) || traitsOf(model).thinking !== 'budget') return false
  const isAnswered = contentOf(messages.at(-1)).some((block) => objectOf(block)?.type === 'tool_result')
  const answer: unknown = messages.findLast((message: unknown) => objectOf(message)?.role === 'assistant')
  const first = objectOf(contentOf(answer)[0])?.type
  return isAnswered && first !== 'thinking' && first !== 'redacted_thinking'
}

function contentOf(message: unknown): readonly unknown[] {
  const content = objectOf(message)?.content
  return Array.isArray(content) ? content : []
}

function mendedBlock(block: unknown): readonly unknown[] {
  if (!isObject(block)) return [block]
  switch (block.type) {
    case 'thinking':
      return block.signature === '' ? [] : [block]
    case 'redacted_thinking':
      return isForeignData(block.data) ? [] : [block]
    case 'tool_use':
      return [withId(block, 'id')]
    case 'tool_result':
      return [withId(block, 'tool_use_id')]
    default:
      return [block]
  }
}

function withId(block: Json, name: string): Json {
  const id = block[name]
  if (typeof id !== 'string' || vendorId(id) === id) return block
  return { ...block, [name]: vendorId(id) }
}
