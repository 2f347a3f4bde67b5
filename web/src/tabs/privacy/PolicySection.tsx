import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { type PolicyView, privacyQueries } from '../../api/privacy.ts'
import { Button } from '../../design/Button.tsx'
import { Notice, ReadFailure, Skeletons } from '../../design/Notice.tsx'
import { strings } from '../../strings.ts'
import { type DataClass, dataClasses, type Ruling } from './policy-form.ts'
import { PolicyDialog } from './PolicyDialog.tsx'
import { cloudsOf } from './policy-words.ts'
import { SectionHead } from './SectionHead.tsx'

const words = strings.privacy.policies
const looks: Readonly<Record<Ruling, string>> = {
  refuse: 'bg-moss-tint',
  scrub: 'bg-slate-tint',
  raw: 'bg-garnet-tint font-semibold',
}

/** Which data may go to which clouds, policy by policy. */
export function PolicySection({ isAdmin }: { isAdmin: boolean }) {
  const policies = useQuery(privacyQueries.policies)
  const status = useQuery(privacyQueries.status)
  const [open, setOpen] = useState<{ readonly policy: PolicyView | null } | null>(null)
  if (!policies.data || !status.data) {
    const error = policies.error ?? status.error
    const retry = () => void Promise.all([policies.refetch(), status.refetch()])
    return error ? (
      <ReadFailure what={words.title} error={error} onRetry={retry} />
    ) : (
      <Skeletons rows={2} height="h-40" />
    )
  }
  const { cloudText, recogniser } = status.data
  const canEdit = isAdmin && cloudText === 'scrub'
  return (
    <section aria-label={words.title} className="flex flex-col gap-5">
      <SectionHead
        title={words.title}
        lead={words.lead}
        action={
          canEdit && (
            <Button icon="plus" onClick={() => setOpen({ policy: null })}>
              {words.make}
            </Button>
          )
        }
      />
      {isAdmin && !canEdit && <Notice tone="watch">{words.overruled(cloudText)}</Notice>}
      <ul className="flex flex-col gap-4" aria-label={words.title}>
        {policies.data.map((policy) => (
          <PolicyCard
            key={policy.name}
            policy={policy}
            hasRecogniser={recogniser !== null}
            onEdit={canEdit && policy.source !== 'file' ? () => setOpen({ policy }) : null}
          />
        ))}
      </ul>
      {open && (
        <PolicyDialog
          policy={open.policy}
          taken={policies.data.map(({ name }) => name)}
          hasRecogniser={recogniser !== null}
          onClose={() => setOpen(null)}
        />
      )}
    </section>
  )
}

interface PolicyCardProps {
  policy: PolicyView
  hasRecogniser: boolean
  onEdit: (() => void) | null
}

function PolicyCard({ policy, hasRecogniser, onEdit }: PolicyCardProps) {
  const { name, source, version } = policy
  return (
    <li className="rounded-lg border border-line bg-panel">
      <div className="flex flex-wrap items-start justify-between gap-x-6 gap-y-3 px-4 pt-4 pb-3 md:px-6">
        <div className="min-w-0 flex-1 basis-64">
          <h3 className="flex flex-wrap items-baseline gap-x-2.5 text-lg font-semibold">
            {name}
            <span className="font-sans text-sm font-normal text-soft">{words.source[source]}</span>
          </h3>
          <p className="text-sm wrap-anywhere">{words.for(cloudsOf(policy))}</p>
        </div>
        {onEdit && (
          <Button icon="edit" aria-label={words.editOf(name)} onClick={onEdit}>
            {words.edit}
          </Button>
        )}
      </div>
      <dl className="grid gap-px border-y border-line bg-line md:grid-cols-5">
        {dataClasses.map((data) => {
          const { look, told } = rulingOf(policy, data, hasRecogniser)
          return (
            <div
              key={data}
              className="flex items-center justify-between gap-3 bg-panel px-4 py-2 text-sm md:flex-col md:items-start md:justify-start md:gap-1 md:px-3"
            >
              <dt className="font-semibold">{words.classes[data]}</dt>
              <dd className={`rounded-sm px-2 py-0.5 ${look}`}>{told}</dd>
            </div>
          )
        })}
      </dl>
      <div className="px-4 py-3 md:px-6">
        <h4 className="text-sm text-soft">{words.means}</h4>
        <ul className="mt-1 flex list-disc flex-col gap-0.5 pl-5 text-sm">
          {policy.words.map((sentence) => (
            <li key={sentence}>{sentence}</li>
          ))}
        </ul>
        <p className="mt-2 text-xs text-soft">
          {words.version(version)}
          {source === 'file' && ` · ${words.inFile}`}
        </p>
      </div>
    </li>
  )
}

/** What becomes of it now: without a recogniser some policies keep the text that they would scrub. */
function rulingOf({ cloud, names }: PolicyView, data: DataClass, hasRecogniser: boolean) {
  const ruling = cloud[data]
  if (ruling !== 'scrub' || hasRecogniser || names === 'known-names')
    return { look: looks[ruling], told: words.rulings[ruling] }
  return { look: looks.refuse, told: names === 'block' ? words.namesRefused : words.namesStay }
}
