import { join } from 'node:path'
import { assert } from '#kernel/errors.ts'
import type { Logger } from '#platform/log/logger.ts'
import type { Backlog, Folded, Place, Position, Stretch } from './contract.ts'
import type { Segment } from './segments.ts'
import { countLines } from './segments.ts'

/** Follows the writer through its segments: knows what was folded, and what comes next. */
export class SegmentReader {
  readonly #folder: string
  readonly #log: Logger
  /** The journal's own list: it appends, the reader removes what is finished. */
  readonly #segments: Segment[]
  #at: Place

  constructor(parts: { readonly folder: string; readonly segments: Segment[]; readonly log: Logger }) {
    const [first] = parts.segments
    assert(first, 'a journal has a segment to write')
    this.#folder = parts.folder
    this.#log = parts.log
    this.#segments = parts.segments
    this.#at = { segment: first, offset: 0 }
  }

  get head(): Place {
    const head = this.#segments.at(-1)
    assert(head, 'a journal has a segment to write')
    return { segment: head, offset: head.bytes }
  }

  get isAtHead(): boolean {
    const { segment, offset } = this.head
    return this.#at.segment === segment && this.#at.offset === offset
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

  /** What is left of one segment, and not beyond `goal`; null when that is reached. */
  next(goal: Place): Stretch | null {
    this.#stepIntoNextSegment()
    const { segment, offset } = this.#at
    // A goal whose segment is finished, or deleted already, was reached.
    if (this.#segments.indexOf(segment) > this.#segments.indexOf(goal.segment)) return null
    const to = segment === goal.segment ? goal.offset : segment.bytes
    if (offset >= to) return null
    return { file: join(this.#folder, segment.name), segment: segment.name, from: offset, to }
  }

  done(stretch: Stretch, { lines, end }: Folded): Backlog {
    const { segment, offset } = this.#at
    assert(stretch.segment === segment.name && stretch.from === offset, 'what is done is what was given')
    assert(end > offset && end <= stretch.to, 'a fold goes forward, and not beyond what it was given')
    this.#at = { segment, offset: end }
    this.#stepIntoNextSegment()
    return { records: lines, bytes: end - offset }
  }

  /** Takes segments off the list that nobody will need again. */
  takeFinished(): readonly Segment[] {
    const index = this.#segments.indexOf(this.#at.segment)
    return index >= 2 ? this.#segments.splice(0, index - 1) : []
  }

  #stepIntoNextSegment(): void {
    for (;;) {
      const index = this.#segments.indexOf(this.#at.segment)
      const next = this.#segments[index + 1]
      if (!next || this.#at.offset < this.#at.segment.bytes) return
      this.#at = { segment: next, offset: 0 }
    }
  }
}

const nothing: Backlog = { records: 0, bytes: 0 }
