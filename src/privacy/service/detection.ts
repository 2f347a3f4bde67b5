import { AppError } from '#kernel/errors.ts'
import type { DenyEntry, HouseLists, ListEntry } from '../contract.ts'
import { createAllowList, type AllowList } from '../core/detect/allow.ts'
import { createDetector, type Detector } from '../core/detect/detector.ts'
import { createDictionary, type Dictionary } from '../core/detect/dictionary.ts'
import { compilePatterns, type DenyPatterns } from '../core/detect/patterns.ts'
import { resolveSpans } from '../core/detect/resolve.ts'
import { Budget } from '../core/text/budget.ts'
import { foldedViews } from '../core/text/fold.ts'
import { identifierRecognisers } from '../core/recognisers/identifiers.ts'
import { secretRecognisers } from '../core/recognisers/secrets/secrets.ts'
import type { EntityType, Recogniser, Span, Term } from '../core/words.ts'

/** What is looked for in some texts. Plain data: it may go to another thread. */
export interface DetectionAsk {
  readonly texts: readonly string[]
  /** For each text what a recogniser of names found in it; empty: nobody was asked. */
  readonly names: readonly (readonly Span[])[]
  /** Values of a scope from earlier requests, in the order in which they came. null: none is open. */
  readonly known: { readonly scope: string; readonly terms: readonly Term[] } | null
  readonly allow: readonly string[]
  readonly deny: readonly string[]
  /** Types that are left alone. */
  readonly pass: readonly EntityType[]
  readonly urls: 'internal' | 'all'
  readonly minScore: number
  readonly decodedBytes: number
}

/**
 * Finds what stands for somebody or something: one answer for each text. Rejects `scrub_budget_exceeded` where it would
 * take too long to say.
 */
export interface Detection {
  find(ask: DetectionAsk, signal: AbortSignal): Promise<readonly (readonly Span[])[]>
}

/** Scopes whose values are kept as they were read. */
const maxScopes = 256

/** The same, at once: for a thread that has nothing else to do, or for little text. */
export class Finder {
  readonly #scopes = new Map<string, { readonly dictionary: Dictionary; size: number }>()
  readonly #detectors = new Map<DetectionAsk['urls'], Detector>()
  #house: HouseTerms = houseTermsOf({ directory: [], deny: [], allow: [] })

  /** What the people of this house put on their lists. */
  set lists(lists: HouseLists) {
    this.#house = houseTermsOf(lists)
  }

  find(ask: DetectionAsk): readonly (readonly Span[])[] {
    const { dictionary, patterns, allow, allowed } = this.#house
    const options = {
      dictionaries: [dictionary, ...this.#ownOf(ask)],
      patterns,
      allow: ask.allow.length === 0 ? allow : createAllowList([...allowed, ...ask.allow]),
      pass: ask.pass,
      minScore: ask.minScore,
      budget: new Budget(ask),
    }
    const detector = this.#detectorOf(ask.urls)
    const found = ask.texts.map((text, index) => {
      const each = detector.detect(text, { ...options, extra: ask.names[index] ?? [] })
      if (each.kind === 'exceeded') throw exceeded(each.what)
      return each.spans
    })
    return withRegrouped(ask.texts, found)
  }

  /** What is known of a scope grows from request to request: what was read of it is not read again. */
  #ownOf({ known, deny }: DetectionAsk): readonly Dictionary[] {
    const own = deny.length === 0 ? [] : [createDictionary(deny.map(denied))]
    if (known === null || known.terms.length === 0) return own
    const { scope, terms } = known
    const before = this.#scopes.get(scope)
    const kept =
      before !== undefined && before.size <= terms.length ? before : { dictionary: createDictionary(), size: 0 }
    for (const term of terms.slice(kept.size)) kept.dictionary.add(term)
    kept.size = terms.length
    this.#scopes.delete(scope)
    this.#scopes.set(scope, kept)
    const oldest = this.#scopes.size > maxScopes ? this.#scopes.keys().next() : null
    if (oldest?.done === false) this.#scopes.delete(oldest.value)
    return [...own, kept.dictionary]
  }

