import type { LeakReport, LeakSurvivor } from '../../api/privacy.ts'
import { Button } from '../../design/Button.tsx'
import { CopyButton } from '../../design/CopyButton.tsx'
import { Fact, Facts } from '../../design/Facts.tsx'
import { Notice } from '../../design/Notice.tsx'
import { strings } from '../../strings.ts'
import { duration, number } from '../../text/format.ts'
import { typeName } from '../../text/entity-types.ts'

const words = strings.privacy.proof

/** What arrived at the cloud of the house's own. */
export function LeakReportView({ report, onAgain }: { report: LeakReport; onAgain(): void }) {
  const { facts } = words
  return (
    <article aria-label={words.title} className="flex flex-col gap-6">
      <Notice tone={report.passed ? 'calm' : 'failed'} isLive>
        <p className="font-semibold">{report.passed ? words.passed : words.failed}</p>
      </Notice>
      <Facts>
        <Fact name={facts.seed}>
          <span className="font-mono">{report.seed}</span>
        </Fact>
        <Fact name={facts.cases}>{number(report.cases)}</Fact>
        <Fact name={facts.sent}>{number(report.sent)}</Fact>
        <Fact name={facts.restored}>{number(report.restored)}</Fact>
        <Fact name={facts.refused}>{number(report.refused)}</Fact>
        <Fact name={facts.policy}>
          {report.policy.name} <span className="font-mono text-xs text-soft">{report.policy.version}</span>
        </Fact>
        <Fact name={facts.took}>{duration(report.durationMs)}</Fact>
        <Fact name={facts.digest}>
          <span className="font-mono text-xs break-all">{report.digest}</span>
        </Fact>
      </Facts>
      <div className="flex flex-wrap gap-3">
        <Button icon="refresh" onClick={onAgain}>
          {words.again}
        </Button>
        <CopyButton text={JSON.stringify(report, null, 2)} name={words.copy} />
      </div>
      <section aria-labelledby="claimed" className="flex flex-col gap-2">
        <h3 id="claimed" className="text-lg font-semibold">
          {words.claimed}
        </h3>
        {report.claimed.length === 0 ? (
          <p className="text-moss">{words.claimedNone}</p>
        ) : (
          <Survivors rows={report.claimed} label={words.claimed} />
        )}
      </section>
      <section aria-labelledby="listed" className="flex flex-col gap-2">
        <h3 id="listed" className="text-lg font-semibold">
          {words.listed}
        </h3>
        <p className="max-w-prose text-sm text-soft">{words.listedLead}</p>
        {report.listed.length === 0 ? (
          <p>{words.listedNone}</p>
        ) : (
          <Survivors rows={report.listed} label={words.listed} />
        )}
      </section>
      <div className="grid items-start gap-4 lg:grid-cols-3">
        <Counted title={words.by.type} counts={report.byType} nameOf={typeName} />
        <Counted title={words.by.carrier} counts={report.byCarrier} nameOf={asTold} />
        <Counted title={words.by.mutation} counts={report.byMutation} nameOf={asTold} />
      </div>
    </article>
  )
}

const asTold = (name: string) => name

function Survivors({ rows, label }: { rows: readonly LeakSurvivor[]; label: string }) {
  const { columns } = words
  const ordered = rows.toSorted((one, other) => other.cases - one.cases)
  return (
    <div
      role="group"
      aria-label={label}
      tabIndex={0}
      className="max-h-96 overflow-auto rounded-lg border border-line bg-panel"
    >
      <table className="w-full text-left text-sm whitespace-nowrap [overflow-wrap:normal]">
        <thead className="text-soft">
          <tr className="border-b border-line">
            <th className="px-4 py-2">{columns.type}</th>
            <th className="px-4 py-2">{columns.mutation}</th>
            <th className="px-4 py-2 text-right">{columns.cases}</th>
            <th className="px-4 py-2">{columns.carrier}</th>
          </tr>
        </thead>
        <tbody className="divide-y divide-line">
          {ordered.map(({ type, carrier, mutation, cases }) => (
            <tr key={`${type} ${carrier} ${mutation}`}>
              <td className="px-4 py-1.5">{typeName(type)}</td>
              <td className="px-4 py-1.5 font-mono text-xs">{mutation}</td>
              <td className="px-4 py-1.5 text-right tabular-nums">{number(cases)}</td>
              <td className="px-4 py-1.5 font-mono text-xs">{carrier}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

interface CountedProps {
  title: string
  counts: Readonly<Record<string, number>>
  nameOf(name: string): string
}

/** How many cases of each, so that nobody takes ten for a thousand. */
function Counted({ title, counts, nameOf }: CountedProps) {
  const rows = Object.entries(counts).toSorted(([, one], [, other]) => other - one)
  return (
    <details className="rounded-lg border border-line bg-panel">
      <summary className="touch flex items-center justify-between gap-3 px-4 text-sm font-semibold">
        {title} ({rows.length})
      </summary>
      <dl className="max-h-80 overflow-y-auto px-4 pb-3 text-sm">
        {rows.map(([name, count]) => (
          <div key={name} className="flex justify-between gap-3 py-0.5">
            <dt className="min-w-0 wrap-anywhere">{nameOf(name)}</dt>
            <dd className="tabular-nums">{number(count)}</dd>
          </div>
        ))}
      </dl>
    </details>
  )
}
