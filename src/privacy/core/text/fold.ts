/**
 * Reading a text as people read it: what is invisible is gone, look-alikes and full-width letters are plain, digits of
 * every script are 0 to 9. Offsets lead back to the text as it was given.
 */
import type { View } from '../words.ts'
import { isHighSurrogate, isMark, lengthAt } from './characters.ts'
import { readingOf } from './confusables.ts'
import { createTrail, rawView, viewOver, type Trail } from './offsets.ts'

/** The text as it is and, where that reads differently, folded. Plain text of Western languages has only the first. */
export function foldedViews(text: string): readonly View[] {
  const raw = rawView(text)
  const folded = foldView(raw)
  return folded === null ? [raw] : [raw, folded]
}

/** null: folding changes nothing. */
export function foldView(view: View): View | null {
  const folded = foldWithTrail(view.text)
  return folded === null ? null : viewOver(view, { kind: view.kind === 'raw' ? 'folded' : view.kind, ...folded })
}

/** For values that are compared with what stands in a folded view. */
export function foldText(text: string): string {
  return foldWithTrail(text)?.text ?? text
}

/** null: folding changes nothing. */
export function foldWithTrail(text: string): { readonly text: string; readonly trail: Trail } | null {
  if (!mayFold.test(text)) return null
  const trail = createTrail()
  const parts: string[] = []
  /** Up to where the text is in the parts; up to where the trail knows: one unit for one tells it nothing new. */
  let copied = 0
  let told = 0
  for (let index = 0; index < text.length;) {
    const unit = text.charCodeAt(index)
    if (isPlain(unit)) {
      index++
      continue
    }
    // A mark belongs to the plain letter before it.
    const from = index > copied && isMark(unit) ? index - 1 : index
    const to = clusterEnd(text, index)
    const isSingle = to - from === 1
    const cluster = isSingle ? '' : text.slice(from, to)
    const folded = isSingle ? foldUnit(unit) : foldCluster(cluster)
    index = to
    if (isSingle ? folded.charCodeAt(0) === unit && folded.length === 1 : folded === cluster) continue
    if (from > copied) parts.push(text.slice(copied, from))
    parts.push(folded)
    copied = to
    if (isSingle && folded.length === 1) continue
    trail.copy(from - told, told)
    trail.replace(folded.length, from, to)
    told = to
  }
  if (copied === 0) return null
  trail.copy(text.length - told, told)
  parts.push(text.slice(copied))
  return { text: parts.join(''), trail: trail.finish() }
}

/** Letters with their marks beyond this are cut: normalising a heap of marks takes the square of its size. */
const mostClusterUnits = 32

/** Everything but printable ASCII, tabs, line ends and those Latin letters that every folding leaves alone. */
const mayFold = /[^\t\n\r\x20-\x7e\u00bf-\u00d6\u00d8-\u00f6\u00f8-\u012f\u0134-\u013e\u0141-\u0148\u014a-\u017e]/

function isPlain(unit: number): boolean {
  if (unit < 0x7f) return unit >= 0x20 || unit === 9 || unit === 10 || unit === 13
  return unit >= 0xbf && unit <= 0x17e && !mayFold.test(String.fromCharCode(unit))
}

function clusterEnd(text: string, index: number): number {
  const last = Math.min(text.length, index + mostClusterUnits)
  let end = index + lengthAt(text, index)
  while (end < last && isMark(text.charCodeAt(end))) end++
  return end
}

const ignorable = /[\p{Cf}\p{Cc}\p{Default_Ignorable_Code_Point}]/u
/** Marks that are drawn over or around a letter and change nothing in how it is read, where they did not become one. */
const overlays = /[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]/
const digit = /\p{Nd}/u
const dash = /\p{Pd}/u
const blank = /\p{Zs}/u
const lineEnd = /[\v\f\u0085\u2028\u2029]/

/** What single units fold to, kept once it was asked for: the same for every text. */
const foldedUnits = Array.from<string | undefined>({ length: 0x10000 })

function foldUnit(unit: number): string {
  return (foldedUnits[unit] ??= foldCluster(String.fromCharCode(unit)))
}

function foldCluster(cluster: string): string {
  // An unpaired surrogate is nothing that could be normalised.
  if (cluster.length === 1 && isHighSurrogate(cluster.charCodeAt(0))) return cluster
  let folded = ''
  for (const character of cluster.normalize('NFKC')) folded += foldCharacter(character)
  return folded
}

function foldCharacter(character: string): string {
  const unit = character.charCodeAt(0)
  if (unit < 0x7f && unit >= 0x20) return character
  if (unit === 9 || unit === 10 || unit === 13) return character
  if (lineEnd.test(character)) return '\n'
  if (ignorable.test(character) || overlays.test(character)) return ''
  if (blank.test(character)) return ' '
  if (dash.test(character)) return '-'
  if (digit.test(character)) return digitOf(character)
  if (character === '\u0130') return 'I'
  return readingOf(character)
}

/** Digits stand in tens, zero first, in every script; some tens stand side by side. */
function digitOf(character: string): string {
  const codePoint = character.codePointAt(0) ?? 0
  let first = codePoint
  while (digit.test(String.fromCodePoint(first - 1))) first--
  return String((codePoint - first) % 10)
}
