import type { DomainEvent } from '#kernel/words.ts'
import type { EpochMs } from '#kernel/time.ts'

/**
 * An event on its way to listeners. `id` is `<start of this process in ms, base 36>-<number>`: an id of an earlier
 * process is told apart.
 */
export interface BusEvent extends DomainEvent {
  readonly id: string
  readonly at: EpochMs
}

/** The one source of everything live. Bounded memory; a listener that cannot follow is dropped and resumes by id. */
export interface EventBus {
  /** Of the latest event; before the first one an id that stands for the beginning. */
  readonly lastId: string
  publish(event: DomainEvent): void
  /**
   * Events after `lastId`, oldest first; null when `lastId` is unknown or too old (the listener must read the state
   * anew).
   */
  since(lastId: string): readonly BusEvent[] | null
  subscribe(listener: (event: BusEvent) => void): Disposable
}
