import { messageOf } from '#kernel/errors.ts'
import type { Clock } from '#kernel/time.ts'
import type { Logger } from '#platform/log/logger.ts'
import type { AuditMark } from '../core/audit-row.ts'
import type { AuditHead, AuditHeadStore, AuditStore, DatedMark } from '../ports.ts'
import { createLane } from './lane.ts'

const dayMs = 86_400_000
/** A mark a day for more than a year. Beyond it the oldest go: the newer ones vouch for the same rows. */
const maxMarks = 500

export interface AuditHeadsOptions {
  readonly store: AuditStore
  readonly file: AuditHeadStore
  readonly clock: Clock
  readonly log: Logger
}

/**
 * Keeps places of the chain outside of the database. A place that the database no longer has is not overwritten by what
 * is written later: it stays as a mark.
 */
export class AuditHeads {
  readonly #options: AuditHeadsOptions
  readonly #inOrder = createLane()
  #known: AuditHead | null = null
  /** Why the file could not be read or written; null = it could. */
  #trouble: string | null = null

  constructor(options: AuditHeadsOptions) {
    this.#options = options
  }

  get trouble(): string | null {
    return this.#trouble
  }

  async load(): Promise<void> {
    try {
      this.#known = await this.#options.file.read()
    } catch (error) {
      this.#trouble = messageOf(error)
      this.#options.log.error('the head of the audit log could not be read; it is not overwritten', { error })
    }
  }

  /** All places to compare with, oldest first. */
  marks(): readonly DatedMark[] {
    return this.#known === null ? [] : [...this.#known.marks, this.#known.head]
  }

  /** The chain ends here now. Never rejects: the rows stand, and that the file does not is told. */
  advance(end: AuditMark): Promise<void> {
    return this.#inOrder(() => this.#advance(end))
  }

  /** Marks of what was taken away by right vouch for nothing. */
  forget(upTo: number): Promise<void> {
    return this.#inOrder(async () => {
      if (this.#known === null) return
      const { head, marks } = this.#known
      this.#known = { head, marks: marks.filter(({ position }) => position > upTo) }
      await this.#advance(head)
    })
  }

  /** Once a day to the log, which others may keep. */
  tell(): void {
    if (this.#known === null) return
    const { position, hash } = this.#known.head
    this.#options.log.info('the audit log ends here', { position, hash })
  }

  async #advance(end: AuditMark): Promise<void> {
    // What cannot be read may be evidence.
    if (this.#trouble !== null && this.#known === null) return
    const { clock, file, log } = this.#options
    try {
      const head = { ...end, at: clock.now() }
      const marks = this.#known === null ? [] : await this.#marksWith(this.#known, head)
      const next = { head, marks: marks.slice(-maxMarks) }
      await file.write(next)
      this.#known = next
      this.#trouble = null
    } catch (error) {
      this.#trouble = `${file.place} could not be written: ${messageOf(error)}.`
      log.warn('the head of the audit log could not be written', { error })
    }
  }

  async #marksWith({ head, marks }: AuditHead, next: DatedMark): Promise<readonly DatedMark[]> {
    const isLater = next.position > head.position
    const isSame = next.position === head.position && next.hash === head.hash
    const holds = isSame || (isLater && (await this.#options.store.hashAt(head.position)) === head.hash)
    const lastMark = marks.at(-1)
    if (holds && lastMark !== undefined && next.at - lastMark.at < dayMs) return marks
    if (holds && isSame) return marks
    if (head.position === 0) return marks
    return [...marks, head]
  }
}
