import { AppError } from '#kernel/errors.ts'
import type { Cell } from '#kernel/words.ts'
import type { Counts, NameRecogniser, PrivacyPolicy, PrivacySettings, ScopeVault } from '../contract.ts'
import type { Detection } from './detection.ts'
import type { EntityType, Span, Term } from '../core/words.ts'
import { hint, withHint } from '../core/walk/hint.ts'
import { flatLeaves, readPayload, spliceLeaves, type Leaf, type Payload } from '../core/walk/request.ts'
import type { PayloadApi } from '../core/walk/zones.ts'
import { untilKnown, type LeakGuard } from './leak-guard.ts'
import type { ScrubAsk, ScrubbedJson, ScrubbedSpan, ScrubbedText, TextScrubber } from './scrubbing.ts'

export interface ScrubberParts {
  readonly detection: Detection
  /** Asked anew for every request; null: names are found only where the house knows them. */
  readonly recogniser: () => NameRecogniser | null
  readonly settings: Cell<PrivacySettings>
  readonly leaks: LeakGuard
}

export interface PayloadAsk {
  readonly api: PayloadApi
  readonly payload: Payload
  readonly vault: ScopeVault
  readonly policy: PrivacyPolicy
  readonly signal: AbortSignal
  /** The vendor's own words for a thought that it signed; null: they are not known. */
  readonly signed: (signature: string) => string | null
}

export interface ScrubbedPayload {
  readonly bytes: Uint8Array
  readonly counts: Counts
}

const encoder = new TextEncoder()
const nothingKnown = { size: 0 }

/** Replaces what identifies somebody: in texts, in JSON, in requests for models. */
export class Scrubber implements TextScrubber {
  readonly #parts: ScrubberParts

  constructor(parts: ScrubberParts) {
    this.#parts = parts
  }

  scrub(ask: ScrubAsk & { readonly texts: readonly string[] }): Promise<readonly ScrubbedText[]> {
    return untilKnown(ask.vault ?? nothingKnown, () => this.#scrubTexts(ask))
  }

  scrubJson(value: unknown, ask: ScrubAsk): Promise<ScrubbedJson> {
    return untilKnown(ask.vault ?? nothingKnown, () => this.#scrubJson(value, ask))
  }

  async #scrubTexts(ask: ScrubAsk & { readonly texts: readonly string[] }): Promise<readonly ScrubbedText[]> {
    const found = await this.#find(ask.texts, ask)
    const scrubbed = ask.texts.map((text, index) => replaceIn(text, found[index] ?? [], ask))
    this.#check(encoder.encode(scrubbed.map(({ output }) => output).join('\n')), ask)
    return scrubbed
  }

  async #scrubJson(value: unknown, ask: ScrubAsk): Promise<ScrubbedJson> {
    const text = JSON.stringify(value)
    const { leaves } = readPayload('other', text)
    const flat = [...flatLeaves(leaves)]
    const found = await this.#find(flat.map(looked), ask)
    const replaced = new Map<Leaf, ReturnType<typeof replacedIn>>()
    for (const [index, leaf] of flat.entries()) replaced.set(leaf, replacedIn(leaf, found[index] ?? [], ask))
    const output = spliceLeaves(text, leaves, (leaf) => replaced.get(leaf)?.value ?? null)
    this.#check(encoder.encode(output), ask)
    const spans = flat.flatMap((leaf) =>
      (replaced.get(leaf)?.spans ?? []).map((span) => ({ ...span, path: leaf.path })),
    )
    return { output: JSON.parse(output), spans }
  }

  /** A request for a model, told to a cloud. Commits nothing and checks nothing: who sends it does both. */
  async scrubPayload({ api, payload, vault, policy, signal, signed }: PayloadAsk): Promise<ScrubbedPayload> {
    const flat = [...flatLeaves(payload.leaves)]
    const originals = new Map<Leaf, string>()
    for (const leaf of flat) {
      const original = leaf.signature === null ? null : signed(leaf.signature)
      if (original !== null) originals.set(leaf, original)
    }
    const wanted = flat.filter((leaf) => leaf.style !== 'whole' && !originals.has(leaf))
    const ask = { ...usual, vault, policy, signal }
    const found = await this.#find(wanted.map(looked), ask)
    const spansOf = new Map(wanted.map((leaf, index) => [leaf, found[index] ?? []]))
    const counts: Partial<Record<EntityType, number>> = {}
    const values = new Map<Leaf, string>(originals)
    for (const leaf of flat) {
      if (originals.has(leaf)) continue
      const spans = leaf.style === 'whole' ? [wholeSpan(leaf)] : (spansOf.get(leaf) ?? [])
      const { value, spans: taken } = replacedIn(leaf, spans, { ...ask, origin: leaf.origin })
      for (const { type } of taken) counts[type] = (counts[type] ?? 0) + 1
      if (value !== null) values.set(leaf, value)
    }
    const isHinted = policy.hint && Object.keys(counts).length > 0
    const place = isHinted ? flat.find(({ takesHint }) => takesHint) : undefined
    if (place !== undefined) values.set(place, `${values.get(place) ?? place.value}\n\n${hint}`)
    const bytes = encoder.encode(spliceLeaves(payload.text, payload.leaves, (leaf) => values.get(leaf) ?? null))
    return { bytes: isHinted && place === undefined ? withHint(api, bytes) : bytes, counts }
  }

