import { AppError, assert, messageOf } from '#kernel/errors.ts'
import type { Logger } from '#platform/log/logger.ts'
import type { FoldAsk, Folded, Position, SegmentFold } from './contract.ts'
import type { FromWorker, ToWorker } from './fold-messages.ts'
import { receivedError } from './fold-messages.ts'

/** A thread that says nothing for so long is given up; a database that is locked answers much sooner. */
const answerWithinMs = 60_000
/** At the end, the thread gets this long to finish what it does and to close its database. */
const farewellMs = 2000

export interface WorkerFoldParts {
  /** Makes the thread; its file calls `serveFold`. Called again when the thread before has died. */
  readonly start: () => Worker
  /** What `serveFold` gives to its `open`. */
  readonly settings: unknown
  readonly log: Logger
}

/**
 * Folds on a thread of its own, with a heap of its own: neither the rows nor their garbage hold up the thread that
 * serves. One batch for each message, on purpose: while this thread waits for the database's lock (SQLite waits
 * synchronously), nobody asks the other one for a further batch, so it waits for one at the most.
 *
 * A thread that dies fails the question it was asked, as a database that is away; the next question starts another.
 * Rows and position are one transaction, which dies with the thread: nothing is lost, nothing stands twice.
 */
export function foldInWorker(parts: WorkerFoldParts): SegmentFold {
  return new WorkerFold(parts)
}

interface Question {
  readonly worker: Worker
  readonly resolve: (answer: FromWorker) => void
  readonly reject: (error: AppError) => void
}

class WorkerFold implements SegmentFold {
  readonly #parts: WorkerFoldParts
  #worker: Worker | null = null
  #question: Question | null = null
  #isEnding = false

  constructor(parts: WorkerFoldParts) {
    this.#parts = parts
  }

  async position(journal: string): Promise<Position | null> {
    const answer = await this.#ask({ do: 'position', journal })
    assert(answer.did === 'position', 'the fold answers what it was asked')
    return answer.position
  }

  async fold(ask: FoldAsk): Promise<Folded> {
    const answer = await this.#ask({ do: 'fold', ask })
    assert(answer.did === 'fold', 'the fold answers what it was asked')
    return answer.folded
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isEnding = true
    const worker = this.#worker
    if (worker === null) return
    const closed = new Promise<void>((resolve) => worker.addEventListener('close', () => resolve(), { once: true }))
    const ended = new Promise<void>((resolve) => {
      worker.addEventListener('message', ({ data }: MessageEvent<FromWorker>) => {
        if (data.did === 'end') resolve()
      })
    })
    this.#post(worker, { do: 'end' })
    await within(farewellMs, Promise.race([ended, closed]))
    this.#lose(worker, 'the journal was closed')
    await within(farewellMs, closed)
  }

  async #ask(message: ToWorker): Promise<FromWorker> {
    assert(this.#question === null, 'a fold is asked for one thing at a time')
    if (this.#isEnding) throw ended('the journal was closed')
    const worker = (this.#worker ??= this.#start())
    const { promise, resolve, reject } = Promise.withResolvers<FromWorker>()
    this.#question = { worker, resolve, reject }
    const timer = setTimeout(() => this.#lose(worker, `no answer in ${answerWithinMs / 1000} s`), answerWithinMs)
    try {
      this.#post(worker, message)
      const answer = await promise
      if (answer.did === 'fail') throw receivedError(answer.error)
      return answer
    } finally {
      clearTimeout(timer)
      this.#question = null
    }
  }

  #start(): Worker {
    const worker = this.#made()
    worker.addEventListener('message', ({ data }: MessageEvent<FromWorker>) => {
      if (this.#question?.worker !== worker || data.did === 'end') return
      this.#question.resolve(data)
    })
    worker.addEventListener('error', (event) => {
      event.preventDefault()
      this.#lose(worker, event.message)
    })
    worker.addEventListener('close', () => this.#lose(worker, 'it stopped'))
    this.#post(worker, { do: 'begin', settings: this.#parts.settings })
    return worker
  }

  /** No memory for another thread is no fault of the record that waits for it. */
  #made(): Worker {
    try {
      return this.#parts.start()
    } catch (thrown) {
      throw ended(messageOf(thrown))
    }
  }

  #post(worker: Worker, message: ToWorker): void {
    worker.postMessage(message)
  }

  #lose(worker: Worker, why: string): void {
    if (this.#worker !== worker) return
    this.#worker = null
    if (!this.#isEnding) this.#parts.log.error('the thread that folds the journal died; another follows', { why })
    this.#question?.reject(ended(why))
    worker.terminate()
  }
}

function ended(why: string): AppError {
  const message = `The thread that moves the journal to the database ended: ${why}.`
  return new AppError('unavailable', message, { reason: 'fold_ended' })
}

async function within(ms: number, work: Promise<void>): Promise<void> {
  const { promise: tooLate, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, ms)
  await Promise.race([work, tooLate])
  clearTimeout(timer)
}
