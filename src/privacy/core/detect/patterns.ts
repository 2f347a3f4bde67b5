/** What the operator never lets out, as expressions: matched by RE2's automata, in linear time whatever they are. */
import { RE2JS, RE2JSException } from 're2js'
import type { View } from '../words.ts'
import type { Hit } from './scan.ts'

export interface DenyPatterns {
  /** null: they match more often than anybody reads; nothing may leave then. */
  find(view: View): readonly Hit[] | null
}

export type CompiledPatterns =
  | { readonly kind: 'patterns'; readonly patterns: DenyPatterns }
  | { readonly kind: 'problems'; readonly problems: readonly PatternProblem[] }

export interface PatternProblem {
  readonly pattern: string
  /** A sentence for whoever wrote it. */
  readonly problem: string
}

export const mostPatternUnits = 1000
const mostMatches = 10_000

export function compilePatterns(patterns: readonly string[]): CompiledPatterns {
  const problems: PatternProblem[] = []
  const compiled: RE2JS[] = []
  for (const pattern of patterns) {
    const made = compile(pattern)
    if (typeof made === 'string') problems.push({ pattern, problem: made })
    else compiled.push(made)
  }
  if (problems.length > 0) return { kind: 'problems', problems }
  return { kind: 'patterns', patterns: { find: (view) => findAll(compiled, view) } }
}

/** A sentence: it cannot be used. */
function compile(pattern: string): RE2JS | string {
  if (pattern.length > mostPatternUnits)
    return `The pattern has ${pattern.length} characters; ${mostPatternUnits} is the most.`
  try {
    const compiled = RE2JS.compile(pattern)
    if (compiled.test(''))
      return `The pattern ${JSON.stringify(pattern)} matches the empty text; make it need something.`
    return compiled
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error
    return `The pattern ${JSON.stringify(pattern)} is no expression of RE2: ${error.message}.`
  }
}

function findAll(patterns: readonly RE2JS[], { text }: View): readonly Hit[] | null {
  const hits: Hit[] = []
  for (const pattern of patterns) {
    if (!pattern.test(text)) continue
    const matcher = pattern.matcher(text)
    for (let count = 0; matcher.find(); count++) {
      if (count === mostMatches) return null
      const [start, end] = [matcher.start(), matcher.end()]
      const canonical = text.slice(start, end).toLowerCase()
      if (end > start)
        hits.push({ start, end, type: 'TERM', recogniser: 'deny', score: 1, isValidated: true, canonical })
    }
  }
  return hits
}
