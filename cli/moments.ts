import { usageError } from './failures.ts'
import { durationMs } from './format.ts'
import type { Flags } from './flags.ts'

/**
 * `--since` and `--until` as the house takes them. `2h` is two hours ago; a day alone stays one, because the house
 * counts days in UTC; a time without a zone is one of this machine, like those that the lists show.
 */
export function momentsOf(flags: Flags, now: number): { readonly since?: string; readonly until?: string } {
  const since = momentOf('since', flags.text('since'), now)
  const until = momentOf('until', flags.text('until'), now)
  return { ...(since === null ? {} : { since }), ...(until === null ? {} : { until }) }
}

/** One of them, under its option's name; null = it was not given. */
export function momentOf(name: string, text: string | null, now: number): string | null {
  if (text === null) return null
  const agoMs = durationMs(text)
  if (agoMs !== null) return new Date(now - agoMs).toISOString()
  const at = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text.replace(' ', 'T')) : Number.NaN
  if (Number.isNaN(at))
    throw usageError(`--${name} is "${text}", which is neither a time like 2026-01-31T12:00 nor a while ago like 2h.`)
  return text.length === 10 ? text : new Date(at).toISOString()
}
