import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { api } from '../../api/client.ts'
import { queries } from '../../api/queries.ts'
import type { PullView, Suggestion } from '../../api/types.ts'
import { Button } from '../../design/Button.tsx'
import { TextField } from '../../design/Field.tsx'
import { Icon } from '../../design/Icon.tsx'
import { Notice, ReadFailure, Skeletons, wordsOf } from '../../design/Notice.tsx'
import { strings } from '../../strings.ts'
import { bytes } from '../../text/format.ts'
import { PullRow } from './PullRow.tsx'

const words = strings.get
const refShape = /^[\w.-]+\/[\w.-]+(?::\S+)?$/
const running: ReadonlySet<PullView['state']> = new Set(['queued', 'running', 'verifying'])

export function GetModels({ mayOperate }: { mayOperate: boolean }) {
  const suggestions = useQuery(queries.suggestions)
  const pulls = useQuery(queries.pulls)
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set())
  const begin = usePull()
  const shown = (pulls.data ?? []).filter((pull) => isWorthShowing(pull) && !hidden.has(pull.id))
  const busyRefs = new Set((pulls.data ?? []).filter((pull) => running.has(pull.state)).map((pull) => pull.ref))
  const { memoryBytes } = suggestions.data ?? {}
  return (
    <section aria-labelledby="get-models">
      <h2 id="get-models" className="text-xl font-semibold">
        {words.title}
      </h2>
      <p className="text-soft">{memoryBytes ? words.lead(bytes(memoryBytes)) : words.leadUnknown}</p>
      <div className="mt-4 flex flex-col gap-4">
        {shown.length > 0 && (
          <ul className="flex flex-col gap-3">
            {shown.map((pull) => (
              <PullRow
                key={pull.id}
                pull={pull}
                mayOperate={mayOperate}
                onHide={() => setHidden((before) => new Set([...before, pull.id]))}
                onRetry={() => begin.mutate(pull.ref)}
              />
            ))}
          </ul>
        )}
        {begin.error && (
          <Notice tone="failed" isLive>
            {wordsOf(begin.error)}
          </Notice>
        )}
        {suggestions.isPending ? (
          <Skeletons rows={2} height="h-28" />
        ) : suggestions.isError ? (
          <ReadFailure what={words.suggestions} error={suggestions.error} onRetry={() => void suggestions.refetch()} />
        ) : suggestions.data.data.length === 0 ? (
          <p className="text-soft">{words.none}</p>
        ) : (
          <ul className="grid gap-3 md:grid-cols-2">
            {suggestions.data.data.map((suggestion) => (
              <SuggestionCard
                key={suggestion.ref}
                suggestion={suggestion}
                isPulling={busyRefs.has(suggestion.ref)}
                mayOperate={mayOperate}
                onPull={() => begin.mutate(suggestion.ref)}
              />
            ))}
          </ul>
        )}
        <OtherModel mayOperate={mayOperate} isBusy={begin.isPending} onPull={(ref) => begin.mutate(ref)} />
      </div>
    </section>
  )
}

function isWorthShowing(pull: PullView): boolean {
  return running.has(pull.state) || pull.state === 'failed'
}

function usePull() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (ref: string) => api<PullView>('/api/pulls', { method: 'POST', body: { ref } }),
    onSuccess: (pull) => {
      client.setQueryData(queries.pulls.queryKey, (list) => {
        // An event may have told more than this answer already; failed tries of the same file make way for the new one.
        const told = (list ?? []).find((entry) => entry.id === pull.id)
        const others = (list ?? []).filter(
          (entry) => entry.id !== pull.id && (entry.ref !== pull.ref || running.has(entry.state)),
        )
        return [...others, told ?? pull]
      })
    },
  })
}

interface SuggestionCardProps {
  suggestion: Suggestion
  isPulling: boolean
  mayOperate: boolean
  onPull(): void
}

function SuggestionCard({ suggestion, isPulling, mayOperate, onPull }: SuggestionCardProps) {
  return (
    <li className="flex items-center justify-between gap-4 rounded-lg border border-line bg-panel p-4">
      <div className="min-w-0">
        <h3 className="font-semibold">{suggestion.name}</h3>
        <p className="text-sm">{suggestion.description}</p>
        <p className="mt-1 text-sm text-soft">
          {words.size(bytes(suggestion.sizeBytes))} · {words.needs(bytes(suggestion.memoryBytes))} ·{' '}
          {suggestion.licence}
        </p>
        {suggestion.fits === false && (
          <p className="mt-1 flex items-center gap-1.5 text-sm text-ochre">
            <Icon name="alert" size={16} /> {words.tooLarge}
          </p>
        )}
      </div>
      <Button
        icon="down"
        disabled={!mayOperate || isPulling || suggestion.fits === false}
        title={mayOperate ? undefined : strings.models.mayNotOperate}
        aria-label={`${words.pull} ${suggestion.name}`}
        onClick={onPull}
      >
        {isPulling ? words.pulling : words.pull}
      </Button>
    </li>
  )
}

function OtherModel({
  mayOperate,
  isBusy,
  onPull,
}: {
  mayOperate: boolean
  isBusy: boolean
  onPull(ref: string): void
}) {
  const [ref, setRef] = useState('')
  const [problem, setProblem] = useState<string | null>(null)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    const wanted = ref.trim()
    if (!refShape.test(wanted)) {
      setProblem(words.otherInvalid)
      return
    }
    onPull(wanted)
    setRef('')
  }
  return (
    <form onSubmit={submit} className="flex items-start gap-3" noValidate>
      <div className="min-w-0 flex-1">
        <TextField
          label={words.otherLabel}
          hint={words.otherHint}
          problem={problem}
          placeholder={words.otherPlaceholder}
          value={ref}
          disabled={!mayOperate}
          autoCapitalize="off"
          spellCheck={false}
          onChange={(event) => {
            setRef(event.target.value)
            setProblem(null)
          }}
        />
      </div>
      <Button type="submit" icon="down" className="mt-6.5" disabled={!mayOperate || ref.trim() === ''} isBusy={isBusy}>
        {words.pull}
      </Button>
    </form>
  )
}
