import type { Clock } from '#kernel/time.ts'
import type { Passage } from '#passage/passage.ts'
import type { Deadlines, InferenceExit } from '#platform/egress/contract.ts'
import type { Logger } from '#platform/log/logger.ts'
import type { Snapshot } from '../../core/choose.ts'
import type { BodyLog, Places } from '../../ports.ts'
import type { ResponseCache } from '../answering/response-cache.ts'
import type { Vitals } from '../health/vitals.ts'
import type { StreamWatchman } from '../relaying/stream-watchman.ts'
import type { KeptResponses } from '../responses/kept-responses.ts'
import type { Interruptions } from './interruptions.ts'

/** What answering any request takes. */
export interface AnswerPorts {
  readonly passage: Passage
  readonly places: Places
  readonly inference: InferenceExit
  readonly snapshot: () => Snapshot
  readonly vitals: Vitals
  readonly cache: ResponseCache
  /** null: bodies are never kept. */
  readonly bodies: BodyLog | null
  /** null: responses are not kept, and none runs in the background. */
  readonly kept: KeptResponses | null
  /** Reads the lists of upstreams that were never read, once in a while; true when the snapshot may know more now. */
  readonly discover: () => Promise<boolean>
  readonly watchman: StreamWatchman
  readonly interruptions: Interruptions
  readonly clock: Clock
  readonly log: Logger
  readonly limits: () => AnswerLimits
}

export interface AnswerLimits {
  readonly requestBodyBytes: number
  readonly responseBodyBytes: number
  readonly loadWaitMs: number
  readonly stalledReaderMs: number
  readonly bodyReadSeconds: number
  readonly idleConnectionSeconds: number
  readonly deadlines: Deadlines
}