  /** Whether there is anything in some texts that is not theirs to read: for what cannot be rewritten. */
  async counts(texts: readonly string[], ask: Pick<ScrubAsk, 'policy' | 'signal'>): Promise<Counts> {
    const counts: Partial<Record<EntityType, number>> = {}
    for (const spans of await this.#find(texts, { ...usual, ...ask, vault: null }))
      for (const { type } of spans) counts[type] = (counts[type] ?? 0) + 1
    return counts
  }

  async #find(texts: readonly string[], ask: FindAsk): Promise<readonly (readonly Span[])[]> {
    const { detection, recogniser, settings } = this.#parts
    const { limits } = settings.value
    const bytes = texts.reduce((sum, text) => sum + text.length, 0)
    if (bytes > limits.textBytes) throw tooMuch(bytes, limits.textBytes)
    const { policy, vault, signal, language } = ask
    const names = (await recogniser()?.recognise(texts, signal, language)) ?? []
    const spans = await detection.find(
      {
        texts,
        names,
        known: vault === null || vault.id === '' ? null : { scope: vault.id, terms: termsOf(vault) },
        allow: ask.allow,
        deny: ask.deny,
        pass: policy.pass,
        urls: policy.urls,
        minScore: policy.minScore,
        decodedBytes: limits.decodedBytes,
      },
      signal,
    )
    const { entities } = ask
    if (entities === null) return spans
    const isWanted = ({ type, recogniser: who }: Span): boolean => entities.includes(type) || who === 'deny'
    return spans.map((each) => each.filter(isWanted))
  }

  #check(bytes: Uint8Array, { vault, allow, entities, policy }: ScrubAsk): void {
    // Who asked for some types only wants the others as they are.
    if (vault === null || entities !== null) return
    this.#parts.leaks.check({ url: '', headers: {}, body: bytes }, vault, { pass: policy.pass, allow })
  }
}

type FindAsk = Pick<ScrubAsk, 'vault' | 'policy' | 'entities' | 'allow' | 'deny' | 'language' | 'signal'>

const usual = { entities: null, allow: [], deny: [], language: null } as const

/** What is looked at: with its member's name before it, which tells what it is (`"password": "…"`). */
function looked({ context, value }: Leaf): string {
  return context === '' ? value : `${context}: ${value}`
}

function replacedIn(
  leaf: Leaf,
  spans: readonly Span[],
  ask: ReplaceAsk,
): { readonly value: string | null; readonly spans: readonly ScrubbedSpan[] } {
  const before = leaf.style === 'whole' || leaf.context === '' ? 0 : leaf.context.length + 2
  const own = spans.flatMap((span) =>
    span.end <= before ? [] : [{ ...span, start: Math.max(0, span.start - before), end: span.end - before }],
  )
  const { output, spans: taken } = replaceIn(leaf.value, own, ask, leaf.style !== 'text')
  return { value: output === leaf.value ? null : output, spans: taken }
}

/** Who the user is, in one word. */
function wholeSpan({ value }: Leaf): Span {
  const facts = { recogniser: 'user', score: 1, isValidated: true, view: 'raw' } as const
  return { ...facts, start: 0, end: value.length, type: 'USERNAME', canonical: value }
}

type ReplaceAsk = Pick<ScrubAsk, 'vault' | 'policy'> & Partial<Pick<ScrubAsk, 'origin'>>

/** `isBare`: placeholders stand without brackets. */
function replaceIn(text: string, spans: readonly Span[], ask: ReplaceAsk, isBare = false): ScrubbedText {
  const { vault, policy, origin = 'api' } = ask
  if (vault === null) return { output: text, spans: spans.map((span) => ({ ...span, placeholder: null })) }
  let output = ''
  let kept = 0
  const taken: ScrubbedSpan[] = []
  for (const span of spans) {
    const { start, end, type, canonical } = span
    const value = text.slice(start, end)
    const isRestorable = type !== 'SECRET' || policy.restoreSecrets !== 'never'
    const placeholder = vault.assign({ type, value, canonical, origin, isRestorable })
    output += text.slice(kept, start) + (isBare ? placeholder.slice(1, -1) : placeholder)
    kept = end
    taken.push({ ...span, placeholder })
  }
  return { output: output + text.slice(kept), spans: taken }
}

const leastUserName = 4

function termsOf(vault: ScopeVault): readonly Term[] {
  const terms: Term[] = []
  for (const { value, type, canonical } of vault.values()) {
    // Of `/home/max` only the path is known: `Math.max` is nobody.
    if (type === 'USERNAME' && value.length < leastUserName) continue
    terms.push({ value, type, canonical, source: 'vault' })
  }
  return terms
}

function tooMuch(length: number, limit: number): AppError {
  return new AppError(
    'too_large',
    `The text for a cloud has ${length} characters, and no more than ${limit} are looked through in one request ` +
      `(privacy.limits.textBytes): send less of it.`,
    { reason: 'text_too_large' },
  )
}
