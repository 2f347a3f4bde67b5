import { AppError } from '#kernel/errors.ts'
import type { Cell } from '#kernel/words.ts'
import type { Logger } from '#platform/log/logger.ts'
import type { HouseLists } from '../contract.ts'
import type { Span } from '../core/words.ts'
import { exceeded, Finder, type Detection, type DetectionAsk } from '../service/detection.ts'
import type { FromFinder, ToFinder } from '../service/detection-messages.ts'

/**
 * Up to this much text is looked through where it is: a few milliseconds, less than the way to another thread and
 * back.
 */
const hereChars = 16 * 1024
/** Requests that wait for the thread. */
const maxWaiting = 256

export interface DetectionThreadsParts {
  readonly lists: Cell<HouseLists>
  /** The longest that one request may take. */
  readonly scrubMs: () => number
  readonly log: Logger
}

type Spans = readonly (readonly Span[])[]

interface Job {
  readonly id: number
  readonly ask: DetectionAsk
  readonly resolve: (spans: Spans) => void
  readonly reject: (error: Error) => void
}

/**
 * Little text is looked through at once, much on a thread of its own, one request after the other, so that nobody
 * else's words wait for it. What takes longer than its time is given up together with the thread: nothing is let
 * through unseen. A thread that dies fails what it was at; the next request starts another.
 */
export class DetectionThreads implements Detection, Disposable {
  readonly #parts: DetectionThreadsParts
  readonly #here = new Finder()
  readonly #listening: Disposable
  readonly #waiting: Job[] = []
  #worker: Worker | null = null
  #running: Job | null = null
  #timer: ReturnType<typeof setTimeout> | null = null
  #lastId = 0

  constructor(parts: DetectionThreadsParts) {
    this.#parts = parts
    this.#here.lists = parts.lists.value
    this.#listening = parts.lists.onChange((lists) => {
      this.#here.lists = lists
      this.#worker?.postMessage({ do: 'lists', lists } satisfies ToFinder)
    })
  }

  async find(ask: DetectionAsk, signal: AbortSignal): Promise<Spans> {
    if (ask.texts.reduce((sum, text) => sum + text.length, 0) <= hereChars) return this.#here.find(ask)
    if (this.#waiting.length >= maxWaiting) throw busy()
    const { promise, resolve, reject } = Promise.withResolvers<Spans>()
    const job = { id: ++this.#lastId, ask, resolve, reject }
    const leave = (): void => this.#forget(job)
    signal.addEventListener('abort', leave, { once: true })
    this.#waiting.push(job)
    this.#next()
    return promise.finally(() => signal.removeEventListener('abort', leave))
  }

  [Symbol.dispose](): void {
    this.#listening[Symbol.dispose]()
    for (const { reject } of this.#waiting.splice(0)) reject(ended('the house closes'))
    this.#lose('the house closes')
  }

  /** Nobody waits for it any more. */
  #forget(job: Job): void {
    const at = this.#waiting.indexOf(job)
    if (at >= 0) this.#waiting.splice(at, 1)
    job.reject(ended('nobody waits for it'))
  }

  #next(): void {
    if (this.#running !== null) return
    const job = this.#waiting.shift()
    if (job === undefined) return
    this.#running = job
    const worker = (this.#worker ??= this.#start())
    const ms = this.#parts.scrubMs()
    this.#timer = setTimeout(() => {
      job.reject(exceeded(`longer than ${ms} ms`))
      this.#lose('a text took too long')
      this.#next()
    }, ms)
    worker.postMessage({ do: 'find', id: job.id, ask: job.ask } satisfies ToFinder)
  }

  #start(): Worker {
    const worker = new Worker(new URL('./detection-worker.ts', import.meta.url).href)
    worker.addEventListener('message', ({ data }: MessageEvent<FromFinder>) => this.#answered(data))
    worker.addEventListener('error', (event) => {
      event.preventDefault()
      if (this.#worker === worker) this.#lose(event.message)
      this.#next()
    })
    worker.postMessage({ do: 'lists', lists: this.#parts.lists.value } satisfies ToFinder)
    return worker
  }

  #answered(answer: FromFinder): void {
    const job = this.#running
    if (job === null || job.id !== answer.id) return
    this.#rest()
    if (answer.did === 'find') job.resolve(answer.spans)
    else if (answer.reason === null) job.reject(new Error(answer.message))
    else job.reject(new AppError('blocked', answer.message, { reason: answer.reason }))
    this.#next()
  }

  #rest(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
    this.#running = null
  }

  #lose(why: string): void {
    const job = this.#running
    this.#rest()
    const worker = this.#worker
    this.#worker = null
    if (worker === null) return
    worker.terminate()
    job?.reject(ended(why))
  }
}

function ended(why: string): AppError {
  return new AppError('unavailable', `The thread that looks for identifiers ended: ${why}. Nothing was sent.`, {
    reason: 'detection_ended',
  })
}

function busy(): AppError {
  return new AppError('busy', `${maxWaiting} requests wait to be looked through, which is the most; try again soon.`, {
    reason: 'detection_busy',
    retryAfterMs: 1000,
  })
}
