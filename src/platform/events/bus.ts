import type { Clock } from '#kernel/time.ts'
import type { DomainEvent } from '#kernel/words.ts'
import type { BusEvent, EventBus } from './contract.ts'

export interface BusOptions {
  readonly clock: Clock
  /** How many events are kept for listeners that come back. */
  readonly capacity: number
}

/**
 * The bus: a ring of the latest events and a set of listeners. Listeners run at once and in order; one that throws is
 * dropped, because a fault in a reader must never become a fault of the teller.
 */
export function createEventBus({ clock, capacity }: BusOptions): EventBus {
  const epoch = Math.round(clock.now()).toString(36)
  const ring: BusEvent[] = []
  const listeners = new Set<(event: BusEvent) => void>()
  let count = 0

  return {
    get lastId() {
      return `${epoch}-${count}`
    },
    publish(event: DomainEvent) {
      count += 1
      const told: BusEvent = { id: `${epoch}-${count}`, at: clock.now(), type: event.type, data: event.data }
      ring.push(told)
      // In bulk: cutting one at a time would move all the others each time.
      if (ring.length >= capacity * 2) ring.splice(0, ring.length - capacity)
      for (const listener of listeners) {
        try {
          listener(told)
        } catch {
          listeners.delete(listener)
        }
      }
    },
    since(lastId) {
      const [itsEpoch, text] = lastId.split('-')
      const position = Number(text)
      if (itsEpoch !== epoch || !Number.isSafeInteger(position) || position < 0 || position > count) return null
      const missed = count - position
      return missed > Math.min(ring.length, capacity) ? null : ring.slice(ring.length - missed)
    },
    subscribe(listener) {
      listeners.add(listener)
      return { [Symbol.dispose]: () => void listeners.delete(listener) }
    },
  }
}
