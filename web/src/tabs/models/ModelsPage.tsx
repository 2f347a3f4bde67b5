import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { queries } from '../../api/queries.ts'
import type { ModelView } from '../../api/types.ts'
import { useSession } from '../../app/page-state.ts'
import { may } from '../../app/session.ts'
import { Button } from '../../design/Button.tsx'
import { TextField } from '../../design/Field.tsx'
import { EmptyState, Notice, ReadFailure, Skeletons } from '../../design/Notice.tsx'
import { strings } from '../../strings.ts'
import { EngineInstalls } from './EngineInstalls.tsx'
import { FoundFiles } from './FoundFiles.tsx'
import { GetModels } from './GetModels.tsx'
import { MemoryBed } from './MemoryBed.tsx'
import { ModelRow } from './ModelRow.tsx'
import { UpstreamList } from './UpstreamList.tsx'

const words = strings.models
const filterFrom = 8
const mostShown = 60

export function ModelsPage() {
  const session = useSession()
  const mayOperate = may(session, 'fleet.operate')
  const models = useQuery(queries.models)
  const status = useQuery(queries.status)
  const upstreams = status.data?.upstreams ?? []
  return (
    <div className="mx-auto flex w-full max-w-5xl flex-col gap-8 p-4 md:gap-10 md:p-10">
      <div className="flex flex-col gap-5">
        <div>
          <h1 className="text-2xl font-semibold">{words.title}</h1>
          <p className="text-soft">{words.lead}</p>
        </div>
        <Warnings warnings={status.data?.warnings ?? []} />
        <EngineInstalls />
        {status.data && models.data && <MemoryBed memory={status.data.memory} models={models.data} />}
        {models.isPending ? (
          <Skeletons rows={4} height="h-24" />
        ) : models.isError ? (
          <ReadFailure what={words.title} error={models.error} onRetry={() => void models.refetch()} />
        ) : (
          <ModelList models={models.data} mayOperate={mayOperate} />
        )}
      </div>
      {status.isError && (
        <ReadFailure what={strings.errors.house} error={status.error} onRetry={() => void status.refetch()} />
      )}
      {upstreams.length > 0 && <UpstreamList upstreams={upstreams} />}
      <GetModels mayOperate={mayOperate} />
      <FoundFiles mayOperate={mayOperate} />
    </div>
  )
}

function ModelList({ models, mayOperate }: { models: readonly ModelView[]; mayOperate: boolean }) {
  const [filter, setFilter] = useState('')
  const [limit, setLimit] = useState(mostShown)
  const wanted = filter.trim().toLowerCase()
  const matching = wanted === '' ? models : models.filter((model) => model.id.toLowerCase().includes(wanted))
  if (models.length === 0) return <EmptyState title={words.emptyTitle}>{words.emptyBody}</EmptyState>
  return (
    <div className="flex flex-col gap-3">
      <h2 className="sr-only">{words.listTitle}</h2>
      {models.length >= filterFrom && (
        <TextField
          label={words.filter}
          type="search"
          value={filter}
          onChange={(event) => setFilter(event.target.value)}
        />
      )}
      {matching.length === 0 ? (
        <p className="py-6 text-center text-soft">{words.noMatch(filter)}</p>
      ) : (
        <ul className="divide-y divide-line rounded-lg border border-line bg-panel" aria-label={words.title}>
          {matching.slice(0, limit).map((model) => (
            <ModelRow key={model.id} model={model} mayOperate={mayOperate} />
          ))}
        </ul>
      )}
      {matching.length > limit && (
        <Button onClick={() => setLimit(limit + mostShown)}>{words.more(matching.length - limit)}</Button>
      )}
    </div>
  )
}

function Warnings({ warnings }: { warnings: readonly string[] }) {
  if (warnings.length === 0) return null
  return (
    <Notice tone="watch">
      <p className="font-semibold">{strings.notices.title}</p>
      <ul className="flex flex-col gap-1 text-sm wrap-anywhere">
        {warnings.map((warning) => (
          <li key={warning}>{warning}</li>
        ))}
      </ul>
    </Notice>
  )
}
