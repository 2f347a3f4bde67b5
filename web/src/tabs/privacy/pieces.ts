/** A stretch of a text; `place`: which of the spans it is, from 0, or null for what stands between them. */
export interface Piece {
  readonly text: string
  readonly place: number | null
}

interface Place {
  readonly start: number
  readonly end: number
}

/** The text cut where something was found. What overlaps what is before it, or stands outside, is left to the list. */
export function piecesOf(text: string, spans: readonly Place[]): readonly Piece[] {
  return cut(text, spans, (place) => text.slice(spans[place]?.start, spans[place]?.end))
}

/**
 * The output cut where something was replaced; null where it is not the text with its spans replaced, so that nothing
 * is marked that is something else.
 */
export function outputPieces(
  given: { readonly text: string; readonly output: string },
  spans: readonly (Place & { readonly placeholder: string | null })[],
): readonly Piece[] | null {
  const pieces = cut(given.text, spans, (place) => spans[place]?.placeholder ?? '')
  return pieces.map((piece) => piece.text).join('') === given.output ? pieces : null
}

function cut(text: string, spans: readonly Place[], written: (place: number) => string): readonly Piece[] {
  const pieces: Piece[] = []
  let from = 0
  const ordered = spans.map((span, place) => ({ ...span, place })).toSorted((one, other) => one.start - other.start)
  for (const { start, end, place } of ordered) {
    if (start < from || end <= start || end > text.length) continue
    if (start > from) pieces.push({ text: text.slice(from, start), place: null })
    pieces.push({ text: written(place), place })
    from = end
  }
  if (from < text.length) pieces.push({ text: text.slice(from), place: null })
  return pieces
}
