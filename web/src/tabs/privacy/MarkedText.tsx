import { strings } from '../../strings.ts'
import { number } from '../../text/format.ts'
import { typeLook, typeName } from '../../text/entity-types.ts'
import type { Piece } from './pieces.ts'

const words = strings.privacy.try
const mostMarks = 2_000

interface MarkedTextProps {
  label: string
  pieces: readonly Piece[]
  types: readonly string[]
  /** The one that somebody looks at in the list. */
  active: number | null
}

/** A text with stretches coloured by what they are; the number is that of the list below. */
export function MarkedText({ label, pieces, types, active }: MarkedTextProps) {
  const marks = pieces.filter((piece) => piece.place !== null).length
  const shown = marks > mostMarks ? upTo(pieces, mostMarks) : pieces
  return (
    <div>
      <div
        role="group"
        aria-label={label}
        tabIndex={0}
        className="max-h-96 overflow-y-auto rounded-md border border-line bg-raised p-3 leading-7 whitespace-pre-wrap
          wrap-anywhere"
      >
        {shown.map(({ text, place }, at) =>
          place === null ? (
            <span key={at}>{text}</span>
          ) : (
            <mark
              key={at}
              title={typeName(types[place] ?? '')}
              className={`rounded-xs px-0.5 text-ink ${typeLook(types[place] ?? '')} ${
                active === place ? 'outline-2 outline-slate' : ''
              }`}
            >
              {text}
              <sup className="px-0.5 text-[0.6875rem] font-semibold select-none">{place + 1}</sup>
            </mark>
          ),
        )}
      </div>
      {marks > mostMarks && <p className="mt-1 text-sm text-soft">{words.tooMany(number(mostMarks))}</p>}
    </div>
  )
}

/** So many marks, and all that comes after them as plain text. */
function upTo(pieces: readonly Piece[], most: number): readonly Piece[] {
  let left = most
  const cut = pieces.findIndex((piece) => piece.place !== null && left-- === 0)
  const rest = pieces.slice(cut).map(({ text }) => text)
  return [...pieces.slice(0, cut), { text: rest.join(''), place: null }]
}
