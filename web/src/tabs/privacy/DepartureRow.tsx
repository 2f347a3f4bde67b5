import { memo } from 'react'
import type { DepartureView } from '../../api/privacy.ts'
import { hashOf } from '../../app/route.ts'
import { TypeCounts } from '../../design/TypeCounts.tsx'
import { strings } from '../../strings.ts'
import { bytes, moment } from '../../text/format.ts'

const words = strings.privacy.left

interface DepartureRowProps {
  departure: DepartureView
  keyName: string | null
  /** Whoever may see requests gets a way to this one. */
  hasLink: boolean
}

/** One request for a cloud: whose, where to, what became of it, and what was replaced in it. */
export const DepartureRow = memo(function DepartureRow({ departure, keyName, hasLink }: DepartureRowProps) {
  const { at, destination, path, verdict, reason, counts, data, policy, owner, request } = departure
  const isSent = verdict === 'sent'
  return (
    <li className="far-off flex flex-col gap-1.5 px-4 py-3 text-sm md:px-5">
      <p className="flex flex-wrap items-baseline justify-between gap-x-4 gap-y-0.5">
        <span className="min-w-0 wrap-anywhere">
          <span className="font-semibold">{destination}</span>{' '}
          <span className={`font-semibold ${isSent ? 'text-moss' : 'text-ochre'}`}>{words.verdicts[verdict]}</span>
        </span>
        <time dateTime={at} className="text-soft tabular-nums">
          {moment(at, { withSeconds: true })}
        </time>
      </p>
      {reason !== null && (
        <p>
          {reasonTold(reason)} <span className="font-mono text-xs text-soft">{reason}</span>
        </p>
      )}
      {isSent && Object.keys(counts).length > 0 && <TypeCounts counts={counts} label={words.replaced} />}
      <p className="flex flex-wrap items-center gap-x-2 text-soft">
        <span className="wrap-anywhere">
          {[
            keyName ?? (owner === 'house' ? words.house : owner),
            path,
            data.map(dataName).join(', '),
            bytes(departure.bytes),
            words.policy(policy),
            ...(isSent && Object.keys(counts).length === 0 ? [words.replacedNone] : []),
          ]
            .filter((part) => part !== '')
            .join(' · ')}
        </span>
        {hasLink && request !== null && (
          <a
            href={hashOf('requests', request)}
            className="max-md:touch inline-flex items-center text-slate underline underline-offset-2"
          >
            {words.request}
          </a>
        )}
      </p>
    </li>
  )
})

function reasonTold(reason: string): string {
  return reason in words.reasons ? words.reasons[reason as keyof typeof words.reasons] : reason
}

function dataName(name: string): string {
  return name in words.data ? words.data[name as keyof typeof words.data] : name
}
