/**
 * A small house that keeps e-mail addresses and names of a list to itself: scrubber, vault and stores in memory, with
 * the promises of the real ones as far as the desk leans on them.
 */
import { AppError } from '../../src/kernel/errors.ts'
import type { KeyId } from '../../src/kernel/ids.ts'
import type { Clock } from '../../src/kernel/time.ts'
import type { Departure, NewValue, ScopeVault, Vault } from '../../src/privacy/contract.ts'
import { placeholderPattern, writePlaceholder } from '../../src/privacy/core/placeholder.ts'
import type { LiveTags, Span } from '../../src/privacy/core/words.ts'
import type { DeparturePage, StoredDeparture } from '../../src/privacy/ports.ts'
import type { Restorer, ScrubAsk, ScrubbedText, TextScrubber } from '../../src/privacy/service/scrubbing.ts'

interface Held extends ScopeVault {
  readonly entries: { readonly placeholder: string; readonly tag: string; readonly value: NewValue }[]
  readonly handle: string | null
  readonly ttlMs: number
  isCommitted: boolean
}

/** Tags are counted, so that tests can name them: 1B0B, 1B1B … */
export class SmallVault implements Vault {
  readonly #clock: Clock
  readonly #scopes = new Map<string, Held>()
  lock: string | null = null

  constructor(clock: Clock) {
    this.#clock = clock
  }

  open(scope: ScopeVault['scope'], { ttlMs }: { readonly ttlMs: number }): ScopeVault {
    if (this.lock !== null) throw new AppError('unavailable', this.lock, { reason: 'vault_locked' })
    const id = `${scope.owner}/${scope.name}`
    const held = this.#scopes.get(id) ?? makeScope(scope, { id, handle: null, ttlMs })
    this.#scopes.set(id, held)
    return held
  }

  passing(scope: ScopeVault['scope']): ScopeVault {
    return makeScope(scope, { id: `${scope.owner}/${scope.name}`, handle: null, ttlMs: 0 })
  }

