import type { OpenLoop } from './load/open-loop.ts'
import { generated } from './machine.ts'
import { prepared, type Wish } from './requests.ts'
import type { Target } from './targets.ts'

export interface OpenLoopResult {
  readonly total: number
  readonly failures: number
  readonly hungUp: number
  readonly p50: number
  readonly p90: number
  readonly p99: number
  readonly max: number
  /** The p99 of each minute. */
  readonly minutes: readonly number[]
  /** The first answer that was not good. */
  readonly sample: string | null
}

export interface Rate {
  readonly rate: number
  readonly seconds: number
  readonly hangUps?: number
  readonly connections?: number
  readonly seed?: number
}

/** A stream is hung up somewhere within. */
const withinMs = 400

/** A fixed rate of requests, the wishes in turn. */
export function openLoop(target: Target, wishes: readonly Wish[], options: Rate): Promise<OpenLoopResult> {
  const { rate, seconds, hangUps = 0, connections = 64, seed = 1 } = options
  const load: OpenLoop = {
    port: target.port,
    rate,
    seconds,
    connections,
    requests: wishes.map((wish) => ({ ...prepared(target, wish), isStream: wish.isStream })),
    hangUps: { share: hangUps, withinMs, seed },
  }
  return generated('open-loop.ts', load)
}
