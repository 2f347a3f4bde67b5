/**
 * One pass over a view finds all triggers of all recognisers; a recogniser is asked about its own places only. A
 * recogniser that throws is a bug: it is thrown on, and the request fails.
 */
import { nearRun, type EntityType, type Found, type Recogniser, type Trigger, type View } from '../words.ts'
import { has, wordsNear, type ListSet, type WordList } from '../text/word-beginnings.ts'
import { buildAutomaton, type Automaton } from './automaton.ts'
import { bitOf, digitRunAt, restOfRun, type DigitRun } from './digit-runs.ts'

/** Something in a view: offsets are the view's. */
export interface Hit extends Found {
  readonly type: EntityType
  readonly recogniser: string
}

/** Whether anything that lies from `start` to `end` of a view would count: where not, nobody need look. */
export type MayKeep = (start: number, end: number) => boolean

export interface Scanner {
  scan(view: View, mayKeep?: MayKeep): readonly Hit[]
}

export function createScanner(recognisers: readonly Recogniser[]): Scanner {
  const compiled = compile(recognisers)
  return { scan: (view, mayKeep = always) => scan(compiled, view, mayKeep) }
}

const always: MayKeep = () => true

interface Compiled {
  readonly recognisers: readonly Recogniser[]
  readonly automaton: Automaton
  readonly literals: readonly { readonly length: number; readonly recognisers: readonly number[] }[]
  /** By the number of digits or units; the last one is for all beyond. */
  readonly digits: Buckets<SizedRun>
  readonly tokens: Buckets<Sized>
}

interface Sized {
  readonly index: number
  readonly min: number
  readonly max: number
}

interface SizedRun extends Sized {
  /** `RunHints`, as they are asked. */
  readonly only: {
    readonly groups: number
    readonly leastGroups: number
    readonly isInside: boolean
    readonly near: WordList | null
    readonly isNearForAll: boolean
  }
}

type Buckets<T> = readonly (readonly T[])[]

const letter = 1
const digit = 2
const underscore = 3
const kinds = kindTable()
/** Everything longer is where the longest are; triggers that begin beyond are refused. */
const mostBuckets = 512

function scan(compiled: Compiled, view: View, mayKeep: MayKeep): readonly Hit[] {
  const { classes, next, ends, width } = compiled.automaton
  const { lower } = view
  const asking = createAsking(compiled, view, mayKeep)
  const literals = createLiteralPlaces(compiled, asking)
  let state = 0
  let tokenStart = -1
  let tokenKinds = 0
  let runEnd = 0
  for (let index = 0; index <= lower.length; index++) {
    // Behind the text: not a number, of no kind.
    const unit = lower.charCodeAt(index)
    const kind = unit < 128 ? (kinds[unit] ?? 0) : 0
    if (unit < 128) {
      state = next[state + (classes[unit] ?? 0)] ?? 0
      const found = state === 0 ? null : ends[state / width]
      if (found != null) for (const literal of found) literals.at(literal, index + 1)
    } else state = 0
    if (kind === 0) {
      if (tokenKinds === both) asking.token(tokenStart, index)
      tokenStart = -1
      tokenKinds = 0
      continue
    }
    if (tokenStart < 0) tokenStart = index
    tokenKinds |= kind === underscore ? 0 : kind
    if (kind === digit && index >= runEnd) {
      const run = digitRunAt(lower, index)
      runEnd = run.end
      asking.digits(run)
    }
  }
  literals.flush()
  return asking.hits
}

const both = letter | digit

interface Asking {
  readonly hits: Hit[]
  /** Where what was found ends; -1: nothing. */
  ask(recogniser: number, start: number, end: number): number
  token(start: number, end: number): void
  digits(run: DigitRun): void
}

function createAsking({ recognisers, tokens, digits }: Compiled, view: View, mayKeep: MayKeep): Asking {
  const hits: Hit[] = []
  /** What each recogniser found last: within that it is not asked again. */
  const foundFrom = new Int32Array(recognisers.length).fill(-1)
  const foundTo = new Int32Array(recognisers.length).fill(-1)
  const ask = (index: number, start: number, end: number): number => {
    if (start >= (foundFrom[index] ?? 0) && end <= (foundTo[index] ?? 0)) return -1
    const recogniser = recognisers[index]
    const found = recogniser?.match({ view, start, end })
    if (recogniser === undefined || found == null) return -1
    if (found.start < 0 || found.end > view.text.length || found.start >= found.end)
      throw new Error(`Recogniser ${recogniser.id} found something from ${found.start} to ${found.end}.`)
    foundFrom[index] = found.start
    foundTo[index] = found.end
    hits.push({ ...found, type: recogniser.type, recogniser: recogniser.id })
    return found.end
  }
  return {
    hits,
    ask,
    token(start, end) {
      for (const { index, max } of concerned(tokens, end - start)) if (end - start <= max) ask(index, start, end)
    },
    digits(run) {
      let isKept: boolean | null = null
      let near: ListSet | null = null
      for (const { index, min, max, only } of concerned(digits, run.digits)) {
        // What is asked for all of them is asked once.
        if ((only.groups & run.groups) === 0 || run.count < only.leastGroups) continue
        if (only.isInside && !(isKept ??= mayKeep(run.start - slack, run.end + slack))) continue
        if (only.near !== null && (only.isNearForAll || run.count === 1)) {
          near ??= wordsNear(view, run.start - nearRun.before, run.end + nearRun.after)
          if (!has(near, only.near)) continue
        }
        // A row of a table is one run: behind what was found there may be more.
        for (let rest: DigitRun | null = run; rest !== null && rest.digits >= min;) {
          const end: number = rest.digits <= max ? ask(index, rest.start, rest.end) : -1
          rest = end > rest.start ? restOfRun(view.lower, rest, end) : null
        }
      }
    },
  }
}

