import type { UpstreamView } from '../../api/types.ts'
import { Icon } from '../../design/Icon.tsx'
import { strings } from '../../strings.ts'

const words = strings.upstreams

export function UpstreamList({ upstreams }: { upstreams: readonly UpstreamView[] }) {
  return (
    <section aria-labelledby="upstreams">
      <h2 id="upstreams" className="text-xl font-semibold">
        {words.title}
      </h2>
      <p className="text-soft">{words.lead}</p>
      <ul className="mt-4 divide-y divide-line rounded-lg border border-line bg-panel">
        {upstreams.map((upstream) => (
          <li
            key={upstream.name}
            className="flex flex-wrap items-center justify-between gap-x-6 gap-y-1 px-4 py-4 md:px-6"
          >
            <div className="min-w-0">
              <h3 className="text-lg font-semibold">{upstream.name}</h3>
              <p className="font-mono text-xs text-soft">{upstream.baseUrl}</p>
            </div>
            <div className="text-sm">
              <Reach upstream={upstream} />
              <p className="text-soft">
                {upstream.models === null ? words.modelsUnknown : words.models(upstream.models)} ·{' '}
                {words.locality[upstream.locality ?? 'unknown']}
              </p>
            </div>
            {upstream.isReachable === false && upstream.lastError && (
              <p className="w-full text-sm text-garnet">{upstream.lastError}</p>
            )}
          </li>
        ))}
      </ul>
    </section>
  )
}

export function Reach({ upstream }: { upstream: UpstreamView }) {
  if (upstream.isReachable === null) return <p className="text-soft">{words.unknown}</p>
  return (
    <p className={`flex items-center gap-1.5 font-semibold ${upstream.isReachable ? 'text-moss' : 'text-garnet'}`}>
      <Icon name={upstream.isReachable ? 'check' : 'alert'} size={18} />
      {upstream.isReachable ? words.reachable : words.unreachable}
    </p>
  )
}
