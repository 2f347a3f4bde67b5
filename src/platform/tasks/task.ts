import { messageOf } from '#kernel/errors.ts'
import type { Clock, EpochMs } from '#kernel/time.ts'
import type { Logger } from '#platform/log/logger.ts'

/**
 * Work in the background. It takes no input: it reads all it needs, so the path after a crash is the path of every
 * day.
 */
export interface Task {
  /** For logs and the page, for example `fleet-reconcile`. */
  readonly name: string
  /** How long after one activation the next begins by itself; null = only when woken. */
  readonly everyMs: number | null
  /** Idempotent; does not retry itself. What it returns is its status, a short sentence or null. */
  activate(signal: AbortSignal): Promise<string | null>
}

export interface RunningTask extends AsyncDisposable {
  readonly name: string
  readonly status: TaskStatus
  /** Asks for an activation soon. A wake during an activation is kept: another one follows. */
  wake(): void
}

export interface TaskStatus {
  readonly state: 'idle' | 'running' | 'stopped'
  readonly activations: number
  readonly failures: number
  readonly lastStartedAt: EpochMs | null
  readonly lastMs: number | null
  readonly lastStatus: string | null
  /** Null after a success. */
  readonly lastError: string | null
}

export interface TaskOptions {
  readonly clock: Clock
  readonly log: Logger
  /** Whether the first activation comes at once (default) or after `everyMs`. */
  readonly startsAtOnce?: boolean
}

/**
 * Runs a task until it is disposed: idle → running → idle …, never two activations at once. A failed activation is
 * told in the log and followed by the next at the usual time. Disposing aborts the signal and waits for the
 * activation to end.
 */
export function startTask(task: Task, options: TaskOptions): RunningTask {
  return new Runner(task, options)
}

class Runner implements RunningTask {
  readonly #task: Task
  readonly #clock: Clock
  readonly #log: Logger
  readonly #stopper = new AbortController()
  #status: TaskStatus = {
    state: 'idle',
    activations: 0,
    failures: 0,
    lastStartedAt: null,
    lastMs: null,
    lastStatus: null,
    lastError: null,
  }
  #timer: ReturnType<typeof setTimeout> | null = null
  #isWoken = false
  #running: Promise<void> | null = null

  constructor(task: Task, options: TaskOptions) {
    this.#task = task
    this.#clock = options.clock
    this.#log = options.log.child({ task: task.name })
    if (options.startsAtOnce ?? true) this.wake()
    else this.#schedule()
  }

  get name(): string {
    return this.#task.name
  }

  get status(): TaskStatus {
    return this.#status
  }

  wake(): void {
    if (this.#stopper.signal.aborted) return
    this.#isWoken = true
    if (this.#running) return
    if (this.#timer) clearTimeout(this.#timer)
    this.#timer = null
    this.#running = this.#run()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopper.abort()
    if (this.#timer) clearTimeout(this.#timer)
    await this.#running
    this.#status = { ...this.#status, state: 'stopped' }
  }

  async #run(): Promise<void> {
    await Promise.resolve()
    while (this.#isWoken && !this.#stopper.signal.aborted) {
      this.#isWoken = false
      await this.#activateOnce()
      // A task that wakes itself for ever must not keep the loop: requests have their turn between two rounds.
      if (this.#isWoken) await new Promise<void>((resolve) => setImmediate(resolve))
    }
    this.#running = null
    this.#schedule()
  }

  async #activateOnce(): Promise<void> {
    const startedAt = this.#clock.mono()
    this.#status = {
      ...this.#status,
      state: 'running',
      activations: this.#status.activations + 1,
      lastStartedAt: this.#clock.now(),
    }
    try {
      const lastStatus = await this.#task.activate(this.#stopper.signal)
      this.#status = { ...this.#status, lastStatus, lastError: null }
    } catch (error) {
      if (!this.#stopper.signal.aborted)
        this.#log.error('a background task failed; it runs again at its time', { error })
      this.#status = { ...this.#status, failures: this.#status.failures + 1, lastError: messageOf(error) }
    }
    this.#status = { ...this.#status, state: 'idle', lastMs: this.#clock.mono() - startedAt }
  }

  #schedule(): void {
    if (this.#task.everyMs === null || this.#stopper.signal.aborted) return
    this.#timer = setTimeout(() => this.wake(), this.#task.everyMs)
    // A sleeping task alone is no reason for a process to stay.
    this.#timer.unref()
  }
}
