import { AppError, messageOf } from '#kernel/errors.ts'
import type { Clock, MonoMs } from '#kernel/time.ts'
import type { Announce, Locality } from '#kernel/words.ts'
import type { InferenceExit } from '#platform/egress/contract.ts'
import type { Logger } from '#platform/log/logger.ts'
import type { GatewayEvent, UpstreamState } from '../events.ts'

export interface ListedUpstream {
  readonly name: string
  readonly baseUrl: string
  readonly locality: Locality | null
  readonly headers: Readonly<Record<string, string>>
  readonly models: readonly string[]
}

export interface ListPorts {
  readonly inference: InferenceExit
  readonly clock: Clock
  readonly log: Logger
  readonly announce: Announce<GatewayEvent>
  readonly onChange: () => void
}

const maxListBytes = 8 * 2 ** 20
const maxModels = 10_000
const deadlines = { firstByteMs: 5000, idleMs: 5000, totalMs: 10_000 }
/** An unknown model name makes Hearth ask again at most this often. */
const askAgainMs = 5000

/**
 * Knows which models each upstream has, by asking its `/v1/models`. What was read stays when an upstream does not
 * answer.
 */
export class UpstreamLists {
  readonly #ports: ListPorts
  #upstreams: readonly ListedUpstream[] = []
  #states = new Map<string, UpstreamState>()
  #lastAskedAt: MonoMs = Number.NEGATIVE_INFINITY
  #running: { readonly upstreams: readonly ListedUpstream[]; readonly ended: Promise<void> } | null = null

  constructor(ports: ListPorts) {
    this.#ports = ports
  }

  get states(): ReadonlyMap<string, UpstreamState> {
    return this.#states
  }

  /** Follows the config: what is known of upstreams that are gone, or lead elsewhere now, is forgotten. */
  use(upstreams: readonly ListedUpstream[]): void {
    const places = new Map(this.#upstreams.map(({ name, baseUrl }) => [name, baseUrl]))
    this.#upstreams = upstreams
    this.#states = new Map(
      upstreams.map(({ name, baseUrl }) => [
        name,
        (places.get(name) === baseUrl ? this.#states.get(name) : null) ?? {
          name,
          isReachable: null,
          listed: null,
          lastError: null,
        },
      ]),
    )
  }

  /** Asks all upstreams anew; callers at the same time share one round, unless the config changed since it began. */
  refresh(signal: AbortSignal): Promise<void> {
    if (this.#running?.upstreams === this.#upstreams) return this.#running.ended
    const upstreams = this.#upstreams
    const ended = this.#round(upstreams, signal).finally(() => {
      if (this.#running?.ended === ended) this.#running = null
    })
    this.#running = { upstreams, ended }
    return ended
  }

  /** For a name that is unknown: asks again unless that was just done. True when the lists may have changed. */
  async discover(): Promise<boolean> {
    if (this.#upstreams.length === 0) return false
    if (!this.#running && this.#ports.clock.mono() - this.#lastAskedAt < askAgainMs) return false
    await this.refresh(new AbortController().signal)
    return true
  }

  async #round(upstreams: readonly ListedUpstream[], signal: AbortSignal): Promise<void> {
    this.#lastAskedAt = this.#ports.clock.mono()
    const states = await Promise.all(upstreams.map((upstream) => this.#ask(upstream, signal)))
    // The config may have changed meanwhile: another round asks those who are there now.
    if (signal.aborted || upstreams !== this.#upstreams) return
    let hasChanged = false
    for (const state of states) {
      const before = this.#states.get(state.name)
      if (!before || JSON.stringify(before) === JSON.stringify(state)) continue
      hasChanged = true
      this.#states.set(state.name, state)
      this.#ports.announce({ type: 'upstream.state', data: { upstream: state } })
      if (state.isReachable === false)
        this.#ports.log.warn('an upstream does not answer', { upstream: state.name, why: state.lastError })
    }
    if (hasChanged) this.#ports.onChange()
  }

  async #ask(upstream: ListedUpstream, signal: AbortSignal): Promise<UpstreamState> {
    const before = this.#states.get(upstream.name)
    const known = { name: upstream.name, listed: before?.listed ?? null }
    try {
      const read = await this.#read(upstream, signal)
      if (read.kind === 'list') return { ...known, isReachable: true, listed: read.models, lastError: null }
      // Whoever names the models in the config does not need the list: many servers have none.
      const isListWanted = upstream.models.includes('*')
      return { ...known, isReachable: true, lastError: isListWanted ? read.message : null }
    } catch (error) {
      return { ...known, isReachable: false, lastError: messageOf(error) }
    }
  }

  /** Throws when nobody answers; an answer without a list is an answer. */
  async #read(upstream: ListedUpstream, signal: AbortSignal): Promise<ListAnswer> {
    const what = {
      method: 'GET' as const,
      path: '/models',
      headers: upstream.headers,
      body: null,
      data: ['metadata' as const],
    }
    const sent = await this.#ports.inference.send(upstream, what, { deadlines, signal })
    if (sent.kind !== 'answer') throw new AppError('upstream', sent.message)
    const read = await sent.bytes(maxListBytes)
    if (read.kind === 'broken') throw new AppError('upstream', read.message)
    if (sent.status >= 500) throw new AppError('upstream', `its /models answered with status ${sent.status}`)
    if (sent.status !== 200) return { kind: 'no_list', message: `its /models answered with status ${sent.status}` }
    return modelIds(read.bytes)
  }
}

type ListAnswer =
  | { readonly kind: 'list'; readonly models: readonly string[] }
  | { readonly kind: 'no_list'; readonly message: string }

function modelIds(bytes: Uint8Array): ListAnswer {
  const data = dataOf(bytes)
  if (!Array.isArray(data)) return { kind: 'no_list', message: 'its /models has no list in `data`' }
  const ids = data.map((entry) => (entry as { id?: unknown } | null)?.id)
  const models = ids.filter((id): id is string => typeof id === 'string' && id !== '').slice(0, maxModels)
  return { kind: 'list', models }
}

function dataOf(bytes: Uint8Array): unknown {
  try {
    return (JSON.parse(new TextDecoder().decode(bytes)) as { data?: unknown } | null)?.data
  } catch {
    return null
  }
}
