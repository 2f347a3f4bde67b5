import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { queries } from '../../api/queries.ts'
import type { PoolView } from '../../api/types.ts'
import { Button } from '../../design/Button.tsx'
import { EmptyState, ReadFailure, Skeletons } from '../../design/Notice.tsx'
import { strings } from '../../strings.ts'
import { isQuiet, poolFigures, poolName, sharedBy, waitWords } from './pool-words.ts'

const words = strings.routes.pools

/** What is scarce: how many places, who has them, and who waits. Read anew while somebody looks. */
export function PoolSection({ askEveryMs }: { askEveryMs: number }) {
  const pools = useQuery({ ...queries.pools, staleTime: 0, refetchInterval: askEveryMs })
  return (
    <section aria-labelledby="pools" className="flex flex-col gap-4">
      <div>
        <h2 id="pools" className="text-xl font-semibold">
          {words.title}
        </h2>
        <p className="text-soft">{words.lead}</p>
      </div>
      {pools.data ? (
        <PoolList pools={pools.data} />
      ) : pools.isPending ? (
        <Skeletons rows={2} />
      ) : (
        <ReadFailure what={words.title} error={pools.error} onRetry={() => void pools.refetch()} />
      )}
    </section>
  )
}

function PoolList({ pools }: { pools: readonly PoolView[] }) {
  const [showsQuiet, setShowsQuiet] = useState(false)
  const quiet = pools.filter(isQuiet).length
  const shown = showsQuiet ? pools : pools.filter((pool) => !isQuiet(pool))
  if (pools.length === 0) return <EmptyState title={words.emptyTitle}>{words.emptyBody}</EmptyState>
  return (
    <>
      {shown.length === 0 && <p className="text-soft">{words.allQuiet}</p>}
      <ul className="divide-y divide-line rounded-lg border border-line bg-panel empty:hidden" aria-label={words.title}>
        {shown.map((pool) => (
          <PoolRow key={`${pool.kind} ${pool.name}`} pool={pool} />
        ))}
      </ul>
      {quiet > 0 && (
        <Button className="self-start" aria-expanded={showsQuiet} onClick={() => setShowsQuiet(!showsQuiet)}>
          {showsQuiet ? words.hideQuiet : words.showQuiet(quiet)}
        </Button>
      )}
    </>
  )
}

function PoolRow({ pool }: { pool: PoolView }) {
  const { inFlight, limit } = pool
  const wait = waitWords(pool)
  const [taken, ...more] = poolFigures(pool)
  const shared = sharedBy(pool)
  return (
    <li className="flex flex-wrap items-center justify-between gap-x-6 gap-y-1 px-4 py-3 md:px-6">
      <div className="min-w-0 flex-1 basis-64">
        <h3 className="font-semibold wrap-anywhere">{poolName(pool)}</h3>
        {shared !== '' && <p className="text-sm text-soft wrap-anywhere">{shared}</p>}
        {wait !== '' && <p className="text-sm text-ochre tabular-nums">{wait}</p>}
      </div>
      <div className="flex basis-full flex-col sm:basis-72 gap-1 text-sm tabular-nums">
        <p>{taken}</p>
        {limit !== null && (
          <span aria-hidden="true" className="block h-1.5 overflow-hidden rounded-sm bg-sunken">
            <span
              className={`block h-full rounded-sm ${inFlight >= limit ? 'bg-ochre' : 'bg-edge'}`}
              style={{ width: `${Math.min(100, (inFlight / Math.max(1, limit)) * 100)}%` }}
            />
          </span>
        )}
        {more.length > 0 && <p className="text-soft">{more.join(' · ')}</p>}
      </div>
    </li>
  )
}
