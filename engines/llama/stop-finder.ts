/** Finds stop texts in a text that comes in pieces, and holds back what could be the beginning of one. */
export interface StopFinder {
  /** What may be shown now, and whether a stop text was reached; the stop text itself is never shown. */
  push(piece: string): { readonly text: string; readonly isStopped: boolean }
  /** The end came without a stop text: what was held back. */
  rest(): string
}

export function createStopFinder(stops: readonly string[]): StopFinder {
  let held = ''
  return {
    push(piece) {
      const text = held + piece
      const found = stops.map((stop) => text.indexOf(stop)).filter((at) => at >= 0)
      if (found.length > 0) {
        held = ''
        return { text: text.slice(0, Math.min(...found)), isStopped: true }
      }
      const keep = Math.max(0, ...stops.map((stop) => overlap(text, stop)))
      held = text.slice(text.length - keep)
      return { text: text.slice(0, text.length - keep), isStopped: false }
    },
    rest() {
      const text = held
      held = ''
      return text
    },
  }
}

/** The longest end of `text` that is a beginning of `stop`. */
function overlap(text: string, stop: string): number {
  for (let size = Math.min(stop.length - 1, text.length); size > 0; size--) {
    if (text.endsWith(stop.slice(0, size))) return size
  }
  return 0
}
