/** A line that is left from anywhere at once: appending, leaving and looking at both ends take one step each. */
export class Chain<T> {
  #first: Link<T> | null = null
  #last: Link<T> | null = null
  #size = 0

  get size(): number {
    return this.#size
  }

  get first(): T | null {
    return this.#first?.value ?? null
  }

  get last(): T | null {
    return this.#last?.value ?? null
  }

  append(value: T): Link<T> {
    const link: Link<T> = { value, previous: this.#last, next: null }
    if (this.#last) this.#last.next = link
    else this.#first = link
    this.#last = link
    this.#size++
    return link
  }

  /** The link must be of this chain, and still in it. */
  remove(link: Link<T>): void {
    if (link.previous) link.previous.next = link.next
    else this.#first = link.next
    if (link.next) link.next.previous = link.previous
    else this.#last = link.previous
    this.#size--
  }

  *[Symbol.iterator](): Generator<T> {
    for (let link = this.#first; link !== null; link = link.next) yield link.value
  }
}

export interface Link<T> {
  readonly value: T
  previous: Link<T> | null
  next: Link<T> | null
}
