import { formatBytes } from '#kernel/bytes.ts'
import type { KeyId } from '#kernel/ids.ts'
import { nearestNames } from '#kernel/nearest.ts'
import type { Clock, EpochMs } from '#kernel/time.ts'
import type { Cell } from '#kernel/words.ts'
import { sha256Hex } from '#platform/crypto/hash.ts'
import type { Counts, PrivacyPolicy, PrivacySettings, ScopeVault, Vault } from '../contract.ts'
import { placeholderPattern } from '../core/placeholder.ts'
import type { EntityType } from '../core/words.ts'
import * as errors from '../errors.ts'
import { createMaskingVault } from './masking-vault.ts'
import { MissLimit } from './miss-limit.ts'
import type { Restorer, ScrubAsk, ScrubbedSpan, TextScrubber } from './scrubbing.ts'

export interface DeskParts {
  readonly settings: Cell<PrivacySettings>
  readonly scrubber: TextScrubber
  readonly restorer: Restorer
  readonly vault: Pick<Vault, 'open' | 'byHandle' | 'create' | 'commit'>
  /** What was handed out scrubbed may leave, although its words are those of a transcript. */
  readonly transcripts: { rememberScrubbed(owner: KeyId, text: string): void | Promise<void> }
  readonly clock: Clock
}

/** What to look at: one text, or any JSON. */
export type Matter =
  | { readonly kind: 'text'; readonly text: string }
  /** `at`: what its member is called in the request, and where paths begin. */
  | { readonly kind: 'json'; readonly at: string; readonly value: unknown }

/** How to look. */
export interface Looking {
  readonly owner: KeyId
  /** null: the first one. */
  readonly policy: string | null
  readonly entities: readonly EntityType[] | null
  readonly allow: readonly string[]
  readonly deny: readonly string[]
  readonly language: string | null
  readonly signal: AbortSignal
}

export interface Keeping {
  /** A name of the caller's; null: a map of its own. */
  readonly scope: string | null
  /** null: as long as the settings say. */
  readonly ttlMs: number | null
  readonly mode: 'token' | 'mask' | 'block'
}

export type FoundSpan = ScrubbedSpan & { readonly path: string }

export interface Looked {
  readonly spans: readonly FoundSpan[]
  readonly counts: Counts
  readonly policy: { readonly name: string; readonly version: string }
  readonly names: 'recogniser' | 'known-names'
}

export interface Scrubbed extends Looked {
  readonly output: unknown
  /** What puts the values back; null: nothing is kept. */
  readonly kept: { readonly handle: string; readonly scope: string; readonly expiresAt: EpochMs } | null
}

export interface Restored {
  readonly output: unknown
  readonly replaced: number
  readonly unresolved: readonly string[]
}

/** Maps by a name of the caller's: `session:<name>`, as the guard calls the scope of a session. */
const named = 'session:'

/**
 * Scrubbing and putting back for whoever asks by hand: nothing is sent anywhere from here. Values belong to the key
 * that brought them; a map of another key does not exist.
 */
export class PrivacyDesk {
  readonly #parts: DeskParts
  readonly #misses: MissLimit

  constructor(parts: DeskParts) {
    this.#parts = parts
    this.#misses = new MissLimit(parts.clock)
  }

  /** Rejects with `unknown_policy`. */
  policy(name: string | null): PrivacyPolicy {
    const { policies } = this.#parts.settings.value
    const policy = name === null ? policies[0] : policies.find((each) => each.name === name)
    if (policy === undefined) throw errors.unknownPolicy(name ?? '', nearestPolicies(name ?? '', policies))
    return policy
  }

  /** Only looks: nothing is kept. */
  async detect(matter: Matter, looking: Looking): Promise<Looked> {
    const policy = this.policy(looking.policy)
    this.#checkSize(matter)
    const { spans } = await this.#look(matter, this.#ask(looking, policy, null))
    return this.#looked(spans, policy)
  }