  #detectorOf(urls: DetectionAsk['urls']): Detector {
    const known = this.#detectors.get(urls)
    if (known !== undefined) return known
    const made = createDetector(recognisersOf(urls))
    this.#detectors.set(urls, made)
    return made
  }
}

/** Numbers that people write in other groups a line further, where nothing tells what they are. */
const regrouped: ReadonlySet<EntityType> = new Set<EntityType>([
  ...(['PHONE', 'CARD', 'IBAN', 'ACCOUNT', 'WALLET', 'NATIONAL_ID', 'TAX_ID', 'HEALTH_ID', 'VEHICLE'] as const),
  ...(['DEVICE', 'MAC'] as const),
])

/** `+49 1512 3456789` in one text is `4915123456789` in another one: otherwise the last look would refuse both. */
function withRegrouped(texts: readonly string[], found: readonly (readonly Span[])[]): readonly (readonly Span[])[] {
  const numbers = found.flatMap((spans) => spans.filter(({ type }) => regrouped.has(type)))
  if (numbers.length === 0) return found
  const dictionary = createDictionary()
  for (const { type, canonical } of numbers) dictionary.add({ value: canonical, type, canonical, source: 'vault' })
  return texts.map((text, index) => {
    const spans = found[index] ?? []
    const view = foldedViews(text).at(-1)
    const others = view === undefined ? [] : dictionary.find(view)
    const more = others.flatMap(({ start, end, term }) => {
      const span = {
        ...{ start: view?.rawStart(start) ?? 0, end: view?.rawEnd(end) ?? 0, view: view?.kind ?? 'raw' },
        ...{ type: term.type, canonical: term.canonical, recogniser: term.source, score: 1, isValidated: true },
      }
      return isFree(spans, span) ? [span] : []
    })
    return more.length === 0 ? spans : resolveSpans(text, [...spans, ...more])
  })
}

/** Whether none of some disjoint spans in order touches it. */
function isFree(spans: readonly Span[], { start, end }: Pick<Span, 'start' | 'end'>): boolean {
  let low = 0
  let high = spans.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((spans[middle]?.end ?? 0) <= start) low = middle + 1
    else high = middle
  }
  return (spans[low]?.start ?? Infinity) >= end
}

/** Everybody who knows a kind of value by its looks. */
export const recognisersOf = (urls: DetectionAsk['urls']): readonly Recogniser[] => [
  ...identifierRecognisers({ urls }),
  ...secretRecognisers,
]

interface HouseTerms {
  readonly dictionary: Dictionary
  readonly patterns: DenyPatterns | null
  readonly allow: AllowList | null
  readonly allowed: readonly string[]
}

function houseTermsOf({ directory, deny, allow }: HouseLists): HouseTerms {
  const texts = deny.flatMap((entry) => (entry.kind === 'text' ? [entry.value] : []))
  const expressions = deny.flatMap((entry) => (entry.kind === 'pattern' ? [entry.pattern] : []))
  return {
    dictionary: createDictionary([...texts.map(denied), ...directory.map(listed)]),
    patterns: expressions.length === 0 ? null : compiled(expressions),
    allow: allow.length === 0 ? null : createAllowList(allow),
    allowed: allow,
  }
}

/** They were tried when somebody put them on the list. */
function compiled(expressions: readonly string[]): DenyPatterns {
  const made = compilePatterns(expressions)
  if (made.kind === 'problems') throw new Error(made.problems[0]?.problem)
  return made.patterns
}

export const denied = (value: string): Term => ({ value, type: 'TERM', canonical: value.toLowerCase(), source: 'deny' })

const listed = ({ value, type }: ListEntry): Term => ({
  value,
  type,
  canonical: value.toLowerCase(),
  source: 'directory',
})

/** Texts of the deny list; its patterns are not among them. */
export const denyTexts = (deny: readonly DenyEntry[]): readonly string[] =>
  deny.flatMap((entry) => (entry.kind === 'text' ? [entry.value] : []))

export function exceeded(what: string): AppError {
  return new AppError(
    'blocked',
    `It would take too long to look for identifiers in this text (${what}), so nothing was sent: send less of it, or ` +
      `raise privacy.limits.`,
    { reason: 'scrub_budget_exceeded' },
  )
}
