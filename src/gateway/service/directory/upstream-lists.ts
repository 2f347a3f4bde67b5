import { AppError, messageOf } from '#kernel/errors.ts'
import type { Clock, MonoMs } from '#kernel/time.ts'
import type { Announce, Locality } from '#kernel/words.ts'
import type { InferenceExit } from '#platform/egress/contract.ts'
import type { Logger } from '#platform/log/logger.ts'
import type { GatewayEvent, UpstreamState } from '../../events.ts'

export interface ListedUpstream {
  readonly name: string
  readonly baseUrl: string
  readonly locality: Locality | null
  readonly headers: Readonly<Record<string, string>>
  readonly models: readonly string[]
  /** What its list writes before every name, though its other paths do without. */
  readonly idPrefix?: string
  /** Appended to the path of its list, with its `?`. */
  readonly listQuery?: string
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
  /** Of each upstream, what its list said of its models' context; kept and forgotten with the state. */
  #contexts = new Map<string, ReadonlyMap<string, number | null>>()
  #lastAskedAt: MonoMs = Number.NEGATIVE_INFINITY
  #running: { readonly upstreams: readonly ListedUpstream[]; readonly ended: Promise<void> } | null = null

  constructor(ports: ListPorts) {
    this.#ports = ports
  }

  get states(): ReadonlyMap<string, UpstreamState> {
    return this.#states
  }

  /** The models of an upstream with their tokens of context, as its list tells them; null = not read. */
  contextOf(name: string): ReadonlyMap<string, number | null> | null {
    return this.#contexts.get(name) ?? null
  }

  /** Follows the config: what is known of upstreams that are gone, or lead elsewhere now, is forgotten. */
  use(upstreams: readonly ListedUpstream[]): void {
    const places = new Map(this.#upstreams.map(({ name, baseUrl }) => [name, baseUrl]))
    this.#upstreams = upstreams
    for (const name of this.#contexts.keys()) {
      const now = upstreams.find((upstream) => upstream.name === name)
      if (!now || places.get(name) !== now.baseUrl) this.#contexts.delete(name)
    }
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
    const answers = await Promise.all(upstreams.map((upstream) => this.#ask(upstream, signal)))
    // The config may have changed meanwhile: another round asks those who are there now.
    if (signal.aborted || upstreams !== this.#upstreams) return
    let hasChanged = false
    for (const { state, models } of answers) {
      const before = this.#states.get(state.name)
      if (models !== null && !isSame(models, this.#contexts.get(state.name))) {
        hasChanged = true
        this.#contexts.set(state.name, models)
      }
      if (!before || JSON.stringify(before) === JSON.stringify(state)) continue
      hasChanged = true
      this.#states.set(state.name, state)
      this.#ports.announce({ type: 'upstream.state', data: { upstream: state } })
      if (state.isReachable === false)
        this.#ports.log.warn('an upstream does not answer', { upstream: state.name, why: state.lastError })
    }
    if (hasChanged) this.#ports.onChange()
  }

  async #ask(upstream: ListedUpstream, signal: AbortSignal): Promise<Asked> {
    const before = this.#states.get(upstream.name)
    const known = { name: upstream.name, listed: before?.listed ?? null }
    try {
      const read = await this.#read(upstream, signal)
      if (read.kind === 'list') {
        const listed = [...read.models.keys()]
        return { state: { ...known, isReachable: true, listed, lastError: null }, models: read.models }
      }
      // Whoever names the models in the config does not need the list: many servers have none.
      const isListWanted = upstream.models.includes('*')
      return { state: { ...known, isReachable: true, lastError: isListWanted ? read.message : null }, models: null }
    } catch (error) {
      return { state: { ...known, isReachable: false, lastError: messageOf(error) }, models: null }
    }
  }

  /** Throws when nobody answers; an answer without a list is an answer. */
  async #read(upstream: ListedUpstream, signal: AbortSignal): Promise<ListAnswer> {
    const what = {
      method: 'GET' as const,
      path: `/models${upstream.listQuery ?? ''}`,
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
    return modelsIn(read.bytes, upstream.idPrefix ?? '')
  }
}

interface Asked {
  readonly state: UpstreamState
  /** null: no list was read. */
  readonly models: ReadonlyMap<string, number | null> | null
}

type ListAnswer =
  | { readonly kind: 'list'; readonly models: ReadonlyMap<string, number | null> }
  | { readonly kind: 'no_list'; readonly message: string }

function modelsIn(bytes: Uint8Array, prefix: string): ListAnswer {
  const data = dataOf(bytes)
  if (!Array.isArray(data)) return { kind: 'no_list', message: 'its /models has no list in `data`' }
  const models = new Map<string, number | null>()
  for (const entry of data as readonly (Readonly<Record<string, unknown>> | null)[]) {
    if (models.size === maxModels) break
    const id = entry?.id
    if (typeof id !== 'string' || id === '') continue
    models.set(id.startsWith(prefix) ? id.slice(prefix.length) : id, contextIn(entry ?? {}))
  }
  return { kind: 'list', models }
}

/** `max_model_len`: vLLM, SGLang; `context_length`: OpenRouter; `context_window`: Groq; `n_ctx`: llama-server. */
function contextIn(entry: Readonly<Record<string, unknown>>): number | null {
  const meta = entry.meta as Readonly<Record<string, unknown>> | null | undefined
  const said = [entry.max_model_len, entry.context_length, entry.context_window, entry.max_input_tokens, meta?.n_ctx]
  const tokens = said.find((value) => typeof value === 'number' && Number.isInteger(value) && value > 0)
  return typeof tokens === 'number' ? tokens : null
}

function isSame(
  left: ReadonlyMap<string, number | null>,
  right: ReadonlyMap<string, number | null> | undefined,
): boolean {
  if (left.size !== right?.size) return false
  for (const [id, tokens] of left) if (right.get(id) !== tokens) return false
  return true
}

function dataOf(bytes: Uint8Array): unknown {
  try {
    const read = JSON.parse(new TextDecoder().decode(bytes)) as { data?: unknown } | null
    // Together tells the list alone.
    return Array.isArray(read) ? read : read?.data
  } catch {
    return null
  }
}
