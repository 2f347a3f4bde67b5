import type { Priority } from '#kernel/words.ts'
import { Chain, type Link } from './chain.ts'
import { Heap } from './heap.ts'
import { strideOf, type TagClock, Turns } from './turns.ts'

/** Somebody in a line. */
export interface Waiter {
  readonly key: string
  /** Entries come in this order. */
  readonly since: number
  readonly deadline: number
  /** A whole number from 1 on. */
  readonly weight: number
  readonly priority: Priority
}

export interface QueueLimits {
  readonly all: number
  readonly perKey: number
}

/** `displaced`: the youngest batch request, which left a full line to an interactive one; it has to be answered. */
export type Pushed<T> =
  | { readonly kind: 'in'; readonly displaced: T | null }
  /** Nothing changed. `line`: all its places are taken. `key`: this key fills its part of it. */
  | { readonly kind: 'full'; readonly by: 'line' | 'key' }

/** Who may be taken now. */
export interface Taking {
  /** Only those who came before. */
  readonly olderThan: number
  mayTake(key: string): boolean
}

/** Whose turn it is in one line; good until the line changes. */
export interface Turn<T> {
  readonly entry: T
  readonly tag: number
  readonly order: number
  /** How many of its key are before it. */
  readonly index: number
}

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

/** What one key waits for in one line. */
interface Flow<T> {
  readonly key: string
  readonly order: number
  readonly line: Chain<T>
  /** Of its first entry. */
  tag: number
  stride: number
}

/** Where an entry stands. */
interface Place<T> {
  readonly flow: Flow<T>
  readonly inFlow: Link<T>
  readonly inRoll: Link<T>
}

function classesOf<T extends Waiter>(turns: Turns): Readonly<Record<Priority, FlowClass<T>>> {
  return { interactive: new FlowClass(turns, turns.interactive), batch: new FlowClass(turns, turns.batch) }
}

/** The requests of one priority in one line. */
class FlowClass<T extends Waiter> {
  /** All, in the order in which they came. */
  readonly roll = new Chain<T>()
  readonly flows = new Map<string, Flow<T>>()
  readonly #turns: Turns
  readonly #clock: TagClock
  readonly #heads = new Heap<Flow<T>>(isBefore)

  constructor(turns: Turns, clock: TagClock) {
    this.#turns = turns
    this.#clock = clock
  }

  countOf(key: string): number {
    return this.flows.get(key)?.line.size ?? 0
  }

  enter(entry: T): Place<T> {
    const flow = this.flows.get(entry.key) ?? this.#open(entry.key)
    // A key's weight may have changed; the newest is right.
    flow.stride = strideOf(entry.weight)
    return { flow, inFlow: flow.line.append(entry), inRoll: this.roll.append(entry) }
  }

  leave({ flow, inFlow, inRoll }: Place<T>): void {
    flow.line.remove(inFlow)
    this.roll.remove(inRoll)
    if (flow.line.size > 0) return
    this.#heads.remove(flow)
    this.flows.delete(flow.key)
  }

  peek(taking: Taking): Turn<T> | null {
    const passed: Flow<T>[] = []
    let turn: Turn<T> | null = null
    while (turn === null) {
      const flow = this.#firstFlow()
      const entry = flow?.line.first ?? null
      if (flow === null || entry === null) break
      if (entry.since < taking.olderThan && taking.mayTake(flow.key))
        turn = { entry, tag: flow.tag, order: flow.order, index: 0 }
      else {
        this.#heads.remove(flow)
        passed.push(flow)
      }
    }
    for (const flow of passed) this.#heads.push(flow)
    return turn
  }

  /** The first of its key has had its turn; it has not left yet. */
  served(entry: T, tag: number): void {
    const flow = this.flows.get(entry.key)
    if (flow === undefined) return
    this.#clock.served(flow.key, tag, flow.stride)
    flow.tag = this.#clock.startOf(flow.key)
    this.#heads.update(flow)
  }

  turnAt(flow: Flow<T>, index: number): { readonly tag: number; readonly order: number } {
    const { order, stride } = flow
    const tag = this.#tagOf(flow)
    return { order, tag: index === 0 ? tag : Math.max(this.#clock.now, tag + stride) + (index - 1) * stride }
  }

  countBefore({ tag, order }: { readonly tag: number; readonly order: number }): number {
    let count = 0
    for (const flow of this.flows.values()) {
      const isFirstAtTie = flow.order < order
      const isIn = (other: number) => other < tag || (other === tag && isFirstAtTie)
      if (!isIn(this.#tagOf(flow))) continue
      const rounds = (tag - this.turnAt(flow, 1).tag) / flow.stride
      const later = Math.max(0, isFirstAtTie ? Math.floor(rounds) + 1 : Math.ceil(rounds))
      count += Math.min(flow.line.size, 1 + later)
    }
    return count
  }

  #open(key: string): Flow<T> {
    const flow: Flow<T> = {
      key,
      order: this.#turns.nextOrder(),
      line: new Chain<T>(),
      tag: this.#clock.startOf(key),
      stride: strideOf(1),
    }
    this.flows.set(key, flow)
    this.#heads.push(flow)
    return flow
  }

  /** A key that meanwhile had turns in another line of the same turns is due later. */
  #firstFlow(): Flow<T> | null {
    for (;;) {
      const flow = this.#heads.first
      if (flow === null || flow.tag === this.#tagOf(flow)) return flow
      flow.tag = this.#tagOf(flow)
      this.#heads.update(flow)
    }
  }

  #tagOf(flow: Flow<T>): number {
    return Math.max(flow.tag, this.#clock.endOf(flow.key))
  }
}

function isBefore(
  one: { readonly tag: number; readonly order: number },
  other: { readonly tag: number; readonly order: number },
): boolean {
  return one.tag < other.tag || (one.tag === other.tag && one.order < other.order)
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
