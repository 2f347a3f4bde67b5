import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { privacyQueries, type ScopeView, shred } from '../../api/privacy.ts'
import { Button } from '../../design/Button.tsx'
import { Dialog } from '../../design/Dialog.tsx'
import { EmptyState, Notice, ReadFailure, Skeletons, wordsOf } from '../../design/Notice.tsx'
import { strings } from '../../strings.ts'
import { ago, moment, number } from '../../text/format.ts'
import { SectionHead } from './SectionHead.tsx'
import { useKeyNames } from './use-key-names.ts'

const words = strings.privacy.scopes
const firstShown = 100
const mostShown = 1_000
const columns = 'lg:grid lg:grid-cols-[minmax(0,2fr)_minmax(0,1.4fr)_5.5rem_7rem_8rem_auto] lg:items-center lg:gap-x-4'

/** Where values are kept that can be put back. */
export function ScopesSection({ isAdmin }: { isAdmin: boolean }) {
  const [limit, setLimit] = useState(firstShown)
  const scopes = useQuery({ ...privacyQueries.scopes(limit), staleTime: 0, placeholderData: keepPreviousData })
  const keyNames = useKeyNames(isAdmin)
  const [doomed, setDoomed] = useState<ScopeView | null>(null)
  const { data } = scopes
  return (
    <section aria-label={words.title} className="flex flex-col gap-5">
      <SectionHead title={words.title} lead={isAdmin ? words.lead : `${words.lead} ${words.leadOwn}`} />
      {!data && scopes.isPending && <Skeletons rows={4} height="h-16" />}
      {!data && scopes.isError && (
        <ReadFailure what={words.title} error={scopes.error} onRetry={() => void scopes.refetch()} />
      )}
      {data?.length === 0 && <EmptyState title={words.empty}>{words.emptyBody}</EmptyState>}
      {data && data.length > 0 && (
        <ul className="divide-y divide-line rounded-lg border border-line bg-panel" aria-label={words.title}>
          {data.map((scope) => (
            <ScopeRow
              key={scope.id}
              scope={scope}
              keyName={keyNames.get(scope.owner) ?? null}
              onShred={() => setDoomed(scope)}
            />
          ))}
        </ul>
      )}
      {data && data.length >= limit && limit < mostShown && (
        <Button className="self-center" isBusy={scopes.isFetching} onClick={() => setLimit(mostShown)}>
          {words.more}
        </Button>
      )}
      {doomed && <ShredDialog scope={doomed} onClose={() => setDoomed(null)} />}
    </section>
  )
}

interface ScopeRowProps {
  scope: ScopeView
  keyName: string | null
  onShred(): void
}

function ScopeRow({ scope, keyName, onShred }: ScopeRowProps) {
  const { id, owner, kind, values, used_at: usedAt, expires_at: expiresAt, created_at: createdAt } = scope
  return (
    <li className={`far-off flex flex-col gap-1 px-4 py-3 text-sm md:px-5 ${columns}`}>
      <div className="min-w-0">
        <p className="font-semibold">{words.kinds[kind]}</p>
        <p className="font-mono text-xs break-all text-soft">{id}</p>
      </div>
      <p className="min-w-0 wrap-anywhere">
        <span className="text-soft lg:sr-only">{words.owner} </span>
        {keyName ?? <span className="font-mono text-xs">{owner}</span>}
      </p>
      <div className="flex flex-wrap gap-x-4 gap-y-0.5 lg:contents">
        <p className="tabular-nums">{words.values(number(values))}</p>
        <p title={`${words.made} ${moment(createdAt)}`}>
          <span className="text-soft lg:block">{words.used} </span>
          {ago(usedAt)}
        </p>
        <p>
          <span className="text-soft lg:block">{words.expires} </span>
          {moment(expiresAt)}
        </p>
      </div>
      <Button look="danger" className="max-lg:mt-1 max-lg:self-start" aria-label={words.shredOf(id)} onClick={onShred}>
        {words.shred}
      </Button>
    </li>
  )
}

function ShredDialog({ scope, onClose }: { scope: ScopeView; onClose(): void }) {
  const client = useQueryClient()
  const destroy = useMutation({
    mutationFn: () => shred(scope.id),
    async onSuccess() {
      await client.invalidateQueries({ queryKey: ['privacy', 'scopes'] })
      onClose()
    },
  })
  return (
    <Dialog
      title={words.shredTitle}
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>{strings.cancel}</Button>
          <Button look="grave" isBusy={destroy.isPending} onClick={() => destroy.mutate()}>
            {words.shredSubmit}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4">
        <p>
          {words.kinds[scope.kind]} · {words.values(number(scope.values))}
          <span className="block font-mono text-xs break-all text-soft">{scope.id}</span>
        </p>
        <ul className="flex list-disc flex-col gap-1 pl-5">
          {words.shredEffects.map((effect) => (
            <li key={effect}>{effect}</li>
          ))}
        </ul>
        {destroy.error && (
          <Notice tone="failed" isLive>
            {wordsOf(destroy.error)}
          </Notice>
        )}
      </div>
    </Dialog>
  )
}
