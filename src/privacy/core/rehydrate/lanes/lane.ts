import type { Json } from '#protocol/conversation/conversation.ts'
import type { LiveTags } from '../../words.ts'
import { jsonString } from '../json-depth.ts'
import { pathKey } from '../json.ts'
import { createTextRehydrator, type Allowance, type Escape, type TextRehydrator } from '../text.ts'
import type { ThinkingEcho } from '../thinking-echo.ts'

/** An event that there was not: it says what was held where no other event can. */
export interface Extra {
  /** Its name; empty: it has none. */
  readonly event: string
  readonly data: Json
}

/** What becomes of an event. */
export interface Taken {
  /** Events that go out before it. */
  readonly before: readonly Extra[]
  /** Leaves that lanes have dealt with, by `pathKey`, with their JSON where they changed. */
  readonly known: ReadonlyMap<string, string | null>
  readonly isChanged: boolean
  /** Changes to the event that no leaf can hold. */
  readonly mends: readonly ((event: Draft) => void)[]
  /** It says again, whole, what was said in pieces: what is put back in it was counted. */
  readonly isRepeat: boolean
}

export type Draft = Record<string, unknown>

/** Knows which texts of a dialect's events go on from event to event, and where each of them ends. */
export interface StreamLanes {
  take(event: Json, name: string): Taken
  /** Everything that is held, because nothing more comes. */
  drain(): readonly Extra[]
}

/** What every lane of an answer shares. */
export interface LaneFacts {
  readonly live: LiveTags
  /** What may be put into arguments of tools. */
  readonly tools: LiveTags
  readonly allowance: Allowance
  readonly thinkingEcho: ThinkingEcho | null
  readonly onCounted: (counts: { readonly replaced: number; readonly unknown: number }) => void
}

/** Texts that go on side by side; what begins beyond this is looked at event by event. */
export const maxLanes = 1024

/** One text that comes in pieces. */
export class Lane {
  readonly #rehydrator: TextRehydrator
  readonly #onCounted: LaneFacts['onCounted']
  #counted = { replaced: 0, unknown: 0 }

  constructor(facts: LaneFacts, { escape, isTool }: { readonly escape: Escape; readonly isTool: boolean }) {
    this.#rehydrator = createTextRehydrator(isTool ? facts.tools : facts.live, { escape, allowance: facts.allowance })
    this.#onCounted = facts.onCounted
  }

  get isHolding(): boolean {
    return this.#rehydrator.isHolding
  }

  /** Its text is not what came. */
  get hasReplaced(): boolean {
    return this.#counted.replaced > 0
  }

  push(text: string): string {
    const pushed = this.#rehydrator.push(text)
    this.#count()
    return pushed
  }

  end(): string {
    const held = this.#rehydrator.end()
    this.#count()
    return held
  }

  #count(): void {
    const now = this.#rehydrator.counts
    const { replaced, unknown } = this.#counted
    if (now.replaced === replaced && now.unknown === unknown) return
    this.#onCounted({ replaced: now.replaced - replaced, unknown: now.unknown - unknown })
    this.#counted = now
  }
}

/** Collects what becomes of one event. */
export class Changes implements Taken {
  readonly before: Extra[] = []
  readonly #known: { readonly path: readonly (string | number)[]; readonly json: string | null }[] = []
  readonly mends: ((event: Draft) => void)[] = []
  isChanged = false
  isRepeat = false

  get known(): ReadonlyMap<string, string | null> {
    return new Map(this.#known.map(({ path, json }) => [pathKey(path), json]))
  }

  /** Takes a text of the event through its lane; whether it came out otherwise. */
  through(lane: Lane, text: string, path: readonly (string | number)[]): boolean {
    const pushed = lane.push(text)
    const isChanged = pushed !== text
    this.#known.push({ path, json: isChanged ? jsonString(pushed) : null })
    this.isChanged ||= isChanged
    return isChanged
  }

  set(path: readonly (string | number)[], json: string): void {
    this.#known.push({ path, json })
    this.isChanged = true
  }

  mend(change: (event: Draft) => void): void {
    this.mends.push(change)
    this.isChanged = true
  }
}
