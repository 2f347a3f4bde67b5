import type { EntityType, Found, Place, Recogniser, RunHints, View } from '../words.ts'
import { hasContext, type ContextWords } from './context.ts'
import { isDigitCode, standsAlone } from './edges.ts'

/** Digits without anything between them, inside a run of digits. */
export interface DigitGroup {
  readonly start: number
  readonly end: number
}

/** A run of any length: a row of a table is one run and may hold anything. */
export const anyLength = Number.MAX_SAFE_INTEGER

/**
 * The groups of a run, and which is the first one of the place. Many recognisers look at the same run one after the
 * other, and what is left of a run is asked for again: the last one of a view is kept as long as the view. The answer
 * depends on the place alone.
 */
export function digitGroups(place: Place): { readonly groups: readonly DigitGroup[]; readonly first: number } {
  let run = runs.get(place.view)
  if (run === undefined || run.end !== place.end || run.start > place.start) {
    run = { start: place.start, end: place.end, groups: readGroups(place) }
    runs.set(place.view, run)
  }
  const { groups } = run
  if (run.start === place.start) return { groups, first: 0 }
  let low = 0
  let high = groups.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((groups[middle]?.start ?? 0) < place.start) low = middle + 1
    else high = middle
  }
  return { groups, first: low }
}

interface ReadRun {
  readonly start: number
  readonly end: number
  readonly groups: readonly DigitGroup[]
}

const runs = new WeakMap<View, ReadRun>()

function readGroups(place: Place): readonly DigitGroup[] {
  const { text } = place.view
  const groups: DigitGroup[] = []
  let start = -1
  for (let index = place.start; index <= place.end; index++) {
    const isDigit = index < place.end && isDigitCode(text.charCodeAt(index))
    if (isDigit && start < 0) start = index
    if (!isDigit && start >= 0) {
      groups.push({ start, end: index })
      start = -1
    }
  }
  return groups
}

/** How much else is needed for a number whose check digits are right. */
export type Alone =
  /** Nothing: fewer than one in a hundred numbers of its shape pass. */
  | 'always'
  /** Written in its usual groups it is one; bare digits need a word beside them. */
  | 'grouped'
  /** A word beside it, however it is written. */
  | 'never'

/** A number of digits only. */
export interface DigitNumber {
  readonly id: string
  readonly type: EntityType
  /** How it is written, as lengths of groups: `[[11], [2, 3, 3, 3]]`. */
  readonly shapes: readonly (readonly number[])[]
  /** What may stand between groups: one of these. */
  readonly separators: string
  /** Those that need no word; not there: all. `123 456 789` may be any number, `123-456-789` is not. */
  readonly tellingSeparators?: string
  readonly alone: Alone
  /** Has no check digit: only its shape, and perhaps a word, speak for it. */
  readonly isUnchecked?: boolean
  readonly words: ContextWords
  isValid(digits: string): boolean
  canonical?(digits: string): string
}

export function digitNumber(rule: DigitNumber): Recogniser {
  const least = Math.min(...rule.shapes.map((shape) => shape.reduce((sum, length) => sum + length, 0)))
  const firsts = new Set(rule.shapes.map((shape) => shape[0] ?? 0))
  return {
    id: rule.id,
    type: rule.type,
    trigger: {
      kind: 'digits',
      min: least,
      max: anyLength,
      only: { groups: [...firsts], isInside: true, ...nearFor(rule) },
    },
    match(place) {
      const { groups, first } = digitGroups(place)
      for (let index = first; index < groups.length; index++) {
        const group = groups[index]
        if (group === undefined || !firsts.has(group.end - group.start)) continue
        for (const shape of rule.shapes) {
          if (!fits(place.view.text, groups, index, shape, rule.separators)) continue
          const found = judge(rule, place.view, groups, index, shape.length)
          if (found !== null) return found
        }
      }
      return null
    },
  }
}

/** What needs a word is not asked for where none stands; bare digits are one group. */
function nearFor({ alone, words: { list } }: DigitNumber): RunHints {
  if (alone === 'always') return {}
  return { near: { list, when: alone === 'never' ? 'always' : 'single' } }
}

/** Whether the groups from `index` on have these lengths and one of the separators between each two. */
export function fits(
  text: string,
  groups: readonly DigitGroup[],
  index: number,
  shape: readonly number[],
  separators: string,
): boolean {
  for (let offset = 0; offset < shape.length; offset++) {
    const group = groups[index + offset]
    if (group === undefined || group.end - group.start !== shape[offset]) return false
    if (offset === 0) continue
    const before = groups[index + offset - 1]
    if (before === undefined || group.start - before.end !== 1 || !separators.includes(text.charAt(before.end)))
      return false
  }
  return true
}

function judge(
  rule: DigitNumber,
  view: View,
  groups: readonly DigitGroup[],
  index: number,
  count: number,
): Found | null {
  const { text } = view
  const start = groups[index]?.start ?? 0
  const end = groups[index + count - 1]?.end ?? start
  const digits = count === 1 ? text.slice(start, end) : text.slice(start, end).replace(/\D/g, '')
  if (!rule.isValid(digits) || isMonotone(digits) || !standsAlone(text, start, end)) return null
  const isNamed = hasContext({ view, start, end }, rule.words)
  if (!isNamed) {
    if (rule.alone === 'never' || (rule.alone === 'grouped' && count === 1)) return null
    // Columns of a table: the same blanks between digits that are none of this number.
    if (count > 1 && isBlankFlanked(text, start, end)) return null
    if (rule.alone === 'grouped' && !isTelling(rule, text.slice(start, end))) return null
  }
  const isValidated = rule.isUnchecked !== true
  const score = isNamed ? (isValidated ? 0.99 : 0.85) : !isValidated ? 0.7 : rule.alone === 'always' ? 0.9 : 0.8
  return { start, end, score, isValidated, canonical: rule.canonical?.(digits) ?? digits }
}

function isTelling(rule: DigitNumber, written: string): boolean {
  const telling = rule.tellingSeparators ?? rule.separators
  return written.split('').every((unit) => isDigitCode(unit.charCodeAt(0)) || telling.includes(unit))
}

/** 0000000, 1111111: passes many checks and is nobody. */
export function isMonotone(digits: string): boolean {
  return /^(\d)\1*$/.test(digits)
}

function isBlankFlanked(text: string, start: number, end: number): boolean {
  const isBefore = text.charAt(start - 1) === ' ' && isDigitCode(text.charCodeAt(start - 2))
  return isBefore || (text.charAt(end) === ' ' && isDigitCode(text.charCodeAt(end + 1)))
}
