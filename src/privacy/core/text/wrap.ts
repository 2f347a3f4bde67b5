/**
 * Values that are broken over lines: a key, a number or an address whose end stands on the next line, behind
 * indentation, a quotation mark (`> `) or with a continuation (`\`) at the line's end. Only breaks count between
 * characters that values have, where what stands beside them is not two plain words; prose has hardly any.
 */
import { rewriteReading, Rewrites, surroundings, type Reading } from './reading.ts'

/**
 * Readings in which the breaks are taken out; none: no value is broken here. Where groups of digits or of an account's
 * number meet, the break may stand for their blank: that is one more reading.
 */
export function joinedReadings(base: Reading): readonly Reading[] {
  const { text } = base.view
  const glued = new Rewrites()
  const spaced = new Rewrites()
  for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', end + 1)) {
    const from = lineEndsAt(text, end)
    const to = nextLineBegins(text, end + 1)
    if (from <= (glued.to[glued.size - 1] ?? 0) || !isValueUnit(text, from - 1) || !isValueUnit(text, to)) continue
    if (mayBeBroken(text, from, to)) glued.add(from, to, '')
    else if (isHyphenated(text, from, to)) glued.add(from - 1, to, '')
    if (groupUnit.test(text.charAt(from - 1)) && groupUnit.test(text.charAt(to))) spaced.add(from, to, ' ')
  }
  const how = { kind: base.view.kind, counts: 'crossing', margin: surroundings } as const
  return [glued, spaced]
    .filter(({ size }) => size > 0)
    .map((rewrites) => ({ ...rewriteReading(base, { ...how, rewrites }), isFolded: base.isFolded }))
}

const groupUnit = /[0-9A-Z]/

const mostIndentation = 64
/** More of a token than this need not be seen to tell that it is no word. */
const mostTokenUnits = 40

function lineEndsAt(text: string, newline: number): number {
  const least = Math.max(0, newline - mostIndentation)
  let end = newline
  if (text[end - 1] === '\r') end--
  // Quoted-printable and shells say in this way that the line goes on.
  if (text[end - 1] === '\\' || text[end - 1] === '=') end--
  while (end > least && (text[end - 1] === ' ' || text[end - 1] === '\t')) end--
  return end
}

function nextLineBegins(text: string, from: number): number {
  const most = Math.min(text.length, from + mostIndentation)
  let begin = from
  while (begin < most && ' \t>|'.includes(text.charAt(begin))) begin++
  return begin
}

function isValueUnit(text: string, index: number): boolean {
  return index >= 0 && index < text.length && valueUnit.test(text.charAt(index))
}

const valueUnit = /[A-Za-z0-9@._\-+/%:\u00c0-\u024f]/
/** As words are written, with a first capital or in capitals; anything else mixed is no word. */
const plainWord = /^(?:[A-Z\u00c0-\u00de]?[a-z\u00df-\u024f]+|[A-Z\u00c0-\u00de]+)$/

/** Two plain words are no value; nor is a sentence's last word with the first one of the next. */
function mayBeBroken(text: string, from: number, to: number): boolean {
  let start = from
  while (start > 0 && from - start < mostTokenUnits && isValueUnit(text, start - 1)) start--
  let end = to
  while (end < text.length && end - to < mostTokenUnits && isValueUnit(text, end)) end++
  const left = text.slice(start, from)
  const right = text.slice(to, end).replace(/[.:]+$/, '')
  // A list's mark is the second.
  return !(isWord(left.replace(/[.:-]$/, '')) && isWord(right)) && !/^[-+]$/.test(right)
}

/** A word that a hyphen breaks at the line's end. */
function isHyphenated(text: string, from: number, to: number): boolean {
  return text[from - 1] === '-' && isWord(text.charAt(from - 2)) && /[a-z\u00df-\u024f]/.test(text.charAt(to))
}

function isWord(token: string): boolean {
  return plainWord.test(token)
}
