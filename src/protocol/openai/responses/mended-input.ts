import { isSealedByAnthropic } from '../../conversation/sealed.ts'
import { isObject } from '../../json/members.ts'
import { openSealed } from './thought.ts'

/**
 * The input of a request that goes to a Responses upstream as it is, without thoughts that only another model can take
 * back: those that another vendor signed or sealed, and those of which nothing is left but a summary. A vendor also
 * refuses thoughts in clear; engines read them. null: there is nothing to mend.
 */
export function mendedInput(input: unknown, isVendor: boolean): readonly unknown[] | null {
  if (!Array.isArray(input)) return null
  const kept = input.filter((item: unknown) => !isForeignThought(item, isVendor))
  return kept.length === input.length ? null : kept
}

function isForeignThought(item: unknown, isVendor: boolean): boolean {
  if (!isObject(item) || item.type !== 'reasoning') return false
  const { encrypted_content: content } = item
  if (typeof content !== 'string' || content === '')
    return isVendor || !Array.isArray(item.content) || item.content.length === 0
  const { signature, sealed } = openSealed(content)
  return signature !== null || (sealed !== null && isSealedByAnthropic(sealed))
}
