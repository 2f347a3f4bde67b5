import { useMutation, useQuery } from '@tanstack/react-query'
import { useId } from 'react'
import { type Detected, detect, privacyQueries, type Scrubbed, scrub } from '../../api/privacy.ts'
import { Button } from '../../design/Button.tsx'
import { AreaField, SelectField } from '../../design/Field.tsx'
import { IntoView } from '../../design/IntoView.tsx'
import { Notice, wordsOf } from '../../design/Notice.tsx'
import { strings } from '../../strings.ts'
import { FoundView } from './FoundView.tsx'
import { ScrubbedView } from './ScrubbedView.tsx'
import { SectionHead } from './SectionHead.tsx'

const words = strings.privacy.try
/** What somebody tries is not kept for long. */
const keptSeconds = 3600

/** What somebody tries, in the memory of this page only. */
export interface Trial {
  readonly text: string
  /** '' = the house's own. */
  readonly policy: string
  readonly result: TrialResult | null
}

export type TrialResult =
  | { readonly kind: 'found'; readonly text: string; readonly found: Detected }
  | { readonly kind: 'scrubbed'; readonly text: string; readonly scrubbed: Scrubbed }

export const emptyTrial: Trial = { text: '', policy: '', result: null }

interface TrySectionProps {
  trial: Trial
  onChange(change: (before: Trial) => Trial): void
}

export function TrySection({ trial, onChange }: TrySectionProps) {
  const { text, policy, result } = trial
  const showResult = (shown: TrialResult) => onChange((before) => ({ ...before, result: shown }))
  const looking = useMutation({
    mutationFn: async () => ({ kind: 'found' as const, text, found: await detect(text, policy) }),
    onSuccess: showResult,
  })
  const scrubbing = useMutation({
    mutationFn: async () => ({ kind: 'scrubbed' as const, text, scrubbed: await scrub(text, { policy, keptSeconds }) }),
    onSuccess: showResult,
  })
  const isBusy = looking.isPending || scrubbing.isPending
  const error = looking.error ?? scrubbing.error
  const isEmpty = text.trim() === ''
  const noteId = useId()
  const deed = { isBusy, disabled: isEmpty, 'aria-describedby': noteId }
  const start = (mutation: typeof looking | typeof scrubbing) => {
    looking.reset()
    scrubbing.reset()
    onChange((before) => ({ ...before, result: null }))
    mutation.mutate()
  }
  return (
    <section aria-label={words.title} className="flex flex-col gap-5">
      <SectionHead title={words.title} lead={words.lead} />
      <AreaField
        label={words.text}
        rows={6}
        placeholder={words.placeholder}
        value={text}
        spellCheck={false}
        autoComplete="off"
        onChange={(event) => {
          const { value } = event.target
          onChange((before) => ({ ...before, text: value }))
        }}
      />
      <div className="-mt-2 flex flex-wrap items-end justify-between gap-x-6 gap-y-3">
        <PolicyChoice
          chosen={policy}
          onChange={(name) => onChange((before) => ({ ...before, policy: name, result: null }))}
        />
        <div className="flex flex-wrap gap-3 max-sm:w-full sm:mb-1.5 max-sm:[&>*]:flex-1">
          <Button icon="search" {...deed} onClick={() => start(looking)}>
            {looking.isPending ? words.looking : words.look}
          </Button>
          <Button look="main" icon="shield" {...deed} onClick={() => start(scrubbing)}>
            {scrubbing.isPending ? words.scrubbing : words.scrub}
          </Button>
        </div>
      </div>
      <p id={noteId} className={isEmpty ? 'text-sm text-soft' : 'sr-only'}>
        {isEmpty ? words.empty : ''}
      </p>
      {error && (
        <Notice tone="failed" isLive>
          {wordsOf(error)}
        </Notice>
      )}
      {result && <Result result={result} />}
    </section>
  )
}

function Result({ result }: { result: TrialResult }) {
  if (result.kind === 'found')
    return (
      <IntoView key="found">
        <FoundView text={result.text} spans={result.found.spans} names={result.found.names} />
      </IntoView>
    )
  return (
    <IntoView key={result.scrubbed.handle}>
      <ScrubbedView text={result.text} scrubbed={result.scrubbed} />
    </IntoView>
  )
}

/** Where there is one policy there is nothing to choose. */
function PolicyChoice({ chosen, onChange }: { chosen: string; onChange(name: string): void }) {
  const policies = useQuery(privacyQueries.policies)
  const [first, ...others] = policies.data ?? []
  if (!first || others.length === 0) return <span />
  return (
    <div className="min-w-0 flex-1 basis-64 sm:max-w-sm">
      <SelectField label={words.policy} value={chosen} onChange={(event) => onChange(event.target.value)}>
        <option value="">{words.policyDefault(first.name)}</option>
        {others.map(({ name }) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </SelectField>
    </div>
  )
}
