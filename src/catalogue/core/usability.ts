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

export interface Usability {
  readonly isUsable: boolean
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
  if (standing.connections.length === 0) return { isUsable: false, why: missing(entry, standing), as: null }
  const judged = standing.connections.map((connection) => judge(connection, entry, standing))
  const best = judged.toSorted((a, b) => b.step - a.step)[0]
  if (best === undefined || best.step < passed) {
    return { isUsable: false, why: withLocal(best?.why ?? missing(entry, standing), standing.local), as: null }
  }
  const stage = model.stage === 'deprecated' ? ` ${provider.name} has announced its end.` : ''
  return { isUsable: true, why: `The upstream ${best.upstream} answers for it.${stage}`, as: best.as }
}

interface Judged {
  readonly step: number
  readonly why: string
  readonly upstream: string
  readonly as: string
}

const passed = 7

function judge(connection: Connection, { provider, model }: Entry, standing: Standing): Judged {
  const { upstream, listed, isOpen } = connection
  const as = `${upstream}/${model.id}`
  const at = (step: number, why: string): Judged => ({ step, why, upstream, as })
  if (!connection.hasKey && !provider.isLocal) {
    const name = keyVariable(provider)
    return at(2, `The upstream ${upstream} has no apiKey${name === null ? '' : ` (usually \${${name}})`}.`)
  }
  const isNamed = connection.named.has(model.id)
  if (!isNamed && !isOpen) return at(3, `The upstream ${upstream} offers only the models that the configuration names.`)
  if (!isNamed && listed?.has(model.id) === false)
    return at(3, `${provider.name} does not list it for the key of ${upstream}.`)
  if (standing.isCloudRefused && !provider.isLocal)
    return at(4, 'No text leaves for clouds here (egress.cloudText is deny).')
  if (!standing.mayUse(as)) return at(5, 'Your key may not use it.')
  if (connection.isReachable === false) return at(6, `The upstream ${upstream} did not answer when it was last asked.`)
  return at(passed, '')
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
