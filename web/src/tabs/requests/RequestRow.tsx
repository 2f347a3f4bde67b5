import { memo } from 'react'
import type { RequestView } from '../../api/types.ts'
import { hashOf } from '../../app/route.ts'
import { strings } from '../../strings.ts'
import { duration, moment } from '../../text/format.ts'
import { answeredBy, costWords, outcomeLooks, reasonWords, tokensWords } from './request-words.ts'

const words = strings.requests
const columns =
  'md:grid md:grid-cols-[5.5rem_minmax(0,2.2fr)_minmax(0,1.2fr)_minmax(0,1.3fr)_4.5rem_5rem_5rem_4.5rem] md:gap-x-3'

/** Names of the columns; on a phone every row says them itself. */
export function ListHead() {
  const { columns: names } = words
  return (
    <div
      aria-hidden="true"
      className={`hidden border-b border-line px-4 py-2 text-sm font-semibold text-soft md:px-5 ${columns}`}
    >
      <span>{names.time}</span>
      <span>{names.model}</span>
      <span>{names.by}</span>
      <span>{names.outcome}</span>
      <span className="text-right">{names.tokens}</span>
      <span className="text-right">{names.first}</span>
      <span className="text-right">{names.total}</span>
      <span className="text-right">{names.cost}</span>
    </div>
  )
}

interface RequestRowProps {
  request: RequestView
  keyName: string | null
  filterText: string
}

/** One request as one link: a row with columns at a desk, two lines on a phone. */
export const RequestRow = memo(function RequestRow({ request, keyName, filterText }: RequestRowProps) {
  const { outcome, reason, status, tokens, ttftMs, durationMs } = request
  return (
    <div role="listitem">
      <a
        href={hashOf('requests', request.id, filterText)}
        className={`touch block px-4 py-2.5 text-sm hover:bg-sunken md:items-center md:px-5 ${columns}`}
      >
        <time dateTime={request.at} className="text-soft tabular-nums max-md:float-right">
          {moment(request.at, { withSeconds: true })}
        </time>
        <span className="block min-w-0">
          <span className="block truncate font-semibold">{request.model}</span>
          <span className="block truncate text-soft">{keyName ?? request.key}</span>
        </span>
        <span className="min-w-0 truncate text-soft max-md:float-right max-md:max-w-[50%]">{answeredBy(request)}</span>
        <span className="block min-w-0">
          <span className={`font-semibold ${outcomeLooks[outcome]}`}>
            {words.outcomes[outcome]}
            {outcome !== 'complete' && ` · ${status}`}
          </span>
          {reason !== null && (
            <span className="block truncate text-soft" title={reason}>
              {reasonWords(reason)}
            </span>
          )}
        </span>
        <Figure label={words.columns.tokens} value={tokensWords(tokens)} />
        <Figure label={words.columns.first} value={ttftMs === null ? '–' : duration(ttftMs)} />
        <Figure label={words.columns.total} value={duration(durationMs)} />
        <Figure
          label={words.columns.cost}
          value={costWords(request.costMicros)}
          isUnknown={request.costMicros === null}
        />
      </a>
    </div>
  )
})

/** On a phone what is unknown is left out: the row is short of room. */
function Figure({ label, value, isUnknown = false }: { label: string; value: string; isUnknown?: boolean }) {
  return (
    <span
      className={`whitespace-nowrap tabular-nums max-md:mr-3 md:text-right ${isUnknown ? 'max-md:hidden' : 'max-md:inline-block'}`}
    >
      <span className="text-soft md:sr-only">{label} </span>
      {value}
    </span>
  )
}