  /**
   * What was given, with placeholders. What the map holds is on the disk when this resolves. Rejects `too_large`,
   * `identifiers_found` (`mode: block`), `names_unprotected`, and what the scrubber and the vault reject with.
   */
  async scrub(matter: Matter, looking: Looking, keeping: Keeping): Promise<Scrubbed> {
    const policy = this.policy(looking.policy)
    this.#checkSize(matter)
    if (keeping.mode === 'block') return this.#block(matter, looking, policy)
    if (policy.names !== 'known-names' && this.#names() === 'known-names') throw errors.namesUnprotected(policy)
    const opened = keeping.mode === 'mask' ? null : await this.#open(looking.owner, keeping)
    const vault = opened?.vault ?? createMaskingVault({ owner: looking.owner, name: 'mask' })
    const { output, spans } = await this.#look(matter, this.#ask(looking, policy, vault))
    if (opened !== null) await this.#parts.vault.commit(opened.vault, null)
    for (const text of textsOf(output)) await this.#parts.transcripts.rememberScrubbed(looking.owner, text)
    const kept = opened && { handle: opened.handle, scope: opened.vault.id, expiresAt: opened.expiresAt }
    return { output, kept, ...this.#looked(spans, policy) }
  }

  /** Puts values back. Rejects `unknown_map`, and `too_many_misses` for a key that asks for what is not there. */
  async rehydrate(
    matter: Matter,
    whose: { readonly owner: KeyId; readonly handle: string; readonly param: string },
  ): Promise<Restored> {
    this.#checkSize(matter)
    const { owner, handle } = whose
    const waitMs = this.#misses.waitMs(owner)
    if (waitMs > 0) throw errors.tooManyMisses(waitMs)
    const vault = await this.#find(owner, handle)
    if (vault === null) {
      this.#misses.missed(owner)
      throw errors.unknownMap(whose.param)
    }
    const { restorer } = this.#parts
    if (matter.kind === 'text') {
      const { text, replaced, unresolved } = restorer.text(matter.text, vault.live)
      return { output: text, replaced, unresolved }
    }
    const written = JSON.stringify(matter.value)
    const unresolved = new Set<string>()
    for (const [text, , tag = '', form = ''] of written.matchAll(placeholderPattern))
      if (vault.live.resolve(tag, form) === null) unresolved.add(text)
    const { bytes, replaced } = restorer.json(new TextEncoder().encode(written), vault.live)
    return { output: JSON.parse(new TextDecoder().decode(bytes)) as unknown, replaced, unresolved: [...unresolved] }
  }

  async #block(matter: Matter, looking: Looking, policy: PrivacyPolicy): Promise<Scrubbed> {
    const { spans } = await this.#look(matter, this.#ask(looking, policy, null))
    if (spans.length > 0) throw errors.identifiersFound(countsOf(spans))
    const output = matter.kind === 'text' ? matter.text : matter.value
    return { output, kept: null, ...this.#looked(spans, policy) }
  }

  async #look(
    matter: Matter,
    ask: ScrubAsk,
  ): Promise<{ readonly output: unknown; readonly spans: readonly FoundSpan[] }> {
    const { scrubber } = this.#parts
    if (matter.kind === 'text') {
      const [scrubbed] = await scrubber.scrub({ ...ask, texts: [matter.text] })
      const spans = (scrubbed?.spans ?? []).map((span) => ({ ...span, path: '' }))
      return { output: scrubbed?.output ?? '', spans }
    }
    const { output, spans } = await scrubber.scrubJson(matter.value, ask)
    return { output, spans: spans.map((span) => ({ ...span, path: pathBelow(matter.at, span.path) })) }
  }

  #ask({ owner, entities, allow, deny, language, signal }: Looking, policy: PrivacyPolicy, vault: ScopeVault | null) {
    return { owner, vault, policy, origin: 'api', entities, allow, deny, language, signal } as const
  }

  #looked(spans: readonly FoundSpan[], policy: PrivacyPolicy): Looked {
    return {
      spans,
      counts: countsOf(spans),
      policy: { name: policy.name, version: policyVersion(policy) },
      names: this.#names(),
    }
  }

  #names(): Looked['names'] {
    return this.#parts.settings.value.recogniser === null ? 'known-names' : 'recogniser'
  }

  async #open(owner: KeyId, { scope, ttlMs }: Keeping) {
    const { vault, settings, clock } = this.#parts
    const options = { ttlMs: ttlMs ?? settings.value.ttlMs }
    if (scope === null) return vault.create(owner, options)
    const handle = named + scope
    const expiresAt = clock.now() + options.ttlMs
    return { vault: await vault.open({ owner, name: handle }, options), handle, expiresAt }
  }

  async #find(owner: KeyId, handle: string): Promise<ScopeVault | null> {
    const { vault, settings } = this.#parts
    if (!handle.startsWith(named)) return vault.byHandle(handle, owner)
    const opened = await vault.open({ owner, name: handle }, { ttlMs: settings.value.ttlMs })
    return opened.live.size === 0 ? null : opened
  }

  #checkSize(matter: Matter): void {
    const { textBytes } = this.#parts.settings.value.limits
    const text = matter.kind === 'text' ? matter.text : JSON.stringify(matter.value)
    // Three bytes for a unit is the most: short texts need not be counted.
    if (text.length * 3 <= textBytes) return
    const bytes = Buffer.byteLength(text)
    if (bytes <= textBytes) return
    throw errors.textTooLarge(formatBytes(bytes), formatBytes(textBytes), matter.kind === 'text' ? 'text' : matter.at)
  }
}

/** Changes with what a policy says. */
export function policyVersion(policy: PrivacyPolicy): string {
  const { name, names, cloud, pass, urls, restoreSecrets, hint, minScore } = policy
  const { text, transcript, audio, image, file } = cloud
  const said = [name, names, text, transcript, audio, image, file, pass, urls, restoreSecrets, hint, minScore]
  return sha256Hex(JSON.stringify(said)).slice(0, 12)
}

function countsOf(spans: readonly FoundSpan[]): Counts {
  const counts: Partial<Record<EntityType, number>> = {}
  for (const { type } of spans) counts[type] = (counts[type] ?? 0) + 1
  return counts
}

function nearestPolicies(name: string, policies: readonly PrivacyPolicy[]): readonly string[] {
  const names = policies.map((policy) => policy.name)
  const near = nearestNames(name, names)
  return near.length > 0 ? near : names.slice(0, 10)
}

const pathBelow = (at: string, path: string): string => (path === '' || path.startsWith('[') ? at : `${at}.`) + path

/** Every text in a JSON value; what is nested deeper than anybody writes is left out. */
function* textsOf(value: unknown, depth = 0): Generator<string> {
  if (typeof value === 'string') yield value
  else if (depth < 200 && typeof value === 'object' && value !== null)
    for (const member of Object.values(value)) yield* textsOf(member, depth + 1)
}
