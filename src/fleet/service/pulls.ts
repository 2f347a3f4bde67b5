import { join } from 'node:path'
import { AppError, messageOf } from '#kernel/errors.ts'
import type { Clock } from '#kernel/time.ts'
import type { Announce, Cell } from '#kernel/words.ts'
import { randomText } from '#platform/crypto/random.ts'
import { sizeOf } from '#platform/files/part-file.ts'
import type { Logger } from '#platform/log/logger.ts'
import type { PullView } from '#protocol/admin/pulls.ts'
import type { Recipe } from '../core/recipe.ts'
import type { HubRef, Progress, Pulls, RecipeBook } from '../ports.ts'
import { PullJob } from './pulls/job.ts'
import { PullLedger } from './pulls/ledger.ts'
import { addRecipe } from './pulls/recipes.ts'
import { chooseFiles, isSafePath, parsePullRef, partNames, type HubFile, type PullRef } from './pulls/reference.ts'
import { checkRoom } from './pulls/room.ts'
import { discard, transfer, type Hub } from './pulls/transfer.ts'

export type PullEvent = { readonly type: 'pull.progress'; readonly data: { readonly pull: PullView } }

export interface PullLimits {
  readonly maxAtOnce: number
  readonly maxWaiting: number
  readonly maxRemembered: number
  /** Left free on the disk whatever is pulled. */
  readonly spareBytes: number
  readonly listMs: number
  /** Pauses between tries of a connection that broke; progress begins anew. */
  readonly retryMs: readonly number[]
}

export const pullLimits: PullLimits = {
  maxAtOnce: 2,
  maxWaiting: 64,
  maxRemembered: 50,
  spareBytes: 512 * 1024 * 1024,
  listMs: 30_000,
  retryMs: [500, 1000, 2000, 4000, 8000, 15_000, 30_000],
}

export interface PullOptions {
  /** Replaced when its address or token changes. */
  readonly hub: Cell<Hub>
  /** `HEARTH_HOME/models`. */
  readonly folder: string
  readonly recipes: Cell<readonly Recipe[]>
  readonly book: RecipeBook
  readonly announce: Announce<PullEvent>
  readonly log: Logger
  readonly clock: Clock
  readonly limits?: Partial<PullLimits>
}

/**
 * Brings model files here: a few at once, the others in line; what breaks is taken up where it broke, also after a
 * restart. Nothing has its real name before its bytes were proven.
 */
export class PullService implements Pulls, AsyncDisposable {
  readonly #options: PullOptions
  readonly #limits: PullLimits
  readonly #ledger: PullLedger
  /** By id, oldest first; those that are over are forgotten when there are too many. */
  readonly #jobs = new Map<string, PullJob>()
  readonly #running = new Map<PullJob, Promise<void>>()
  /** One writer per file, whatever it was called when it was asked for. */
  readonly #writing = new Map<string, Promise<void>>()
  #isClosing = false

  constructor(options: PullOptions) {
    this.#options = options
    this.#limits = { ...pullLimits, ...options.limits }
    this.#ledger = new PullLedger(options.folder)
  }

  /** Takes up what an earlier life left unfinished. */
  async resume(): Promise<number> {
    const entries = await this.#ledger.all()
    for (const { id, ref, modelId } of entries) {
      this.#add({ id, ref, parsed: parsePullRef(ref), files: null, modelId, isForRecipe: true })
    }
    return entries.length
  }

