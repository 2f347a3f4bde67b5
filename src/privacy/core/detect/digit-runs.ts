/** A number as people write it: groups of digits with one or two separators between them. */
export interface DigitRun {
  /** At its first digit, or at `+` or `(` before that. */
  readonly start: number
  readonly end: number
  readonly digits: number
  /** A bit for each length of its groups, see `bitOf`; of what is left of a run those of the whole. */
  readonly groups: number
  /** How many groups; of what is left of a run those of the whole. */
  readonly count: number
}

/** For groups of so many digits. */
export function bitOf(length: number): number {
  return 1 << Math.min(length, longestGroup)
}

const longestGroup = 30

/** The longest run, whose first digit stands at `first`. */
export function digitRunAt(text: string, first: number): DigitRun {
  let digits = 0
  let groups = 0
  let count = 0
  let end = first
  for (let next = first; next >= 0; next = afterSeparators(text, end)) {
    end = next + 1
    while (isDigit(text.charCodeAt(end))) end++
    digits += end - next
    groups |= bitOf(end - next)
    count++
  }
  return { start: beginOf(text, first), end, digits, groups, count }
}

/**
 * What is left of a run behind `from`; null: nothing. The cost is that of what is left out, so that a run of many
 * numbers costs no more than its length.
 */
export function restOfRun(text: string, run: DigitRun, from: number): DigitRun | null {
  let digits = run.digits
  for (let index = run.start; index < from; index++) if (isDigit(text.charCodeAt(index))) digits--
  for (let index = from; index < run.end; index++)
    if (isDigit(text.charCodeAt(index))) return { ...run, start: Math.max(from, beginOf(text, index)), digits }
  return null
}

/** Where the next group begins behind one or two separators; -1: the run ends here. */
function afterSeparators(text: string, end: number): number {
  if (!isSeparator(text.charCodeAt(end))) return -1
  if (isDigit(text.charCodeAt(end + 1))) return end + 1
  return isSeparator(text.charCodeAt(end + 1)) && isDigit(text.charCodeAt(end + 2)) ? end + 2 : -1
}

function isDigit(unit: number): boolean {
  return unit >= 48 && unit <= 57
}

function isSeparator(unit: number): boolean {
  // blank ( ) + , - . / : and the blank that breaks no line
  return unit === 32 || (unit >= 40 && unit <= 47 && unit !== 42) || unit === 58 || unit === 0xa0
}

function beginOf(text: string, first: number): number {
  let start = first
  while (start > 0 && first - start < 2 && (text[start - 1] === '+' || text[start - 1] === '(')) start--
  return start
}
