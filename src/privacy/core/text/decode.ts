/**
 * What stands inside of what is encoded. Two levels: base64 of something that has percent escapes in it is read, a
 * third one is not (the leak gate knows values in all their encodings).
 */
import type { ViewKind } from '../words.ts'
import type { Budget } from './budget.ts'
import { base64Runs, hexRuns } from './encoded-runs.ts'
import { htmlEscapes, percentEscapes, quotedPrintableEscapes, unicodeEscapes } from './escapes.ts'
import { foldText } from './fold.ts'
import { rawView } from './offsets.ts'
import { foldReading, rewriteReading, surroundings, type Reading, type Rewrites, type Rewriting } from './reading.ts'
import { joinedReadings } from './wrap.ts'

const mostLevels = 2

interface Encoding extends Pick<Rewriting, 'counts' | 'margin'> {
  readonly kind: ViewKind
  find(text: string): Rewrites
}

const runs: readonly Encoding[] = [
  { kind: 'base64', find: base64Runs, counts: 'all', margin: 0 },
  { kind: 'hex', find: hexRuns, counts: 'all', margin: 0 },
]

/** What is not escaped counts as well where the escape tells what it is: `password%3D`. */
const escapes: readonly Encoding[] = [
  { kind: 'percent', find: percentEscapes, counts: 'all', margin: surroundings },
  { kind: 'html', find: htmlEscapes, counts: 'all', margin: surroundings },
  { kind: 'unicode', find: unicodeEscapes, counts: 'all', margin: surroundings },
  // Also what a query has (`a=20`): only what it really changes.
  { kind: 'quoted-printable', find: quotedPrintableEscapes, counts: 'touching', margin: surroundings },
]

/**
 * Every reading of a text: as it is, folded, with broken values joined, decoded. null: more is encoded than the budget
 * allows to be read.
 */
export function readingsOf(text: string, budget: Budget): readonly Reading[] | null {
  const raw: Reading = { view: rawView(text), isFolded: false, keeps: () => true, mayKeep: () => true, breaks: [] }
  const base = foldReading(raw)
  const readings = base.view === raw.view ? [base] : [raw, base]
  const joined = joinedReadings(base)
  readings.push(...joined)
  if (!addDecoded(readings, base, { encodings: [...runs, ...escapes], level: 1, budget })) return null
  for (const reading of joined) if (!addDecoded(readings, reading, { encodings: runs, level: 1, budget })) return null
  return readings
}

interface Decoding {
  readonly encodings: readonly Encoding[]
  readonly level: number
  readonly budget: Budget
}

/** false: the budget is used up. */
function addDecoded(readings: Reading[], base: Reading, { encodings, level, budget }: Decoding): boolean {
  for (const { kind, find, counts, margin } of encodings) {
    const rewrites = find(base.view.text)
    if (rewrites.size === 0) continue
    let units = 0
    for (const made of rewrites.text) units += made.length
    if (!budget.take(units)) return false
    const reading = foldReading(rewriteReading(base, { kind, rewrites, counts, margin }))
    readings.push(reading)
    const deeper = { encodings: [...runs, ...escapes], level: level + 1, budget }
    if (level < mostLevels && !addDecoded(readings, reading, deeper)) return false
  }
  return true
}

/** A text as it is compared: folded, in lower case. */
export function comparable(text: string): string {
  return rawView(foldText(text)).lower
}
