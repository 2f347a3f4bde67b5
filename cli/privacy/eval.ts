import { usageError } from '../failures.ts'

/** One text of a labelled set. */
export interface Sample {
  readonly text: string
  readonly entities: readonly Label[]
}

interface Label {
  readonly start: number
  readonly end: number
  readonly type: string
}

export interface TypeScore {
  readonly type: string
  /** How many the labels say there are. */
  readonly labelled: number
  /** Of those, how many were found with their own type, at least in part. */
  readonly found: number
  /** Of those, how many were covered whole, whatever they were taken for: nothing of them would leave. */
  readonly covered: number
  /** How many of this type were reported, and how many of them are labelled so. */
  readonly reported: number
  readonly right: number
}

/** JSONL of `{text, entities}`; null: it is a plain text. `isPython`: offsets are code points. */
export function readSamples(content: string, isPython: boolean): readonly Sample[] | null {
  const lines = content.split('\n').map((line, index) => [line.trim(), index + 1] as const)
  const filled = lines.filter(([line]) => line !== '')
  const [first] = filled
  if (first === undefined || sampleOf(first[0], isPython) === null) return null
  return filled.map(([line, number]) => {
    const sample = sampleOf(line, isPython)
    if (sample !== null) return sample
    throw usageError(`Line ${number} is not {"text": …, "entities": [{"start": 0, "end": 3, "type": "PERSON"}]}.`)
  })
}

function sampleOf(line: string, isPython: boolean): Sample | null {
  if (!line.startsWith('{')) return null
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch {
    return null
  }
  const { text, entities } = value as { readonly text?: unknown; readonly entities?: unknown }
  if (typeof text !== 'string' || !Array.isArray(entities)) return null
  const unitOf = isPython ? unitsOf(text) : (at: number) => at
  const labels: Label[] = []
  for (const entity of entities as readonly Partial<Label>[]) {
    const { start, end, type } = entity
    if (typeof start !== 'number' || typeof end !== 'number' || typeof type !== 'string') return null
    labels.push({ start: unitOf(start), end: unitOf(end), type: typeNames[type] ?? type })
  }
  return { text, entities: labels }
}

function unitsOf(text: string): (point: number) => number {
  const units: number[] = []
  let unit = 0
  for (const letter of text) {
    units.push(unit)
    unit += letter.length
  }
  return (point) => units[point] ?? text.length
}

/** What other sets call the same. */
const typeNames: Readonly<Record<string, string>> = {
  EMAIL_ADDRESS: 'EMAIL',
  PHONE_NUMBER: 'PHONE',
  CREDIT_CARD: 'CARD',
  IBAN_CODE: 'IBAN',
  IP_ADDRESS: 'IP',
  MAC_ADDRESS: 'MAC',
  CRYPTO: 'WALLET',
  LOCATION: 'ADDRESS',
  US_SSN: 'NATIONAL_ID',
  NAME: 'PERSON',
  ORG: 'ORGANIZATION',
}

/** Counts by type, what is labelled most first. */
export class Scores {
  readonly #scores = new Map<
    string,
    { labelled: number; found: number; covered: number; reported: number; right: number }
  >()

  add(labels: readonly Label[], found: readonly Label[]): void {
    for (const label of labels) {
      const score = this.#of(label.type)
      score.labelled += 1
      if (found.some((span) => span.type === label.type && overlaps(span, label))) score.found += 1
      if (isCovered(label, found)) score.covered += 1
    }
    for (const span of found) {
      const score = this.#of(span.type)
      score.reported += 1
      if (labels.some((label) => label.type === span.type && overlaps(span, label))) score.right += 1
    }
  }

  list(): readonly TypeScore[] {
    const all = [...this.#scores].map(([type, score]) => ({ type, ...score }))
    return all.sort((a, b) => b.labelled - a.labelled || a.type.localeCompare(b.type))
  }

  #of(type: string) {
    const known = this.#scores.get(type) ?? { labelled: 0, found: 0, covered: 0, reported: 0, right: 0 }
    this.#scores.set(type, known)
    return known
  }
}

const overlaps = (a: Label, b: Label): boolean => a.start < b.end && b.start < a.end

function isCovered(label: Label, found: readonly Label[]): boolean {
  let reached = label.start
  for (const span of found.toSorted((a, b) => a.start - b.start))
    if (span.start <= reached) reached = Math.max(reached, span.end)
  return reached >= label.end
}

/** 0.9512 → `95.1 %`; nothing to divide by: `-`. */
export const shareText = (part: number, whole: number): string =>
  whole === 0 ? '-' : `${((part / whole) * 100).toFixed(1)} %`

/** Pieces of a plain text, cut behind lines. */
export function* piecesOf(text: string, most: number): Generator<string> {
  for (let from = 0; from < text.length;) {
    const end = Math.min(text.length, from + most)
    const line = end === text.length ? end : text.lastIndexOf('\n', end) + 1
    const to = line > from ? line : end
    yield text.slice(from, to)
    from = to
  }
}
