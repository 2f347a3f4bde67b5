import type { Counts } from '../contract.ts'

/** What was hidden and put back since the start: counts and types, for metrics. */
export class Tally {
  readonly #hidden = new Map<string, number>()
  readonly #refused = new Map<string, number>()
  #replaced = 0
  #unknown = 0

  get counts(): TallyCounts {
    const hidden = Object.fromEntries(this.#hidden)
    const refused = Object.fromEntries(this.#refused)
    return { hidden, refused, replaced: this.#replaced, unknown: this.#unknown }
  }

  hid(counts: Counts): void {
    for (const [type, count] of Object.entries(counts)) add(this.#hidden, type, count)
  }

  refused(reason: string): void {
    add(this.#refused, reason, 1)
  }

  putBack({ replaced, unknown }: { readonly replaced: number; readonly unknown: number }): void {
    this.#replaced += replaced
    this.#unknown += unknown
  }
}

export interface TallyCounts {
  /** Identifiers that were replaced, by type. */
  readonly hidden: Readonly<Record<string, number>>
  /** Requests that did not leave, by reason. */
  readonly refused: Readonly<Record<string, number>>
  /** Placeholders in answers for which a value was put back. */
  readonly replaced: number
  /** What looked like a placeholder in answers, and was none of the scope's. */
  readonly unknown: number
}

function add(counts: Map<string, number>, name: string, count: number): void {
  counts.set(name, (counts.get(name) ?? 0) + count)
}
