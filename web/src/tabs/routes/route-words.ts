import type { RouteView, TargetView } from '../../api/types.ts'
import { strings } from '../../strings.ts'
import { duration, number, percent } from '../../text/format.ts'
import { classWords } from '../../text/route-told.ts'

const words = strings.routes

/** How a target does, in short figures; what is not known is not there. */
export function figuresOf(target: TargetView): readonly string[] {
  const { inFlight, queued, firstByteMs, engine } = target
  return [
    words.inFlight(number(inFlight)),
    queued > 0 ? words.queued(number(queued)) : null,
    firstByteMs === null ? words.firstByteUnknown : words.firstByte(duration(firstByteMs)),
    engine === null ? null : words.engine(known(engine.running), known(engine.waiting)),
    engine?.cacheUsage == null ? null : words.cacheUsage(percent(engine.cacheUsage)),
  ].filter((figure) => figure !== null)
}

/** Why it is not well, in words; empty while it is. */
export function troubleOf(target: TargetView): string {
  const { breaker, retryInMs, failures, lastFailure } = target
  if (breaker === 'closed' && failures === 0) return ''
  return [
    failures > 0 ? words.failures(failures) : null,
    lastFailure === null ? null : words.lastFailure(classWords(lastFailure)),
    breaker === 'open' && retryInMs !== null ? words.retryIn(duration(retryInMs)) : null,
  ]
    .filter((part) => part !== null)
    .join(' · ')
}

export function fallbackWords({ on }: RouteView['fallbacks'][number]): string {
  return on.length === 0 ? words.fallbackAny : words.fallbackOn(on.map(classWords).join(', '))
}

function known(value: number | null): string {
  return value === null ? '?' : number(value)
}