/** A sign before a number is not in its run. */
const slack = 2

/** Those that wait for something of this size, or for longer ones where it is very long. */
function concerned<T>(buckets: Buckets<T>, size: number): readonly T[] {
  return buckets[Math.min(size, mostBuckets)] ?? []
}

/**
 * Of one literal many times, side by side or one in the other, only the first and the last are places: what stands
 * around them is what stands around all of them.
 */
function createLiteralPlaces({ literals }: Compiled, asking: Asking) {
  const lastEnd = new Int32Array(literals.length).fill(-1)
  const waiting = new Set<number>()
  const tell = (literal: number): void => {
    const { length, recognisers } = literals[literal] ?? { length: 0, recognisers: [] }
    const end = lastEnd[literal] ?? 0
    for (const recogniser of recognisers) asking.ask(recogniser, end - length, end)
  }
  return {
    at(literal: number, end: number): void {
      const length = literals[literal]?.length ?? 0
      const isNext = (lastEnd[literal] ?? -1) >= end - length
      if (isNext) waiting.add(literal)
      else if (waiting.size > 0 && waiting.delete(literal)) tell(literal)
      lastEnd[literal] = end
      if (!isNext) tell(literal)
    },
    flush(): void {
      for (const literal of waiting) tell(literal)
    },
  }
}

function compile(recognisers: readonly Recogniser[]): Compiled {
  const ids = new Set<string>()
  const byLiteral = new Map<string, Set<number>>()
  for (const [index, { id, trigger }] of recognisers.entries()) {
    if (ids.has(id)) throw new Error(`Two recognisers are called ${id}.`)
    ids.add(id)
    if (trigger.kind !== 'literal' && trigger.min > mostBuckets)
      throw new Error(`Recogniser ${id} waits for ${trigger.min} units; ${mostBuckets} is the most.`)
    if (trigger.kind !== 'literal') continue
    for (const literal of trigger.literals) {
      if (!/^[\x21-\x40\x5b-\x7e ]+$/.test(literal))
        throw new Error(`Recogniser ${id} waits for ${JSON.stringify(literal)}; literals are ASCII in lower case.`)
      byLiteral.set(literal, (byLiteral.get(literal) ?? new Set()).add(index))
    }
  }
  return {
    recognisers,
    automaton: buildAutomaton([...byLiteral.keys()]),
    literals: [...byLiteral].map(([literal, of]) => ({ length: literal.length, recognisers: [...of] })),
    digits: bucketsOf(
      recognisers.flatMap(({ trigger }, index) => (trigger.kind === 'digits' ? [sizedRun(index, trigger)] : [])),
    ),
    tokens: bucketsOf(
      recognisers.flatMap(({ trigger }, index) => (trigger.kind === 'token' ? [{ index, ...trigger }] : [])),
    ),
  }
}

function sizedRun(index: number, { min, max, only = {} }: Trigger & { readonly kind: 'digits' }): SizedRun {
  const { groups, leastGroups = 1, isInside = false, near } = only
  const lengths = groups === undefined ? -1 : groups.reduce((bits, length) => bits | bitOf(length), 0)
  const isNearForAll = near?.when === 'always'
  return { index, min, max, only: { groups: lengths, leastGroups, isInside, near: near?.list ?? null, isNearForAll } }
}

function bucketsOf<T extends Sized>(waiting: readonly T[]): Buckets<T> {
  const buckets: T[][] = Array.from({ length: mostBuckets + 1 }, () => [])
  for (const sized of waiting)
    for (let size = sized.min; size <= Math.min(sized.max, mostBuckets); size++) buckets[size]?.push(sized)
  return buckets
}

function kindTable(): Uint8Array {
  const table = new Uint8Array(128)
  for (let unit = 97; unit <= 122; unit++) table[unit] = letter
  for (let unit = 48; unit <= 57; unit++) table[unit] = digit
  table[95] = underscore
  return table
}
