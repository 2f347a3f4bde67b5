import type { Surroundings } from './connection.ts'
import type { LiveEvent, LiveStatus } from './events.ts'

/** What a page says to the worker that holds the one connection of all pages. */
export type ToWorker =
  | { readonly kind: 'start' }
  | { readonly kind: 'wake' }
  | { readonly kind: 'stop' }
  | { readonly kind: 'leave' }

/** What the worker says to every page. `fresh`: what was read before may be old. */
export type FromWorker =
  | { readonly kind: 'status'; readonly status: LiveStatus }
  | { readonly kind: 'fresh' }
  | { readonly kind: 'events'; readonly events: readonly LiveEvent[] }

export const realSurroundings: Surroundings = {
  fetch: (path, init) => fetch(path, init),
  now: () => Date.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms)
    return () => clearTimeout(timer)
  },
  random: () => Math.random(),
}
