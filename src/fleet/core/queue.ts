import type { Priority } from '#kernel/words.ts'
import { Heap } from './heap.ts'
import { classesOf, type FlowClass, isBefore, type Place, type Taking, type Turn, type Waiter } from './queue-flows.ts'
import { Turns } from './turns.ts'

export type { Turn, Waiter } from './queue-flows.ts'

export interface QueueLimits {
  readonly all: number
  readonly perKey: number
}

/** `displaced`: the youngest batch request, which left a full line to an interactive one; it has to be answered. */
export type Pushed<T> =
  | { readonly kind: 'in'; readonly displaced: T | null }
  /** Nothing changed. `line`: all its places are taken. `key`: this key fills its part of it. */
  | { readonly kind: 'full'; readonly by: 'line' | 'key' }

/**
 * A bounded waiting line that is fair between keys by their weights (`turns.ts`), interactive requests before batch
 * ones. Within a key and priority the oldest is first. Time is an argument; nothing here waits. Every step is
 * O(log n), but for what says otherwise.
 */
export class FairQueue<T extends Waiter> {
  readonly #limits: () => QueueLimits
  #turns: Turns
  #classes: Readonly<Record<Priority, FlowClass<T>>>
  readonly #places = new Map<T, Place<T>>()
  readonly #deadlines = new Heap<T>((one, other) => one.deadline < other.deadline)

  constructor(limits: () => QueueLimits, turns = new Turns()) {
    this.#limits = limits
    this.#turns = turns
    this.#classes = classesOf(turns)
  }

  get size(): number {
    return this.#places.size
  }

  has(entry: T): boolean {
    return this.#places.has(entry)
  }

  count(priority: Priority): number {
    return this.#classes[priority].roll.size
  }

  push(entry: T): Pushed<T> {
    const { all, perKey } = this.#limits()
    const { interactive, batch } = this.#classes
    const isFull = this.#places.size >= all
    const displaced = isFull && entry.priority === 'interactive' ? batch.roll.last : null
    if (isFull && displaced === null) return { kind: 'full', by: 'line' }
    const own = interactive.countOf(entry.key) + batch.countOf(entry.key) - (displaced?.key === entry.key ? 1 : 0)
    if (own >= perKey) return { kind: 'full', by: 'key' }
    if (displaced !== null) this.remove(displaced)
    this.#enter(entry)
    return { kind: 'in', displaced }
  }

  /** Whose turn it is; null = nobody's. O(log n) for each key before it that may not be taken. */
  peek(priority: Priority, taking: Taking): Turn<T> | null {
    return this.#classes[priority].peek(taking)
  }

  /** Takes one whose turn it is. */
  take({ entry, tag }: Turn<T>): void {
    this.#classes[entry.priority].served(entry, tag)
    this.#turns.took(entry.priority)
    this.#leave(entry)
  }

  /** False: it was not in the line. */
  remove(entry: T): boolean {
    return this.#leave(entry)
  }

  /** Those whose time is up; they are still in the line. O(how many). */
  dueAt(now: number): readonly T[] {
    return this.#deadlines.upTo((entry) => entry.deadline <= now)
  }

  /** When the oldest came; null = nobody waits. */
  oldestSince(priority: Priority | null = null): number | null {
    const { interactive, batch } = this.#classes
    const sinces = [
      priority === 'batch' ? null : interactive.roll.first,
      priority === 'interactive' ? null : batch.roll.first,
    ]
    return sinces.reduce<number | null>(
      (least, one) => (one === null ? least : Math.min(least ?? one.since, one.since)),
      null,
    )
  }

  /** The earliest deadline; null = nobody waits. */
  nextDeadline(): number | null {
    return this.#deadlines.first?.deadline ?? null
  }

