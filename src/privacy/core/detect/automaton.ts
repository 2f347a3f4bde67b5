/**
 * Aho and Corasick's automaton: all literals of all recognisers in one pass, whatever their number. Dense transitions
 * over the units that literals are made of; every other unit is one class.
 */
export interface Automaton {
  /** The class of each ASCII unit; multiply nothing: states are offsets into `next`. */
  readonly classes: Uint8Array
  readonly next: Int32Array
  readonly width: number
  /** For a state (divided by `width`) the literals that end there; null: none. */
  readonly ends: readonly (readonly number[] | null)[]
}

export function buildAutomaton(literals: readonly string[]): Automaton {
  const classes = new Uint8Array(128)
  let width = 1
  for (const unit of literals.join('')) {
    const code = unit.charCodeAt(0)
    if (classes[code] === 0) classes[code] = width++
  }
  const children: Map<number, number>[] = [new Map()]
  const ends: number[][] = [[]]
  for (const [index, literal] of literals.entries()) {
    let state = 0
    for (const unit of literal) {
      const unitClass = classes[unit.charCodeAt(0)] ?? 0
      const known = children[state]?.get(unitClass)
      if (known === undefined) {
        children[state]?.set(unitClass, children.length)
        state = children.length
        children.push(new Map())
        ends.push([])
      } else state = known
    }
    ends[state]?.push(index)
  }
  return {
    classes,
    width,
    next: transitions(children, ends, width),
    ends: ends.map((at) => (at.length > 0 ? at : null)),
  }
}

/** Breadth first: what a state lacks, the state of its longest proper suffix has. */
function transitions(children: readonly Map<number, number>[], ends: number[][], width: number): Int32Array {
  const next = new Int32Array(children.length * width)
  const suffix = new Int32Array(children.length)
  const queue = [0]
  for (let head = 0; head < queue.length; head++) {
    const state = queue[head] ?? 0
    const fallback = suffix[state] ?? 0
    if (state !== 0) ends[state]?.push(...(ends[fallback] ?? []))
    for (let unitClass = 1; unitClass < width; unitClass++) {
      const child = children[state]?.get(unitClass)
      const other = state === 0 ? 0 : (next[fallback * width + unitClass] ?? 0)
      if (child === undefined) {
        next[state * width + unitClass] = other
        continue
      }
      suffix[child] = other / width
      next[state * width + unitClass] = child * width
      queue.push(child)
    }
  }
  return next
}
