import { type ReactNode, useState } from 'react'
import type { Detected, FoundSpan, HiddenSpan } from '../../api/privacy.ts'
import { Button } from '../../design/Button.tsx'
import { Notice } from '../../design/Notice.tsx'
import { TypeCounts } from '../../design/TypeCounts.tsx'
import { strings } from '../../strings.ts'
import { number, percent } from '../../text/format.ts'
import { typeLook, typeName } from '../../text/entity-types.ts'
import { MarkedText } from './MarkedText.tsx'
import { piecesOf } from './pieces.ts'

const words = strings.privacy.try
const firstShown = 50

interface FoundViewProps {
  text: string
  spans: readonly (FoundSpan | HiddenSpan)[]
  names: Detected['names']
}

/** Where something was found, what it is, who found it, and why. */
export function FoundView({ text, spans, names }: FoundViewProps) {
  const [active, setActive] = useState<number | null>(null)
  return (
    <div className="flex flex-col gap-3">
      <FoundHead spans={spans} names={names} />
      {spans.length > 0 && (
        <>
          <MarkedText
            label={words.marked}
            pieces={piecesOf(text, spans)}
            types={spans.map(({ type }) => type)}
            active={active}
          />
          <SpanList text={text} spans={spans} onActive={setActive} />
        </>
      )}
    </div>
  )
}

function FoundHead({ spans, names }: Pick<FoundViewProps, 'spans' | 'names'>) {
  const isKnownOnly = names === 'known-names'
  if (spans.length === 0)
    return (
      <Notice tone="calm" isLive>
        <p className="font-semibold">{words.nothing}</p>
        <p className="text-sm">
          {words.nothingMore} {isKnownOnly && words.knownNames}
        </p>
      </Notice>
    )
  const counts: Record<string, number> = {}
  for (const { type } of spans) counts[type] = (counts[type] ?? 0) + 1
  return (
    <div className="flex flex-col gap-2" role="status">
      <h3 className="text-lg font-semibold">{words.found(number(spans.length))}</h3>
      <TypeCounts counts={counts} label={words.list} />
      {isKnownOnly && <p className="text-sm text-soft">{words.knownNames}</p>}
    </div>
  )
}

interface SpanListProps extends Pick<FoundViewProps, 'text' | 'spans'> {
  onActive(place: number | null): void
}

function SpanList({ text, spans, onActive }: SpanListProps) {
  const [limit, setLimit] = useState(firstShown)
  return (
    <>
      <ol className="divide-y divide-line rounded-lg border border-line bg-panel" aria-label={words.list}>
        {spans.slice(0, limit).map((span, place) => (
          <li
            key={place}
            className="px-4 py-3 hover:bg-sunken md:px-5"
            onMouseEnter={() => onActive(place)}
            onMouseLeave={() => onActive(null)}
          >
            <p className="flex flex-wrap items-baseline gap-x-3 gap-y-1">
              <span className="text-sm text-soft tabular-nums">{place + 1}</span>
              <span className={`rounded-sm px-2 text-sm font-semibold ${typeLook(span.type)}`}>
                {typeName(span.type)}
              </span>
              <span className="min-w-0 font-mono text-sm wrap-anywhere">{text.slice(span.start, span.end)}</span>
              {'placeholder' in span && span.placeholder !== null && (
                <span className="font-mono text-sm text-soft wrap-anywhere">→ {span.placeholder}</span>
              )}
            </p>
            <p className="mt-1 max-w-prose text-sm">{span.why}</p>
            <dl className="mt-1 flex flex-wrap gap-x-5 gap-y-0.5 text-sm">
              <Told name={words.who}>
                <span className="font-mono text-xs">{span.recogniser}</span>
              </Told>
              <Told name={words.view}>{viewName(span.view)}</Told>
              <Told name={words.score}>{span.is_validated ? words.validated : percent(span.score)}</Told>
            </dl>
          </li>
        ))}
      </ol>
      {spans.length > limit && (
        <Button className="self-start" onClick={() => setLimit(limit * 4)}>
          {words.more(spans.length - limit)}
        </Button>
      )}
    </>
  )
}

function Told({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="flex items-baseline gap-1.5">
      <dt className="text-soft">{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}

function viewName(view: string): string {
  return view in words.views ? words.views[view as keyof typeof words.views] : view
}