  /** How many came before this moment. O(how many). */
  countOlderThan(since: number): number {
    let count = 0
    for (const { roll } of Object.values(this.#classes)) {
      for (const entry of roll) {
        if (entry.since >= since) break
        count++
      }
    }
    return count
  }

  /** Takes all, batch requests last. */
  drain(): readonly T[] {
    const entries = this.all()
    for (const entry of entries) this.#leave(entry)
    return entries
  }

  /** All, without taking them. O(n). */
  all(): readonly T[] {
    return [...this.#classes.interactive.roll, ...this.#classes.batch.roll]
  }

  /** From now on it takes turns with other lines. Nobody leaves; what keys were owed is forgotten. O(n log n). */
  join(turns: Turns): void {
    if (turns === this.#turns) return
    const entries = this.drain()
    this.#turns = turns
    this.#classes = classesOf(turns)
    for (const entry of entries) this.#enter(entry)
  }

  /** How many of this line are before a turn: see `positionOf`. O(keys). */
  countBefore(priority: Priority, turn: { readonly tag: number; readonly order: number }): number {
    const { interactive, batch } = this.#classes
    return priority === 'interactive' ? interactive.countBefore(turn) : interactive.roll.size + batch.countBefore(turn)
  }

  /** The turn that an entry will have. O(entries of its key before it); null = not in the line. */
  turnOf(entry: T): Turn<T> | null {
    const place = this.#places.get(entry)
    if (place === undefined) return null
    // Whoever has just come is the last of its key.
    const isLast = place.inFlow.next === null
    let before = isLast ? place.flow.line.size - 1 : 0
    for (let link = isLast ? null : place.inFlow.previous; link !== null; link = link.previous) before++
    return { entry, ...this.#classes[entry.priority].turnAt(place.flow, before), index: before }
  }

  /** All with the turns that they will have; O(n). */
  *turns(): Generator<Turn<T>> {
    for (const one of Object.values(this.#classes)) {
      for (const flow of one.flows.values()) {
        let index = 0
        for (const entry of flow.line) yield { entry, ...one.turnAt(flow, index), index: index++ }
      }
    }
  }

  #enter(entry: T): void {
    this.#places.set(entry, this.#classes[entry.priority].enter(entry))
    this.#deadlines.push(entry)
  }

  #leave(entry: T): boolean {
    const place = this.#places.get(entry)
    if (place === undefined) return false
    this.#places.delete(entry)
    this.#deadlines.remove(entry)
    this.#classes[entry.priority].leave(place)
    return true
  }
}

/** A line and who of it may be taken. */
export interface OpenLine<T extends Waiter> extends Taking {
  readonly queue: FairQueue<T>
}

/**
 * Whose turn it is among lines that take turns together; null = nobody's.
 * 1. batch requests are due (one has waited since `batchDueSince` or longer) and had no place of the last three: the
 *    first of them;
 * 2. the first interactive one;
 * 3. the first batch one.
 */
export function nextTurn<T extends Waiter, Line extends OpenLine<T>>(
  lines: readonly Line[],
  options: { readonly turns: Turns; readonly batchDueSince: number },
): { readonly line: Line; readonly turn: Turn<T> } | null {
  const { turns, batchDueSince } = options
  const isDue =
    turns.isForDueBatch && lines.some(({ queue }) => (queue.oldestSince('batch') ?? Infinity) <= batchDueSince)
  const order: readonly Priority[] = isDue ? ['batch', 'interactive'] : ['interactive', 'batch']
  for (const priority of order) {
    let best: { readonly line: Line; readonly turn: Turn<T> } | null = null
    for (const line of lines) {
      const turn = line.queue.peek(priority, line)
      if (turn !== null && (best === null || isBefore(turn, best.turn))) best = { line, turn }
    }
    if (best !== null) return best
  }
  return null
}

/**
 * How many would be taken before this turn from lines that take turns together, if nobody else came, all might be
 * taken and no batch request became due; 0 = next.
 */
export function positionOf<T extends Waiter>(lines: readonly FairQueue<T>[], turn: Turn<T>): number {
  return lines.reduce((sum, line) => sum + line.countBefore(turn.entry.priority, turn), 0)
}
