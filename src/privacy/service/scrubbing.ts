import type { KeyId } from '#kernel/ids.ts'
import type { PrivacyPolicy, ScopeVault } from '../contract.ts'
import type { EntityType, LiveTags, Origin, Span } from '../core/words.ts'

/** What becomes of texts and of JSON: the words between the desk and whoever looks for identifiers. */

/** How to look, and where what is found gets its placeholders. */
export interface ScrubAsk {
  /** Whose lists count beside the house's own. */
  readonly owner: KeyId
  /** null: only look; nothing is assigned and the output is the input. */
  readonly vault: ScopeVault | null
  readonly policy: PrivacyPolicy
  readonly origin: Origin
  /** null: all that the policy does not pass. */
  readonly entities: readonly EntityType[] | null
  /** Values that are left alone. */
  readonly allow: readonly string[]
  /** Values that are hidden as `TERM`. */
  readonly deny: readonly string[]
  /** null: that of the recogniser's settings. */
  readonly language: string | null
  readonly signal: AbortSignal
}

export interface ScrubbedSpan extends Span {
  /** null: nothing was assigned. */
  readonly placeholder: string | null
}

export interface ScrubbedText {
  readonly output: string
  /** In their order; offsets are those of the text as it was given. */
  readonly spans: readonly ScrubbedSpan[]
}

export interface ScrubbedJson {
  readonly output: unknown
  /** `path`: `messages[0].content`. Offsets are those of the text that stands there. */
  readonly spans: readonly (ScrubbedSpan & { readonly path: string })[]
}

/**
 * Replaces what is found. With a vault the output went through the leak gate: rejects AppError `blocked`
 * (`leak_blocked`) where a value would still be in it, `recogniser_unavailable` where names cannot be looked for, and
 * `too_large` beyond a limit. Commits nothing.
 */
export interface TextScrubber {
  scrub(ask: ScrubAsk & { readonly texts: readonly string[] }): Promise<readonly ScrubbedText[]>
  scrubJson(value: unknown, ask: ScrubAsk): Promise<ScrubbedJson>
}

/** Puts values back: whole texts, whole JSON. */
export interface Restorer {
  text(
    text: string,
    live: LiveTags,
  ): { readonly text: string; readonly replaced: number; readonly unresolved: readonly string[] }
  json(bytes: Uint8Array, live: LiveTags): { readonly bytes: Uint8Array; readonly replaced: number }
}
