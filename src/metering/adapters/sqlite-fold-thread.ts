import type { SegmentFold } from '#platform/journal/contract.ts'
import { foldInWorker } from '#platform/journal/worker-fold.ts'
import type { Logger } from '#platform/log/logger.ts'

export interface SqliteFoldParts {
  readonly file: string
  readonly log: Logger
  /** Tests kill what it returns. */
  readonly start?: () => Worker
}

/** Folds the journal into the SQLite file on a thread of its own, which is started again when it dies. */
export function foldIntoSqlite({ file, log, start = startWorker }: SqliteFoldParts): SegmentFold {
  return foldInWorker({ start, settings: { file }, log })
}

/** Small, and no reason to keep the process alive: what it has not folded waits in the journal. */
export function startWorker(): Worker {
  return new Worker(new URL('./sqlite-fold-worker.ts', import.meta.url), { smol: true, ref: false })
}
