import type { Engine } from '#kernel/routing.ts'
import type { Locality } from '#kernel/words.ts'
import type { InferenceExit } from '#platform/egress/contract.ts'
import type { Task } from '#platform/tasks/task.ts'
import type { Snapshot } from '../../core/choose.ts'
import { readLoad } from '../../core/engine-metrics.ts'
import type { Vitals } from './vitals.ts'

export interface EngineUpstream {
  readonly name: string
  readonly baseUrl: string
  readonly locality: Locality | null
  readonly headers: Readonly<Record<string, string>>
  /** null: nobody knows how to read its metrics. */
  readonly engine?: Engine | null
  readonly metricsUrl?: string
}

export interface LoadPorts {
  readonly inference: InferenceExit
  readonly vitals: Vitals
  readonly snapshot: () => Snapshot
  readonly upstreams: () => readonly EngineUpstream[]
}

const everyMs = 2000
const maxMetricsBytes = 4 * 2 ** 20
/** Shorter than the pace: whoever is slower to tell its load is not worth waiting for. */
const deadlines = { firstByteMs: 1500, idleMs: 1000, totalMs: 1800 }

const decoder = new TextDecoder()

/** Reads engines' own metrics, as long as a route chooses by them. What fails leaves the last figures to go stale. */
export function createLoadTask(ports: LoadPorts): Task {
  return {
    name: 'gateway-engine-loads',
    everyMs,
    async activate(signal) {
      const wanted = chosenByLoad(ports.snapshot())
      const asked = ports.upstreams().filter((upstream) => wanted.has(upstream.name) && isReadable(upstream))
      const failures = await Promise.all(asked.map((upstream) => ask(ports, upstream, signal)))
      const told = failures.filter((failure) => failure !== null)
      return told.length > 0 ? told.join('; ') : null
    },
  }
}

/** Upstreams that a route chooses by their load. */
function chosenByLoad({ names }: Snapshot): ReadonlySet<string> {
  const upstreams = new Set<string>()
  for (const { policy, targets } of names.values())
    if (policy === 'least-loaded' && targets.length > 1) for (const target of targets) upstreams.add(target.upstream)
  return upstreams
}

type Readable = EngineUpstream & { readonly engine: Engine; readonly metricsUrl: string }

function isReadable({ engine, metricsUrl }: EngineUpstream): boolean {
  return engine !== undefined && engine !== null && metricsUrl !== undefined
}

/** null, or why there is no news of it. */
async function ask(
  { inference, vitals }: LoadPorts,
  upstream: EngineUpstream,
  signal: AbortSignal,
): Promise<string | null> {
  const { name, baseUrl, locality, headers, engine, metricsUrl } = upstream as Readable
  const to = { name, baseUrl: metricsUrl, locality }
  // Its key is for the upstream, and metrics may be somebody else's.
  const isSame = new URL(metricsUrl).origin === new URL(baseUrl).origin
  const what = {
    method: 'GET',
    path: '',
    headers: isSame ? headers : {},
    body: null,
    data: ['metadata'],
  } as const
  const sent = await inference.send(to, what, { deadlines, signal })
  if (sent.kind !== 'answer') return sent.message
  const read = await sent.bytes(maxMetricsBytes)
  if (read.kind === 'broken') return read.message
  if (sent.status !== 200) return `${name}: its metrics answered with status ${sent.status}`
  const load = readLoad(engine, decoder.decode(read.bytes))
  if (load === null) return `${name}: its metrics are not those of ${engine}`
  vitals.hasLoad(name, load)
  return null
}
