import { useQuery } from '@tanstack/react-query'
import { queries } from '../../api/queries.ts'
import type { PublicModel, UpstreamView } from '../../api/types.ts'
import { hashOf } from '../../app/route.ts'
import { EmptyState, ReadFailure, Skeletons } from '../../design/Notice.tsx'
import { strings } from '../../strings.ts'
import { Reach } from '../models/UpstreamList.tsx'

const words = strings.routes
const upstreamWords = strings.upstreams

/** Where else answers come from: reachability (kept true by events), place, and the models it told. */
export function UpstreamSection() {
  const status = useQuery(queries.status)
  const models = useQuery(queries.public)
  return (
    <section aria-labelledby="upstreams" className="flex flex-col gap-4">
      <div>
        <h2 id="upstreams" className="text-xl font-semibold">
          {words.upstreams}
        </h2>
        <p className="text-soft">{words.upstreamsLead}</p>
      </div>
      {status.isPending ? (
        <Skeletons rows={2} />
      ) : status.isError ? (
        <ReadFailure what={words.upstreams} error={status.error} onRetry={() => void status.refetch()} />
      ) : status.data.upstreams.length === 0 ? (
        <EmptyState title={words.upstreams}>{words.noUpstreams}</EmptyState>
      ) : (
        <ul className="divide-y divide-line rounded-lg border border-line bg-panel">
          {status.data.upstreams.map((upstream) => (
            <UpstreamRow key={upstream.name} upstream={upstream} models={modelsOf(upstream, models.data ?? [])} />
          ))}
        </ul>
      )}
    </section>
  )
}

/** By their full names: each stands in the list of models also without its upstream's. */
function modelsOf(upstream: UpstreamView, models: readonly PublicModel[]): readonly string[] {
  return models.map((model) => model.id).filter((id) => id.startsWith(`${upstream.name}/`))
}

function UpstreamRow({ upstream, models }: { upstream: UpstreamView; models: readonly string[] }) {
  return (
    <li className="flex flex-col gap-1 px-4 py-4 md:px-6">
      <div className="flex flex-wrap items-center justify-between gap-x-6 gap-y-1">
        <div className="min-w-0">
          <h3 className="text-lg font-semibold">{upstream.name}</h3>
          <p className="font-mono text-xs text-soft wrap-anywhere">
            {upstream.kind} · {upstream.baseUrl}
          </p>
        </div>
        <div className="text-sm">
          <Reach upstream={upstream} />
          <p className="text-soft">{upstreamWords.locality[upstream.locality ?? 'unknown']}</p>
        </div>
      </div>
      {upstream.isReachable === false && upstream.lastError && (
        <p className="text-sm text-garnet">{upstream.lastError}</p>
      )}
      {models.length === 0 ? (
        <p className="text-sm text-soft">
          {upstream.models === null ? upstreamWords.modelsUnknown : upstreamWords.models(upstream.models)}
        </p>
      ) : (
        <details>
          <summary className="touch flex items-center gap-2 text-sm text-soft">
            {upstreamWords.models(models.length)}
          </summary>
          <ul aria-label={words.modelsOf(upstream.name)} className="flex flex-wrap gap-x-2">
            {models.map((id) => (
              <li key={id} className="min-w-0">
                <a
                  href={hashOf('chat', id)}
                  className="touch inline-flex items-center rounded-md px-2 font-mono text-sm text-slate underline
                    underline-offset-2 wrap-anywhere hover:bg-sunken"
                >
                  {id}
                </a>
              </li>
            ))}
          </ul>
        </details>
      )}
    </li>
  )
}
