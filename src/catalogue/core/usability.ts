import { keyVariable } from './catalogue.ts'
import type { Entry } from './search.ts'

/** What the house has for one provider. */
export interface Connection {
  /** The upstream's name. */
  readonly upstream: string
  readonly hasKey: boolean
  /** `*` in its models: all it has. */
  readonly isOpen: boolean
  /** The models that the config names. */
  readonly named: ReadonlySet<string>
  /** What its own list told; null = not read. */
  readonly listed: ReadonlySet<string> | null
  /** It answered when it was asked last; null = nobody has asked yet. */
  readonly isReachable: boolean | null
}

export interface Standing {
  /** None has a setting for this provider: empty. */
  readonly connections: readonly Connection[]
  /** Text for clouds is refused, whatever is in it. */
  readonly isCloudRefused: boolean
  mayUse(name: string): boolean
  /** A model of this house with the same weights. */
  readonly local: string | null
}

/** What a model wants to be usable: an upstream, an address at all, a key, the upstream's offer … */
const lackKinds = ['upstream', 'address', 'key', 'offer', 'egress', 'permission', 'answer'] as const
type Lack = (typeof lackKinds)[number]

export interface Usability {
  readonly isUsable: boolean
  /** null: nothing. */
  readonly lacks: Lack | null
  /** A sentence. */
  readonly why: string
  /** The name to ask for; null = none leads there. */
  readonly as: string | null
}

/**
 * Whether this caller can use a model now: 1. somebody must be set up for its provider; 2. with a key; 3. which offers
 * the model; 4. text must be allowed to leave; 5. the caller's key must reach it; 6. it must be there. The first
 * upstream that passes all is told; otherwise what the one that came farthest lacks.
 */
export function usabilityOf(entry: Entry, standing: Standing): Usability {
  const { provider, model } = entry
  if (standing.connections.length === 0) return unset(entry, standing)
  const judged = standing.connections.map((connection) => judge(connection, entry, standing))
  const best = judged.toSorted((a, b) => b.step - a.step)[0]
  if (best === undefined) return unset(entry, standing)
  const { lacks } = best
  if (lacks !== null) return { isUsable: false, lacks, why: withLocal(best.why, standing.local), as: null }
  const stage = model.stage === 'deprecated' ? ` ${provider.name} has announced its end.` : ''
  return { isUsable: true, lacks: null, why: `The upstream ${best.upstream} answers for it.${stage}`, as: best.as }
}

interface Judged {
  readonly step: number
  readonly lacks: Lack | null
  readonly why: string
  readonly upstream: string
  readonly as: string
}

function judge(connection: Connection, { provider, model }: Entry, standing: Standing): Judged {
  const { upstream, listed, isOpen } = connection
  const as = `${upstream}/${model.id}`
  const at = (lacks: Lack | null, why: string): Judged => ({ step: stepOf(lacks), lacks, why, upstream, as })
  if (!connection.hasKey && !provider.isLocal) {
    const name = keyVariable(provider)
    return at('key', `The upstream ${upstream} has no apiKey${name === null ? '' : ` (usually \${${name}})`}.`)
  }
  const isNamed = connection.named.has(model.id)
  if (!isNamed && !isOpen)
    return at('offer', `The upstream ${upstream} offers only the models that the configuration names.`)
  if (!isNamed && listed?.has(model.id) === false)
    return at('offer', `${provider.name} does not list it for the key of ${upstream}.`)
  if (standing.isCloudRefused && !provider.isLocal)
    return at('egress', 'No text leaves for clouds here (egress.cloudText is deny).')
  if (!standing.mayUse(as)) return at('permission', 'Your key may not use it.')
  if (connection.isReachable === false)
    return at('answer', `The upstream ${upstream} did not answer when it was last asked.`)
  return at(null, '')
}

/** How far it came: the list above stands in the order of the questions. */
const stepOf = (lacks: Lack | null): number => (lacks === null ? lackKinds.length : lackKinds.indexOf(lacks))

function unset(entry: Entry, standing: Standing): Usability {
  const lacks = entry.provider.reach.kind === 'none' ? 'address' : 'upstream'
  return { isUsable: false, lacks, why: missing(entry, standing), as: null }
}

function missing({ provider }: Entry, { local }: Standing): string {
  const { reach } = provider
  if (reach.kind === 'none') return withLocal(reach.why, local)
  const key = keyVariable(provider)
  const address = reach.kind === 'own_address' ? `, baseUrl: "${reach.form}"` : ''
  const secret = provider.isLocal || key === null ? '' : `, apiKey: \${${key}}`
  return withLocal(
    `Nobody is set up for ${provider.name}: add { provider: ${provider.id}${address}${secret} } to \`upstreams\`.`,
    local,
  )
}

const withLocal = (why: string, local: string | null): string =>
  local === null ? why : `${why} This house runs ${local} itself.`