  byHandle(handle: string, owner: KeyId): Promise<ScopeVault | null> {
    const all = [...this.#scopes.values()]
    return Promise.resolve(
      all.find((held) => held.isCommitted && held.handle === handle && held.scope.owner === owner) ?? null,
    )
  }

  create(owner: KeyId, { ttlMs }: { readonly ttlMs: number }) {
    if (this.lock !== null) throw new AppError('unavailable', this.lock, { reason: 'vault_locked' })
    const handle = `m_${String(this.#scopes.size).padStart(26, '0')}`
    const vault = makeScope({ owner, name: `map:${handle}` }, { id: `s${this.#scopes.size}`, handle, ttlMs })
    this.#scopes.set(vault.id, vault)
    return Promise.resolve({ vault, handle, expiresAt: this.#clock.now() + ttlMs })
  }

  commit(scope: ScopeVault | null, _departure: Departure | null): Promise<void> {
    const held = scope && this.#scopes.get(scope.id)
    if (held) held.isCommitted = true
    return Promise.resolve()
  }

  list({ owner, limit }: { readonly owner: KeyId | null; readonly limit: number }) {
    const now = this.#clock.now()
    const mine = [...this.#scopes.values()].filter(
      (held) => held.isCommitted && (owner === null || held.scope.owner === owner),
    )
    const views = mine.slice(0, limit).map((held) => ({
      id: held.id,
      owner: held.scope.owner,
      kind: held.handle === null ? ('session' as const) : ('map' as const),
      createdAt: now,
      usedAt: now,
      expiresAt: now + held.ttlMs,
      values: held.size,
    }))
    return Promise.resolve(views)
  }

  shred(id: string, owner: KeyId | null): Promise<boolean> {
    const held = this.#scopes.get(id)
    if (held === undefined || (owner !== null && held.scope.owner !== owner)) return Promise.resolve(false)
    return Promise.resolve(this.#scopes.delete(id))
  }
}

function makeScope(
  scope: ScopeVault['scope'],
  facts: { readonly id: string; readonly handle: string | null; readonly ttlMs: number },
): Held {
  const entries: Held['entries'] = []
  const live: LiveTags = {
    get size() {
      return entries.length
    },
    get labels() {
      return new Set(entries.map(({ value }) => value.type))
    },
    isTagPrefix: (prefix) => entries.some(({ tag }) => tag.startsWith(prefix)),
    resolve(tag) {
      const entry = entries.find((each) => each.tag === tag)
      return entry?.value.isRestorable === true ? entry.value.value : null
    },
    forms: (tag) => (entries.some((entry) => entry.tag === tag) ? [''] : []),
  }
  return {
    ...facts,
    scope,
    entries,
    live,
    words: live,
    isCommitted: false,
    get size() {
      return entries.length
    },
    assign(value) {
      const known = entries.find(
        (entry) => entry.value.type === value.type && entry.value.canonical === value.canonical,
      )
      if (known) return known.placeholder
      const tag = `1B${entries.length}B`
      const placeholder = writePlaceholder({ type: value.type, tag, form: '' })
      entries.push({ placeholder, tag, value })
      return placeholder
    },
    *values() {
      for (const { value } of entries) yield value
    },
  }
}

/** Finds e-mail addresses, and what stands on a list. */
export function createSmallScrubber(people: readonly string[]): TextScrubber {
  const scrub = (text: string, ask: ScrubAsk): ScrubbedText => {
    let output = ''
    let from = 0
    const spans = find(text, people, ask).map((span) => {
      const value = text.slice(span.start, span.end)
      const isRestorable = true
      const { canonical, type } = span
      const placeholder = ask.vault?.assign({ type, value, canonical, origin: ask.origin, isRestorable }) ?? null
      output += text.slice(from, span.start) + (placeholder ?? value)
      from = span.end
      return { ...span, placeholder }
    })
    return { output: output + text.slice(from), spans }
  }
  return {
    scrub: (ask) => Promise.resolve(ask.texts.map((text) => scrub(text, ask))),
    scrubJson(value, ask) {
      const spans: (ScrubbedText['spans'][number] & { readonly path: string })[] = []
      const walk = (at: unknown, path: string): unknown => {
        if (typeof at === 'string') {
          const made = scrub(at, ask)
          spans.push(...made.spans.map((span) => ({ ...span, path })))
          return made.output
        }
        if (Array.isArray(at)) return at.map((member, index) => walk(member, `${path}[${index}]`))
        if (typeof at !== 'object' || at === null) return at
        const members = Object.entries(at).map(([name, member]) => [
          name,
          walk(member, path === '' ? name : `${path}.${name}`),
        ])
        return Object.fromEntries(members) as unknown
      }
      return Promise.resolve({ output: walk(value, ''), spans })
    },
  }
}

function find(text: string, people: readonly string[], ask: ScrubAsk): readonly Span[] {
  const spans: Span[] = []
  const add = (
    start: number,
    value: string,
    facts: Pick<Span, 'type' | 'recogniser' | 'score' | 'isValidated'>,
  ): void => {
    const isWanted = ask.entities === null || ask.entities.includes(facts.type)
    if (!isWanted || ask.policy.pass.includes(facts.type) || ask.allow.includes(value)) return
    if (facts.score < ask.policy.minScore) return
    spans.push({ start, end: start + value.length, canonical: value.toLowerCase(), view: 'raw', ...facts })
  }
  for (const { 0: value, index } of text.matchAll(/[\w.+-]+@[\w-]+\.[\w.]*\w/g))
    add(index, value, { type: 'EMAIL', recogniser: 'email', score: 0.9, isValidated: false })
  for (const person of people)
    for (let at = text.indexOf(person); at >= 0; at = text.indexOf(person, at + person.length))
      add(at, person, { type: 'PERSON', recogniser: 'directory', score: 1, isValidated: true })
  for (const term of ask.deny)
    for (let at = text.indexOf(term); at >= 0; at = text.indexOf(term, at + term.length))
      add(at, term, { type: 'TERM', recogniser: 'deny', score: 1, isValidated: true })
  return spans.sort((a, b) => a.start - b.start)
}

/** Whole placeholders only, as they were written. */
export const smallRestorer: Restorer = {
  text(text, live) {
    let replaced = 0
    const unresolved: string[] = []
    const output = text.replace(placeholderPattern, (whole, _label: string, tag: string, form: string | undefined) => {
      const value = live.resolve(tag, form ?? '')
      if (value === null) unresolved.push(whole)
      else replaced += 1
      return value ?? whole
    })
    return { text: output, replaced, unresolved }
  },
  json(bytes, live) {
    let replaced = 0
    const walk = (at: unknown): unknown => {
      if (typeof at === 'string') {
        const made = smallRestorer.text(at, live)
        replaced += made.replaced
        return made.text
      }
      if (Array.isArray(at)) return at.map(walk)
      if (typeof at !== 'object' || at === null) return at
      return Object.fromEntries(Object.entries(at).map(([name, member]) => [name, walk(member)]))
    }
    const output = JSON.stringify(walk(JSON.parse(new TextDecoder().decode(bytes))))
    return { bytes: new TextEncoder().encode(output), replaced }
  },
}

/** Newest first, page by page, as the stores do it. */
export function createSmallDepartures(rows: readonly StoredDeparture[]) {
  return {
    list({ owner, destination, verdict, limit, before }: DeparturePage) {
      const wanted = rows.filter(
        (row) =>
          (owner === null || row.owner === owner) &&
          (destination === undefined || row.destination === destination) &&
          (verdict === undefined || row.verdict === verdict) &&
          (before === null || row.at < before.at || (row.at === before.at && row.id < before.id)),
      )
      const ordered = [...wanted].sort((a, b) => b.at - a.at || (a.id < b.id ? 1 : -1))
      return Promise.resolve(ordered.slice(0, limit))
    },
  }
}
