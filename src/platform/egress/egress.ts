import type { Cell, Locality } from '#kernel/words.ts'
import type { Clock } from '#kernel/time.ts'
import type { Logger } from '#platform/log/logger.ts'
import { kindOfAll } from './addresses.ts'
import type { Egress, EgressPolicy } from './contract.ts'
import { DownloadDoor } from './download.ts'
import { InferenceWay } from './inference.ts'
import { Resolver, systemResolve, type Resolve } from './resolver.ts'
import { createSeal, type Seal } from './seal.ts'
import { SocketDoor } from './sockets.ts'
import { Sweep } from './sweep.ts'
import { TelemetryDoor } from './telemetry.ts'
import { Ways } from './ways.ts'

export interface EgressOptions {
  /** Replaced whole at a reload. */
  readonly policy: Cell<EgressPolicy>
  /** What opens requests for clouds. Not there: none goes to a cloud. */
  readonly seal?: Pick<Seal, 'open'>
  /** Names to addresses; the machine's resolver unless a test says otherwise. */
  readonly resolve?: Resolve
  readonly log: Logger
  readonly clock: Clock
  /** For `user-agent: hearth/<version>`. */
  readonly version?: string
}

/** Opens the one way out. Closing it ends every exchange that still runs (as `timeout`). */
export function openEgress(options: EgressOptions): Egress & AsyncDisposable {
  const { clock, policy } = options
  const resolver = new Resolver({ resolve: options.resolve ?? systemResolve, clock })
  const sweep = new Sweep(clock)
  const userAgent = `hearth/${options.version ?? 'unversioned'}`
  const ways = new Ways({ resolver, clock })
  const log = options.log.child({ part: 'egress' })
  const parts = { policy, ways, sweep, clock, userAgent, seal: options.seal ?? createSeal() }
  return {
    inference: new InferenceWay(parts),
    sockets: new SocketDoor(parts),
    download: new DownloadDoor({ policy, ways, sweep, clock, userAgent, log }),
    telemetry: new TelemetryDoor({ policy, ways, sweep, clock, userAgent }),
    async localityOf(url) {
      const addresses = await resolver.addresses(new URL(url).hostname)
      const kind = kindOfAll(addresses)
      const locality: Locality = kind === 'metadata' ? 'cloud' : kind
      return { locality, addresses }
    },
    async [Symbol.asyncDispose]() {
      sweep.close()
    },
  }
}
