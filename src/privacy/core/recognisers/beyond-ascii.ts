import type { View } from '../words.ts'

/** Where units beyond ASCII stand, ascending; kept as long as the view. */
const places = new WeakMap<View, Int32Array>()

/** Whether one of so many units before `at` is beyond ASCII: most texts have few of them, programs none. */
export function isBeyondAscii(view: View, at: number, units: number): boolean {
  const all = placesOf(view)
  let low = 0
  let high = all.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((all[middle] ?? 0) < at) low = middle + 1
    else high = middle
  }
  return low > 0 && (all[low - 1] ?? 0) >= at - units
}

function placesOf(view: View): Int32Array {
  let known = places.get(view)
  if (known === undefined) {
    const found: number[] = []
    if (beyond.test(view.text))
      for (let index = 0; index < view.text.length; index++) if (view.text.charCodeAt(index) > 0x7f) found.push(index)
    known = Int32Array.from(found)
    places.set(view, known)
  }
  return known
}

const beyond = /[^\0-\x7f]/
