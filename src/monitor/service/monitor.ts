import type { Clock } from '#kernel/time.ts'
import type { RequestRecord } from '#kernel/words.ts'
import { createMetrics, type Metrics } from '#platform/telemetry/metrics.ts'
import type { Sources } from '../ports.ts'
import { readHouse } from './house-metrics.ts'
import { countRequests } from './request-metrics.ts'

export type Phase = 'starting' | 'ready' | 'draining'

/** Counts what ends and reads what is; owns whether this process takes requests. */
export class Monitor {
  readonly startedAt: number
  readonly metrics: Metrics = createMetrics()
  phase: Phase = 'starting'
  readonly #clock: Clock
  readonly #observe: (record: RequestRecord) => void

  constructor(clock: Clock, sources: Sources) {
    this.#clock = clock
    this.startedAt = clock.now()
    this.#observe = countRequests(this.metrics)
    readHouse(this.metrics, sources)
    this.metrics.gauge('hearth_uptime_seconds', 'Since this process started.', () => [[{}, this.uptimeSeconds]])
    this.metrics.gauge('hearth_resident_memory_bytes', 'Resident memory of this process.', () => [
      [{}, process.memoryUsage.rss()],
    ])
  }

  get uptimeSeconds(): number {
    return Math.round((this.#clock.now() - this.startedAt) / 100) / 10
  }

  /** Called once for every request that ended. */
  observe(record: RequestRecord): void {
    this.#observe(record)
  }
}
