import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { ApiError } from '../../api/client.ts'
import { queries } from '../../api/queries.ts'
import type { RouteView } from '../../api/types.ts'
import { Button } from '../../design/Button.tsx'
import { TextField } from '../../design/Field.tsx'
import { EmptyState, Notice, ReadFailure, Skeletons } from '../../design/Notice.tsx'
import { strings } from '../../strings.ts'
import { PoolSection } from './PoolSection.tsx'
import { RouteCard } from './RouteCard.tsx'
import { UpstreamSection } from './UpstreamSection.tsx'

const words = strings.routes
const filterFrom = 8
const mostShown = 50
/** What is in flight has no event; a browser that shows another page does not ask. */
const askEveryMs = 3_000

export function RoutesPage() {
  const routes = useQuery({ ...queries.routes, staleTime: 0, refetchInterval: askEveryMs })
  return (
    <div className="mx-auto flex w-full max-w-5xl flex-col gap-8 p-4 md:gap-10 md:p-10">
      <div className="flex flex-col gap-5">
        <div>
          <h1 className="text-2xl font-semibold">{words.title}</h1>
          <p className="text-soft">{words.lead}</p>
        </div>
        {routes.data ? (
          <RouteList routes={routes.data} />
        ) : routes.isPending ? (
          <Skeletons rows={4} height="h-24" />
        ) : routes.error instanceof ApiError && routes.error.status === 404 ? (
          <Notice tone="calm">{words.missing}</Notice>
        ) : (
          <ReadFailure what={words.title} error={routes.error} onRetry={() => void routes.refetch()} />
        )}
      </div>
      <PoolSection askEveryMs={askEveryMs} />
      <UpstreamSection />
    </div>
  )
}

function RouteList({ routes }: { routes: readonly RouteView[] }) {
  const [filter, setFilter] = useState('')
  const [limit, setLimit] = useState(mostShown)
  const wanted = filter.trim().toLowerCase()
  const matching = sorted(routes).filter((route) => searched(route).includes(wanted))
  if (routes.length === 0) return <EmptyState title={words.emptyTitle}>{words.emptyBody}</EmptyState>
  return (
    <div className="flex flex-col gap-3">
      <h2 className="sr-only">{words.names}</h2>
      {routes.length >= filterFrom && (
        <TextField
          label={words.filter}
          type="search"
          value={filter}
          onChange={(event) => setFilter(event.target.value)}
        />
      )}
      {matching.length === 0 && <p className="py-6 text-center text-soft">{words.noMatch(filter)}</p>}
      <ul className="flex flex-col gap-4 empty:hidden" aria-label={words.names}>
        {matching.slice(0, limit).map((route) => (
          <RouteCard key={route.name} route={route} />
        ))}
      </ul>
      {matching.length > limit && (
        <Button onClick={() => setLimit(limit + mostShown)}>{words.more(matching.length - limit)}</Button>
      )}
    </div>
  )
}

/** Routes that somebody wrote first; in both parts the order of the alphabet, so that nothing jumps. */
function sorted(routes: readonly RouteView[]): readonly RouteView[] {
  return routes.toSorted(
    (one, other) => Number(other.isConfigured) - Number(one.isConfigured) || one.name.localeCompare(other.name),
  )
}

function searched(route: RouteView): string {
  const targets = route.targets.map((target) => `${target.upstream}/${target.model}`)
  return [route.name, ...route.aliases, ...targets].join('\n').toLowerCase()
}
