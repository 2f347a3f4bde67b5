import { join } from 'node:path'
import { assert } from '#kernel/errors.ts'
import type { Logger } from '#platform/log/logger.ts'
import type { Backlog, Batch, Position } from './contract.ts'
import type { Segment } from './segments.ts'
import { countLines, readLines } from './segments.ts'

/** Records that were just appended are kept, so that the fold need not read and parse them again: this many at most. */
const maxTail = 8000

interface Place {
  readonly segment: Segment
  readonly offset: number
}

interface TailEntry<R> extends Place {
  readonly record: R
}

interface Pending<R> extends Batch<R> {
  readonly to: Place
  readonly fromTail: number
  readonly lines: number
}

/**
 * Follows the writer through its segments. Two sources, one order: files up to `#tailFrom`, from there on the kept
 * records. When these become too many (the database is away, or slow) they are dropped, and files are read until the
 * reader has caught up with a tail that was begun anew.
 */
export class SegmentReader<R> {
  readonly #folder: string
  readonly #log: Logger
  /** The journal's own list: it appends, the reader removes what is finished. */
  readonly #segments: Segment[]
  #at: Place
  #tailFrom: Place | null
  #tail: TailEntry<R>[] = []
  #pending: Pending<R> | null = null

  constructor(parts: { readonly folder: string; readonly segments: Segment[]; readonly log: Logger }) {
    const [first] = parts.segments
    const head = parts.segments.at(-1)
    assert(first && head, 'a journal has a segment to write')
    this.#folder = parts.folder
    this.#log = parts.log
    this.#segments = parts.segments
    this.#at = { segment: first, offset: 0 }
    this.#tailFrom = { segment: head, offset: 0 }
  }

  get isAtHead(): boolean {
    return isSame(this.#at, this.#headPlace())
  }

  appended(record: R, segment: Segment): void {
    if (this.#tailFrom === null) return
    if (this.#tail.length < maxTail) {
      this.#tail.push({ record, segment, offset: segment.bytes })
      return
    }
    this.#tailFrom = null
    this.#tail = []
    // A batch that is under way came from the tail; its records are skipped by position, not by count.
    if (this.#pending) this.#pending = { ...this.#pending, fromTail: 0 }
  }

  /** Steps over what is in the database already; tells how much that was. */
  async resume(position: Position | null): Promise<Backlog> {
    if (position === null) return nothing
    const index = this.#segments.findIndex((segment) => segment.name === position.segment)
    const segment = this.#segments[index]
    if (!segment || position.offset > segment.bytes) {
      this.#log.info('the database knows another past of this journal; all its records are folded again')
      return nothing
    }
    let records = await countLines(join(this.#folder, segment.name), 0, position.offset)
    let bytes = position.offset
    for (const before of this.#segments.slice(0, index)) {
      records += await countLines(join(this.#folder, before.name), 0, before.bytes)
      bytes += before.bytes
    }
    this.#at = { segment, offset: position.offset }
    return { records, bytes }
  }

  async next(max: number): Promise<Batch<R> | null> {
    // A smaller part than before is asked for when the database refused the whole.
    if (this.#pending && this.#pending.lines <= max) return this.#pending
    this.#stepIntoNextSegment()
    this.#tailFrom ??= this.#headPlace()
    this.#pending = isSame(this.#at, this.#tailFrom) ? this.#fromTail(max) : await this.#fromFile(max, this.#tailFrom)
    return this.#pending
  }

  done(upTo: Position): Backlog {
    const pending = this.#pending
    assert(pending && pending.upTo === upTo, 'the batch that is done is the one that was given')
    this.#pending = null
    const bytes = this.#bytesBetween(this.#at, pending.to)
    this.#at = pending.to
    if (pending.fromTail > 0) {
      this.#tail.splice(0, pending.fromTail)
      this.#tailFrom = pending.to
    }
    this.#stepIntoNextSegment()
    return { records: pending.lines, bytes }
  }

  /** Takes segments off the list that nobody will need again. */
  takeFinished(): readonly Segment[] {
    const index = this.#segments.indexOf(this.#at.segment)
    return index >= 2 ? this.#segments.splice(0, index - 1) : []
  }

  #fromTail(max: number): Pending<R> | null {
    const entries = this.#tail.slice(0, max)
    const last = entries.at(-1)
    if (!last) return null
    const to = { segment: last.segment, offset: last.offset }
    return {
      records: entries.map((entry) => entry.record),
      upTo: { segment: to.segment.name, offset: to.offset },
      to,
      isLast: entries.length === this.#tail.length,
      fromTail: entries.length,
      lines: entries.length,
    }
  }

  async #fromFile(max: number, until: Place): Promise<Pending<R> | null> {
    const { segment, offset } = this.#at
    const limit = segment === until.segment ? until.offset : segment.bytes
    if (offset >= limit) return null
    const { texts, end } = await this.#read(segment, offset, limit, max)
    const records = texts.map((text) => this.#parse(text, segment)).filter((record) => record !== null)
    const to = { segment, offset: end }
    const upTo = { segment: segment.name, offset: end }
    return { records, upTo, isLast: false, to, fromTail: 0, lines: texts.length }
  }

  /** A segment that somebody deleted is stepped over: waiting for it would hold up all that came after it. */
  async #read(segment: Segment, from: number, to: number, max: number) {
    try {
      return await readLines(join(this.#folder, segment.name), from, to, max)
    } catch (error) {
      if (!isMissing(error)) throw error
      this.#log.error('a journal segment is gone, with records that were not in the database', {
        segment: segment.name,
        bytes: to - from,
      })
      return { texts: [], end: to }
    }
  }

  #parse(text: string, segment: Segment): R | null {
    try {
      return JSON.parse(text) as R
    } catch {
      this.#log.error('a damaged journal line was skipped', { segment: segment.name, bytes: text.length })
      return null
    }
  }

  #stepIntoNextSegment(): void {
    for (;;) {
      const index = this.#segments.indexOf(this.#at.segment)
      const next = this.#segments[index + 1]
      if (!next || this.#at.offset < this.#at.segment.bytes) return
      // The tail's beginning moves along: it is the same place by another name.
      if (this.#tailFrom && isSame(this.#at, this.#tailFrom)) this.#tailFrom = { segment: next, offset: 0 }
      this.#at = { segment: next, offset: 0 }
    }
  }

  #headPlace(): Place {
    const head = this.#segments.at(-1)
    assert(head, 'a journal has a segment to write')
    return { segment: head, offset: head.bytes }
  }

  #bytesBetween(from: Place, to: Place): number {
    if (from.segment === to.segment) return to.offset - from.offset
    const first = this.#segments.indexOf(from.segment)
    const last = this.#segments.indexOf(to.segment)
    const between = this.#segments.slice(first + 1, last).reduce((sum, segment) => sum + segment.bytes, 0)
    return from.segment.bytes - from.offset + between + to.offset
  }
}

const nothing: Backlog = { records: 0, bytes: 0 }

function isSame(a: Place, b: Place): boolean {
  return a.segment === b.segment && a.offset === b.offset
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}
