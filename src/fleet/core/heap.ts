/** The first of many by an order; any of them can leave. O(log n) each. No item may be in it twice. */
export class Heap<T> {
  readonly #isBefore: (one: T, other: T) => boolean
  readonly #items: T[] = []
  readonly #places = new Map<T, number>()

  constructor(isBefore: (one: T, other: T) => boolean) {
    this.#isBefore = isBefore
  }

  get size(): number {
    return this.#items.length
  }

  get first(): T | null {
    return this.#items[0] ?? null
  }

  push(item: T): void {
    this.#items.push(item)
    this.#rise(item, this.#items.length - 1)
  }

  /** False: it was not in it. */
  remove(item: T): boolean {
    const at = this.#places.get(item)
    if (at === undefined) return false
    this.#places.delete(item)
    const last = this.#items.pop()
    if (last === undefined || last === item) return true
    this.#settle(last, at)
    return true
  }

  /** What its place depends on has changed. */
  update(item: T): void {
    const at = this.#places.get(item)
    if (at !== undefined) this.#settle(item, at)
  }

  /** All from the first on for which `isIn` holds; it must hold for every item before one for which it holds. */
  upTo(isIn: (item: T) => boolean): T[] {
    const found: T[] = []
    const look = [0]
    for (let at = look.pop(); at !== undefined; at = look.pop()) {
      const item = this.#items[at]
      if (item === undefined || !isIn(item)) continue
      found.push(item)
      look.push(2 * at + 1, 2 * at + 2)
    }
    return found
  }

  #settle(item: T, at: number): void {
    this.#sink(item, this.#rise(item, at))
  }

  #rise(item: T, from: number): number {
    let at = from
    while (at > 0) {
      const parentAt = (at - 1) >> 1
      const parent = this.#items[parentAt]
      if (parent === undefined || !this.#isBefore(item, parent)) break
      this.#put(parent, at)
      at = parentAt
    }
    this.#put(item, at)
    return at
  }

  #sink(item: T, from: number): void {
    let at = from
    for (;;) {
      const childAt = this.#firstChild(at)
      const child = this.#items[childAt]
      if (child === undefined || !this.#isBefore(child, item)) break
      this.#put(child, at)
      at = childAt
    }
    this.#put(item, at)
  }

  #firstChild(at: number): number {
    const [left, right] = [this.#items[2 * at + 1], this.#items[2 * at + 2]]
    return left !== undefined && right !== undefined && this.#isBefore(right, left) ? 2 * at + 2 : 2 * at + 1
  }

  #put(item: T, at: number): void {
    this.#items[at] = item
    this.#places.set(item, at)
  }
}
