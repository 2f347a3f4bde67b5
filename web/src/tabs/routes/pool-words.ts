import type { PoolView } from '../../api/types.ts'
import { strings } from '../../strings.ts'
import { duration, number } from '../../text/format.ts'

const words = strings.routes.pools

/** What it is called here: a model by its id, an upstream by its name, a pool as somebody named it. */
export function poolName({ name, kind }: Pick<PoolView, 'name' | 'kind'>): string {
  const bare = name.replace(/^(model|upstream):/, '')
  return kind === 'audio' ? words.audio(bare.replace(/\/audio$/, '')) : bare
}

/** Who shares it; empty where the name says it. */
export function sharedBy({ name, kind, members }: PoolView): string {
  const names = members.map((member) => poolName({ name: member, kind: 'deployment' }))
  if (kind === 'shared') return names.length === 0 ? words.sharedByNobody : words.sharedBy(names.join(', '))
  return members.length > 1 && !members.every((member) => member === name) ? words.sharedBy(names.join(', ')) : ''
}

/** How full it is, and who waits, in short figures; what is not known is not there. */
export function poolFigures({ inFlight, limit, perKey, serviceMs }: PoolView): readonly string[] {
  return [
    limit === null ? words.unlimited(number(inFlight)) : words.taken(number(inFlight), number(limit)),
    perKey === null ? null : words.perKey(number(perKey)),
    serviceMs === null ? null : words.service(duration(serviceMs)),
  ].filter((figure) => figure !== null)
}

/** Who waits; empty while nobody does. */
export function waitWords({ waiting, oldestWaitMs }: PoolView): string {
  const { interactive, batch } = waiting
  if (interactive + batch === 0) return ''
  return [
    words.waiting(number(interactive + batch)),
    batch === 0 ? null : words.patient(number(batch)),
    oldestWaitMs === null ? null : words.oldest(duration(oldestWaitMs)),
  ]
    .filter((part) => part !== null)
    .join(' · ')
}

/** Pools that somebody named are always told; a model's or an upstream's own places while somebody takes them. */
export function isQuiet({ kind, inFlight, waiting }: PoolView): boolean {
  return kind === 'deployment' && inFlight === 0 && waiting.interactive + waiting.batch === 0
}
