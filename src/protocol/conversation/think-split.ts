const opening = '<think>'
const closing = '</think>'

export interface ThinkParts {
  readonly reasoning: string
  readonly content: string
}

/**
 * Sets the reasoning that a model writes as `<think>…</think>` in front of its answer apart from the answer. Only a
 * leading tag counts (after white space): the same letters later on are the model's own words. Works on text that
 * arrives in any pieces: what may still become a tag is held back until it is decided. Blank lines between the closing
 * tag and the answer go.
 */
export function createThinkSplitter() {
  let phase: 'undecided' | 'reasoning' | 'gap' | 'content' = 'undecided'
  let held = ''

  const push = (text: string): ThinkParts => {
    held += text
    let reasoning = ''
    if (phase === 'undecided') {
      const start = held.trimStart()
      if (start.startsWith(opening)) {
        phase = 'reasoning'
        held = start.slice(opening.length)
      } else if (!opening.startsWith(start)) phase = 'content'
      else return { reasoning: '', content: '' }
    }
    if (phase === 'reasoning') {
      const end = held.indexOf(closing)
      const sure = end < 0 ? held.length - overlap(held, closing) : end
      reasoning = held.slice(0, sure)
      held = held.slice(end < 0 ? sure : end + closing.length)
      if (end < 0) return { reasoning, content: '' }
      phase = 'gap'
    }
    if (phase === 'gap') {
      held = held.trimStart()
      if (held === '') return { reasoning, content: '' }
      phase = 'content'
    }
    const content = held
    held = ''
    return { reasoning, content }
  }

  return {
    push,
    /** What was held back when the text ended. */
    flush: (): ThinkParts => {
      const rest = held
      held = ''
      return phase === 'reasoning'
        ? { reasoning: rest, content: '' }
        : { reasoning: '', content: phase === 'gap' ? '' : rest }
    },
  }
}

export type ThinkSplitter = ReturnType<typeof createThinkSplitter>

/** The length of the longest end of `text` that begins `tag`. */
function overlap(text: string, tag: string): number {
  for (let length = Math.min(text.length, tag.length - 1); length > 0; length--) {
    if (text.endsWith(tag.slice(0, length))) return length
  }
  return 0
}
