/**
 * A bounded waiting line that is fair between keys: one entry of each key in turn, the oldest first within a key. A
 * key that asks a thousand times waits behind its own requests, not before everybody else's. Time is an argument;
 * nothing here waits.
 */
export interface FairQueue<T extends Waiter> {
  readonly size: number
  /** False: the line is full and nothing changed. */
  push(entry: T): boolean
  /** Takes the next entry, or the next of those that came before `olderThan`. */
  take(olderThan?: number): T | null
  /** False: it was not in the line. */
  remove(entry: T): boolean
  /** Takes out all whose time is up. */
  expire(now: number): readonly T[]
  /** How many would be taken before this one if nobody else came; 0 = next. -1 = not in the line. */
  positionOf(entry: T): number
  /** When the oldest came; null = nobody waits. */
  oldestSince(): number | null
  /** The earliest deadline; null = nobody waits. */
  nextDeadline(): number | null
  /** How many came before this moment. */
  countOlderThan(since: number): number
  /** Takes all. */
  drain(): readonly T[]
  /** All, without taking them. */
  all(): readonly T[]
}

export interface Waiter {
  readonly key: string
  readonly since: number
  readonly deadline: number
}

export function createFairQueue<T extends Waiter>(limit: () => number): FairQueue<T> {
  /** In the order of their turns; a key is here exactly while it has entries. */
  const turns = new Map<string, T[]>()
  let size = 0

  const without = (entry: T, line: T[], index: number) => {
    line.splice(index, 1)
    size--
    if (line.length === 0) turns.delete(entry.key)
  }
  const all = (): T[] => [...turns.values()].flat()

  return {
    get size() {
      return size
    },
    push(entry) {
      if (size >= limit()) return false
      const line = turns.get(entry.key)
      if (line) line.push(entry)
      else turns.set(entry.key, [entry])
      size++
      return true
    },
    take(olderThan = Infinity) {
      for (const [key, line] of turns) {
        const first = line[0]
        if (first === undefined || first.since >= olderThan) continue
        without(first, line, 0)
        // The key's next turn comes after everyone else's.
        turns.delete(key)
        if (line.length > 0) turns.set(key, line)
        return first
      }
      return null
    },
    remove(entry) {
      const line = turns.get(entry.key)
      const index = line?.indexOf(entry) ?? -1
      if (line === undefined || index < 0) return false
      without(entry, line, index)
      return true
    },
    expire(now) {
      const expired = all().filter((entry) => entry.deadline <= now)
      for (const entry of expired) this.remove(entry)
      return expired
    },
    positionOf: (entry) => positionIn(turns, entry),
    oldestSince: () => smallest(all().map((entry) => entry.since)),
    nextDeadline: () => smallest(all().map((entry) => entry.deadline)),
    all,
    countOlderThan: (since) => all().filter((entry) => entry.since < since).length,
    drain() {
      const entries = all()
      turns.clear()
      size = 0
      return entries
    },
  }
}

function positionIn<T extends Waiter>(turns: ReadonlyMap<string, readonly T[]>, entry: T): number {
  const own = turns.get(entry.key)?.indexOf(entry) ?? -1
  if (own < 0) return -1
  let before = 0
  let isBeforeOwnTurn = true
  for (const [key, line] of turns) {
    if (key === entry.key) isBeforeOwnTurn = false
    // Others' lines advance once per round: rounds 0 … own come before it, the last one only for earlier turns.
    before += key === entry.key ? own : Math.min(line.length, isBeforeOwnTurn ? own + 1 : own)
  }
  return before
}

function smallest(numbers: readonly number[]): number | null {
  return numbers.length === 0 ? null : numbers.reduce((a, b) => Math.min(a, b))
}
