import type { Priority } from '#kernel/words.ts'
import { Chain, type Link } from './chain.ts'
import { Heap } from './heap.ts'
import { strideOf, type TagClock, type Turns } from './turns.ts'

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
export interface Place<T> {
  readonly flow: Flow<T>
  readonly inFlow: Link<T>
  readonly inRoll: Link<T>
}

export function classesOf<T extends Waiter>(turns: Turns): Readonly<Record<Priority, FlowClass<T>>> {
  return { interactive: new FlowClass(turns, turns.interactive), batch: new FlowClass(turns, turns.batch) }
}

/** The requests of one priority in one line. */
export class FlowClass<T extends Waiter> {
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

export function isBefore(
  one: { readonly tag: number; readonly order: number },
  other: { readonly tag: number; readonly order: number },
): boolean {
  return one.tag < other.tag || (one.tag === other.tag && one.order < other.order)
}
