import type { EntityType, Found, Place, Recogniser, Trigger } from '../words.ts'
import { hasContext, type ContextWords } from './context.ts'
import { digitGroups, type Alone } from './digit-runs.ts'
import { isWordCode, standsAlone } from './edges.ts'

/** A number with letters, or with a shape that lengths of groups do not tell. */
export interface WrittenNumber {
  readonly id: string
  readonly type: EntityType
  readonly trigger: Trigger
  /** How far before the trigger (or before a group of its digits) it may begin. */
  readonly back: number
  /** Sticky; on the text as it is. Bounded: what it matches has at most 64 characters. */
  readonly pattern: RegExp
  readonly alone: Alone
  readonly words: ContextWords
  /** Without separators, in upper case. */
  isValid(compact: string): boolean
  /** Has no check digit: only its looks, and perhaps a word, speak for it. */
  readonly isUnchecked?: boolean
}

/** How far such a number may go on behind its digits. */
const longest = 64

export function writtenNumber(rule: WrittenNumber): Recogniser {
  return {
    id: rule.id,
    type: rule.type,
    trigger: triggerOf(rule),
    match(place) {
      if (rule.trigger.kind !== 'digits') return around(rule, place, place.start)
      // A run of digits has no words in it: what stands around all of it is all that can name a number in it.
      if (rule.alone === 'never' && !hasContext(place, rule.words, 64 + rule.back, 32 + longest)) return null
      const { groups, first } = digitGroups(place)
      for (let index = first; index < groups.length; index++) {
        const found = around(rule, place, groups[index]?.start ?? place.start)
        if (found !== null) return found
      }
      return null
    },
  }
}

function triggerOf({ trigger, alone, words: { list } }: WrittenNumber): Trigger {
  if (trigger.kind !== 'digits' || alone !== 'never') return trigger
  return { ...trigger, only: { ...trigger.only, near: { list, when: 'always' } } }
}

function around(rule: WrittenNumber, place: Place, at: number): Found | null {
  const { text } = place.view
  for (let start = at; start >= Math.max(0, at - rule.back); start--) {
    if (start > 0 && isWordCode(text.charCodeAt(start - 1))) continue
    rule.pattern.lastIndex = start
    const written = rule.pattern.exec(text)?.[0]
    if (written === undefined) continue
    const found = judge(rule, place, start, written)
    if (found !== null) return found
  }
  return null
}

function judge(rule: WrittenNumber, { view }: Place, start: number, written: string): Found | null {
  const end = start + written.length
  const canonical = written.replace(/[^A-Za-z0-9]/g, '').toUpperCase()
  if (!standsAlone(view.text, start, end) || !rule.isValid(canonical)) return null
  const isNamed = hasContext({ view, start, end }, rule.words)
  const isGrouped = canonical.length !== written.length
  if (!isNamed && (rule.alone === 'never' || (rule.alone === 'grouped' && !isGrouped))) return null
  const isValidated = rule.isUnchecked !== true
  const score = isNamed ? (isValidated ? 0.99 : 0.85) : isValidated ? 0.9 : 0.6
  return { start, end, score, isValidated, canonical }
}