  list(): readonly PullView[] {
    return [...this.#jobs.values()].map((job) => job.view())
  }

  /**
   * Begins a pull, or answers the one that is at it already. Throws an AppError when the reference is wrong, the hub
   * does not have it, or the id is taken.
   */
  async start(ref: string, modelId: string | null): Promise<PullView> {
    const parsed = parsePullRef(ref)
    const same = this.#active((job) => job.parts.ref === ref && job.parts.isForRecipe)
    if (same) return same.view()
    if (modelId !== null && this.#options.recipes.value.some((recipe) => recipe.id === modelId)) {
      throw new AppError('conflict', `There is a model ${modelId} already: choose another id.`, {
        reason: 'already_exists',
        param: 'id',
      })
    }
    const waiting = [...this.#jobs.values()].filter((job) => !job.isOver).length - this.#running.size
    if (waiting >= this.#limits.maxWaiting) {
      throw new AppError('busy', `${waiting} pulls are waiting: come back when some are done.`, {
        reason: 'too_many_pulls',
        retryAfterMs: 60_000,
      })
    }
    const files = chooseFiles(parsed, await this.#filesOf(parsed, AbortSignal.timeout(this.#limits.listMs)))
    const id = newPullId()
    await this.#ledger.add({ id, ref, modelId })
    return this.#add({ id, ref, parsed, files, modelId, isForRecipe: true }).view()
  }

  /** Ends a pull and throws away what came of it; null = there is no such pull. */
  async cancel(id: string): Promise<PullView | null> {
    const job = this.#jobs.get(id)
    if (!job) return null
    if (!job.isOver) {
      job.controller.abort()
      job.end('cancelled')
      await this.#running.get(job)
      await this.#ledger.remove(id)
      await this.#discard(job)
    }
    return job.view()
  }

  /** For the fleet: the file of a recipe. Giving up waiting does not end the pull. */
  async ensure(ref: HubRef, onProgress: (progress: Progress) => void, signal: AbortSignal): Promise<string> {
    const { repo, revision, file } = ref
    if (!isSafePath(repo) || !isSafePath(revision) || !isSafePath(file)) {
      throw new AppError('invalid', `"${repo}:${file}" is not a file on the hub: it may not climb.`, {
        reason: 'invalid_ref',
      })
    }
    const parsed: PullRef = { repo, revision, wanted: { kind: 'file', name: file } }
    const target = this.#targetOf(parsed, file)
    const parts = partNames(file).map((name) => this.#targetOf(parsed, name))
    const sizes = await Promise.all(parts.map(sizeOf))
    if (sizes.every((size) => size !== null)) return target
    const text = `${repo}${revision === 'main' ? '' : `@${revision}`}:${file}`
    const job =
      this.#active((candidate) => candidate.parts.ref === text) ??
      this.#add({ id: newPullId(), ref: text, parsed, files: null, modelId: null, isForRecipe: false })
    using _progress = job.onProgress(({ doneBytes, totalBytes, bytesPerSecond }) =>
      onProgress({ doneBytes, totalBytes, bytesPerSecond }),
    )
    const ended = await Promise.race([job.finished, aborted(signal)])
    if (ended.state === 'done') return target
    throw new AppError('unavailable', ended.failure ?? `The pull of ${text} was cancelled.`, { reason: 'pull_failed' })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosing = true
    for (const job of this.#jobs.values()) job.controller.abort()
    await Promise.allSettled(this.#running.values())
    // Whoever still waits is told; the ledger keeps what a person asked for, and the next life takes it up.
    for (const job of this.#jobs.values()) job.end('failed', 'Hearth is stopping; the pull goes on at the next start.')
  }

  #active(isWanted: (job: PullJob) => boolean): PullJob | undefined {
    return [...this.#jobs.values()].find((job) => !job.isOver && isWanted(job))
  }

  #add(parts: Omit<PullJob['parts'], 'clock' | 'onChange'>): PullJob {
    const onChange = (pull: PullView) => this.#options.announce({ type: 'pull.progress', data: { pull } })
    const job = new PullJob({ ...parts, clock: this.#options.clock, onChange })
    this.#jobs.set(parts.id, job)
    for (const [id, old] of this.#jobs) {
      if (this.#jobs.size <= this.#limits.maxRemembered + this.#limits.maxWaiting) break
      if (old.isOver) this.#jobs.delete(id)
    }
    onChange(job.view())
    this.#next()
    return job
  }

  /** Whoever waits longest begins, as long as there is room. */
  #next(): void {
    for (const job of this.#jobs.values()) {
      if (this.#isClosing || this.#running.size >= this.#limits.maxAtOnce) return
      if (job.view().state !== 'queued') continue
      job.enter('running')
      const run = this.#run(job).finally(() => {
        this.#running.delete(job)
        this.#next()
      })
      this.#running.set(job, run)
    }
  }

  async #run(job: PullJob): Promise<void> {
    const { id, ref, isForRecipe } = job.parts
    const log = this.#options.log
    try {
      const paths = await this.#fetch(job)
      if (isForRecipe)
        job.name(
          await addRecipe({
            job,
            path: paths[0] ?? '',
            recipes: this.#options.recipes.value,
            book: this.#options.book,
          }),
        )
      job.end('done')
      log.info('pulled a model', { ref, bytes: job.view().totalBytes })
    } catch (thrown) {
      // The end of this process is not the end of the pull: the next life takes it up.
      if (this.#isClosing) return
      if (job.controller.signal.aborted) job.end('cancelled')
      else job.end('failed', messageOf(thrown))
      if (job.view().state === 'failed') log.warn('a pull failed', { ref, error: thrown })
    }
    await this.#ledger.remove(id)
  }

  async #fetch(job: PullJob): Promise<readonly string[]> {
    const { parsed } = job.parts
    const { signal } = job.controller
    const files = job.files ?? chooseFiles(parsed, await this.#filesOf(parsed, signal))
    job.expect(files)
    const others = [...this.#jobs.values()].filter((other) => other !== job && other.view().state === 'running')
    await checkRoom({
      ref: job.parts.ref,
      folder: this.#options.folder,
      files: files.map((file) => ({ target: this.#targetOf(parsed, file.path), sizeBytes: file.sizeBytes })),
      promisedBytes: others.reduce((sum, other) => sum + other.remainingBytes, 0),
      spareBytes: this.#limits.spareBytes,
    })
    const paths: string[] = []
    let before = 0
    for (const file of files) {
      const target = this.#targetOf(parsed, file.path)
      job.enter('running')
      const start = before
      await this.#alone(target, () =>
        transfer(
          {
            place: parsed,
            file,
            target,
            signal,
            onBytes: (done) => job.note(start + done),
            onVerify: () => job.enter('verifying'),
            retryMs: this.#limits.retryMs,
          },
          this.#options.hub.value,
        ),
      )
      before += file.sizeBytes
      paths.push(target)
    }
    return paths
  }

  async #alone(target: string, step: () => Promise<void>): Promise<void> {
    for (let other = this.#writing.get(target); other; other = this.#writing.get(target))
      await other.catch(() => undefined)
    const mine = step()
    this.#writing.set(target, mine)
    try {
      await mine
    } finally {
      this.#writing.delete(target)
    }
  }

  async #discard(job: PullJob): Promise<void> {
    for (const file of job.files ?? []) {
      const target = this.#targetOf(job.parts.parsed, file.path)
      // Another pull may be at the same file under another name.
      if (!this.#writing.has(target)) await discard(target)
    }
  }

  #filesOf({ repo, revision }: PullRef, signal: AbortSignal): Promise<readonly HubFile[]> {
    return this.#options.hub.value.files({ repo, revision }, signal)
  }

  #targetOf({ repo, revision }: PullRef, file: string): string {
    const place = revision === 'main' ? repo : `${repo}@${revision.replaceAll('/', '--')}`
    return join(this.#options.folder, place, file)
  }
}

function newPullId(): string {
  return randomText(12, 'abcdefghijklmnopqrstuvwxyz0123456789')
}

function aborted(signal: AbortSignal): Promise<never> {
  const error = () =>
    new AppError('unavailable', 'Nobody waits for this pull any more; it goes on.', { reason: 'aborted' })
  return new Promise((_resolve, reject) => {
    if (signal.aborted) return reject(error())
    signal.addEventListener('abort', () => reject(error()), { once: true })
  })
}
