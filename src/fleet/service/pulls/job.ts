import type { Clock, MonoMs } from '#kernel/time.ts'
import type { PullView } from '#protocol/admin/pulls.ts'
import { downloadEtaSeconds } from '../../core/eta.ts'
import { Meter } from './meter.ts'
import type { HubFile, PullRef } from './reference.ts'

const announceEveryMs = 250

export interface JobParts {
  readonly id: string
  readonly ref: string
  readonly parsed: PullRef
  /** Known when the hub has been asked already; else it is asked when its turn comes. */
  readonly files: readonly HubFile[] | null
  readonly modelId: string | null
  /** Whether a recipe is added when it is here. */
  readonly isForRecipe: boolean
  readonly clock: Clock
  readonly onChange: (view: PullView) => void
}

/**
 * One pull: queued → running → verifying → running (next part) → … → done, or from any of them → failed or cancelled.
 * Tells of each change of state at once, and of progress four times a second at most.
 */
export class PullJob {
  readonly parts: JobParts
  readonly controller = new AbortController()
  readonly finished: Promise<PullView>
  /** null: the hub was not asked yet. */
  files: readonly HubFile[] | null
  readonly #finish: (view: PullView) => void
  readonly #listeners = new Set<(view: PullView) => void>()
  readonly #meter = new Meter()
  #state: PullView['state'] = 'queued'
  #doneBytes = 0
  #totalBytes: number | null
  #failure: string | null = null
  #modelId: string | null
  #toldAt: MonoMs = -Infinity

  constructor(parts: JobParts) {
    this.parts = parts
    this.files = parts.files
    this.#modelId = parts.modelId
    this.#totalBytes = parts.files === null ? null : totalOf(parts.files)
    const { promise, resolve } = Promise.withResolvers<PullView>()
    this.finished = promise
    this.#finish = resolve
  }

  get isOver(): boolean {
    return this.#state === 'done' || this.#state === 'failed' || this.#state === 'cancelled'
  }

  get remainingBytes(): number {
    return Math.max(0, (this.#totalBytes ?? 0) - this.#doneBytes)
  }

  view(): PullView {
    const bytesPerSecond = this.#state === 'running' ? this.#meter.bytesPerSecond : null
    const doneBytes = this.#doneBytes
    const totalBytes = this.#totalBytes
    return {
      id: this.parts.id,
      ref: this.parts.ref,
      modelId: this.#modelId,
      state: this.#state,
      doneBytes,
      totalBytes,
      bytesPerSecond,
      etaSeconds: this.isOver ? null : downloadEtaSeconds({ doneBytes, totalBytes, bytesPerSecond }),
      failure: this.#failure,
    }
  }

  onProgress(listener: (view: PullView) => void): Disposable {
    this.#listeners.add(listener)
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) }
  }

  enter(state: 'queued' | 'running' | 'verifying'): void {
    if (this.isOver || this.#state === state) return
    this.#state = state
    this.#tell()
  }

  expect(files: readonly HubFile[]): void {
    this.files = files
    this.#totalBytes = totalOf(files)
  }

  note(doneBytes: number): void {
    this.#doneBytes = doneBytes
    const now = this.parts.clock.mono()
    this.#meter.note(doneBytes, now)
    if (now - this.#toldAt >= announceEveryMs) this.#tell()
  }

  name(modelId: string): void {
    this.#modelId = modelId
  }

  end(state: 'done' | 'failed' | 'cancelled', failure: string | null = null): void {
    if (this.isOver) return
    this.#state = state
    this.#failure = failure
    this.#tell()
    this.#finish(this.view())
  }

  #tell(): void {
    this.#toldAt = this.parts.clock.mono()
    const view = this.view()
    this.parts.onChange(view)
    for (const listener of [...this.#listeners]) listener(view)
  }
}

export function totalOf(files: readonly HubFile[]): number {
  return files.reduce((sum, file) => sum + file.sizeBytes, 0)
}
