import type { View } from '../words.ts'

const beyond = /[^\0-\x7f]/
const seen = new WeakMap<View, boolean>()

/** Whether one of so many units before `at` is beyond ASCII; for a text that has none it costs next to nothing. */
export function isBeyondAscii(view: View, at: number, units: number): boolean {
  let hasAny = seen.get(view)
  if (hasAny === undefined) {
    hasAny = beyond.test(view.text)
    seen.set(view, hasAny)
  }
  return hasAny && beyond.test(view.text.slice(Math.max(0, at - units), at))
}
