import type { Cell } from './words.ts'

/** A cell with its owner's hand on it. Listeners run in order, synchronously, after the value is in place. */
export interface OwnedCell<T> extends Cell<T> {
  replace(value: T): void
}

export function createCell<T>(initial: T): OwnedCell<T> {
  let current = initial
  const listeners = new Set<(value: T) => void>()
  return {
    get value() {
      return current
    },
    replace(value) {
      current = value
      for (const listener of [...listeners]) listener(value)
    },
    onChange(listener) {
      listeners.add(listener)
      return { [Symbol.dispose]: () => void listeners.delete(listener) }
    },
  }
}
