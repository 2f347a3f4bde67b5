import type { Found, Place, Recogniser, View } from '#privacy/core/words.ts'

/** What a recogniser found, with the text that it stands for. */
export interface Recognised extends Found {
  readonly id: string
  readonly type: string
  readonly text: string
}

/**
 * Reads a text with recognisers by the letter of their contract and as simply as can be: every trigger is looked for by
 * itself. For tests of recognisers alone; the product's engine is faster and reads more views.
 */
export function recognise(recognisers: readonly Recogniser[], text: string): readonly Recognised[] {
  const view = rawView(text)
  const all = recognisers.flatMap((recogniser) => found(recogniser, view))
  return all.toSorted((left, right) => left.start - right.start || right.end - left.end)
}

export function rawView(text: string): View {
  const lower = text.toLowerCase()
  if (lower.length !== text.length) throw new Error('this text changes its length in lower case')
  return { kind: 'raw', text, lower, rawStart: (index) => index, rawEnd: (index) => index }
}

function found(recogniser: Recogniser, view: View): readonly Recognised[] {
  const seen = new Set<string>()
  const all: Recognised[] = []
  for (const place of places(recogniser, view)) {
    let start = place.start
    for (;;) {
      const match = recogniser.match({ ...place, start })
      if (match === null) break
      const key = `${match.start}:${match.end}`
      const text = view.text.slice(match.start, match.end)
      if (!seen.has(key)) all.push({ ...match, id: recogniser.id, type: recogniser.type, text })
      seen.add(key)
      if (match.end <= start || match.end >= place.end) break
      start = match.end
    }
  }
  return all
}

function* places({ trigger }: Recogniser, view: View): Generator<Place> {
  if (trigger.kind === 'literal') {
    for (const literal of trigger.literals)
      for (let at = view.lower.indexOf(literal); at >= 0; at = view.lower.indexOf(literal, at + 1))
        yield { view, start: at, end: at + literal.length }
    return
  }
  if (trigger.kind === 'token') {
    for (const match of view.text.matchAll(/[A-Za-z0-9_]+/g)) {
      const [token] = match
      if (token.length < trigger.min || token.length > trigger.max) continue
      if (/\d/.test(token) && /[A-Za-z]/.test(token))
        yield { view, start: match.index, end: match.index + token.length }
    }
    return
  }
  for (const match of view.text.matchAll(/[+(]?\d+(?:[ .\-/()+:,]{1,2}\d+)*/g)) {
    const digits = match[0].replace(/\D/g, '').length
    if (digits >= trigger.min && digits <= trigger.max)
      yield { view, start: match.index, end: match.index + match[0].length }
  }
}
