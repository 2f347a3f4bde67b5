import type { RouteView, TargetView } from '../../api/types.ts'
import { useSession } from '../../app/page-state.ts'
import { may } from '../../app/session.ts'
import { Icon } from '../../design/Icon.tsx'
import { strings } from '../../strings.ts'
import { number } from '../../text/format.ts'
import { policyWords, targetName } from '../../text/route-told.ts'
import { fallbackWords, figuresOf, troubleOf } from './route-words.ts'
import { TestCall } from './TestCall.tsx'

const words = strings.routes

/** A name with everybody who may answer for it, in the order of their priority. */
export function RouteCard({ route }: { route: RouteView }) {
  const targets = route.targets.toSorted((one, other) => one.priority - other.priority)
  const hasWeights = targets.some((target) => target.weight !== 1)
  return (
    <li className="far-off rounded-lg border border-line bg-panel">
      <div className="flex flex-wrap items-baseline justify-between gap-x-6 gap-y-1 px-4 pt-4 pb-2 md:px-6">
        <div className="min-w-0">
          <h3 className="text-lg font-semibold wrap-anywhere">{route.name}</h3>
          {route.aliases.length > 0 && <p className="text-sm text-soft">{words.aliases(route.aliases.join(', '))}</p>}
        </div>
        <p className="text-sm text-soft">
          {route.isConfigured ? words.configured : words.plain}
          {targets.length > 1 && ` · ${policyWords(route.policy)}`}
        </p>
      </div>
      {targets.length === 0 ? (
        <p className="px-4 pb-4 text-sm text-ochre md:px-6">{words.noTargets}</p>
      ) : (
        <ul className="divide-y divide-line">
          {targets.map((target) => (
            <TargetRow key={`${target.deployment} ${target.model}`} target={target} hasWeights={hasWeights} />
          ))}
        </ul>
      )}
      {route.fallbacks.length > 0 && (
        <div className="border-t border-line px-4 py-3 text-sm md:px-6">
          <p className="text-soft">{words.fallbacks}</p>
          <ul>
            {route.fallbacks.map((fallback) => (
              <li key={`${fallback.model} ${fallback.on.join()}`} className="wrap-anywhere">
                <span className="font-semibold">{fallback.model}</span> {fallbackWords(fallback)}
              </li>
            ))}
          </ul>
        </div>
      )}
    </li>
  )
}

function TargetRow({ target, hasWeights }: { target: TargetView; hasWeights: boolean }) {
  const session = useSession()
  const trouble = troubleOf(target)
  const place = target.upstream === 'local' ? words.here : strings.upstreams.locality[target.locality ?? 'unknown']
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-1 px-4 py-2.5 md:px-6">
      <Breaker state={target.breaker === 'closed' && target.failures > 0 ? 'failing' : target.breaker} />
      <div className="min-w-0 flex-1 basis-64">
        <p className="wrap-anywhere">
          <span className="font-mono text-sm">{targetName(target)}</span>{' '}
          <span className="text-sm text-soft">
            {place}
            {hasWeights && ` · ${words.weight(number(target.weight))}`}
          </span>
        </p>
        <p className="text-sm text-soft tabular-nums">{figuresOf(target).join(' · ')}</p>
        {trouble !== '' && (
          <p className={`text-sm ${target.breaker === 'open' ? 'text-garnet' : 'text-ochre'}`}>{trouble}</p>
        )}
      </div>
      {may(session, 'inference') && <TestCall name={targetName(target)} />}
    </li>
  )
}

const breakerLooks = {
  closed: { look: 'text-moss', icon: 'check' },
  open: { look: 'text-garnet', icon: 'alert' },
  failing: { look: 'text-ochre', icon: 'alert' },
  half_open: { look: 'text-ochre', icon: 'refresh' },
} as const

function Breaker({ state }: { state: TargetView['breaker'] | 'failing' }) {
  const { look, icon } = breakerLooks[state]
  return (
    <p className={`flex w-28 shrink-0 items-center gap-1.5 text-sm font-semibold ${look}`}>
      <Icon name={icon} size={18} />
      {words.breaker[state]}
    </p>
  )
}
