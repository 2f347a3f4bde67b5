import { AppError } from '#kernel/errors.ts'
import type { Clock, EpochMs } from '#kernel/time.ts'
import type { Announce } from '#kernel/words.ts'
import { sha256Hex } from '#platform/crypto/hash.ts'
import type { Logger } from '#platform/log/logger.ts'
import type { Anchor, ChainBreak, Walk } from '../core/audit-chain.ts'
import { diagnose, judgeEnd, judgeMark, neighbours, pruneAction, startOf, step } from '../core/audit-chain.ts'
import type { ChainedRow } from '../core/audit-row.ts'
import { iso } from '../core/key.ts'
import type { AuthEvent } from '../events.ts'
import type { AuditEnd, AuditStore, DatedMark } from '../ports.ts'
import type { AuditHeads } from './audit-heads.ts'
import type { AuditLog } from './audit-log.ts'
import { createLane } from './lane.ts'

/** Rows of one piece: some milliseconds, then requests have their turn. */
const rowsAtOnce = 250
/** What the daily look goes over. */
const newestRows = 10_000
const rowsPerDelete = 250
/** A walk begins anew when rows were taken away by right meanwhile, which another process may do. */
const maxWalks = 3

export interface AuditChainOptions {
  readonly store: AuditStore
  readonly heads: Pick<AuditHeads, 'marks' | 'forget' | 'tell' | 'trouble'>
  readonly audit: Pick<AuditLog, 'record' | 'written'>
  readonly announce: Announce<AuthEvent>
  readonly clock: Clock
  readonly log: Logger
}

/** What was looked at, and whether it holds. */
export interface Verdict {
  /** The first link that does not hold; null = all do. */
  readonly broken: ChainBreak | null
  /** How many rows were gone over. */
  readonly rows: number
  /** The first of them; null = there are none. */
  readonly from: number | null
  /** Where the chain ends by its own record. */
  readonly head: { readonly position: number; readonly hash: string } | null
  /** Rows up to here were taken away by an administrator; null = none. */
  readonly prunedUpTo: number | null
  /** Rows up to here were linked when Hearth was upgraded: they are proven from then on. */
  readonly linkedLater: number
  /** Places outside of the database that were compared. */
  readonly marks: number
}

/** Goes along the chain, tells where it does not hold, and takes its oldest part away when an administrator says so. */
export class AuditChain {
  readonly #options: AuditChainOptions
  readonly #inOrder = createLane()
  #broken: ChainBreak | null = null

  constructor(options: AuditChainOptions) {
    this.#options = options
  }

  /** A sentence for people; null = nothing is known to be wrong. */
  get warning(): string | null {
    if (this.#broken === null) return this.#options.heads.trouble
    return `The audit log was tampered with: ${this.#broken.message} \`hearth audit verify\` looks again.`
  }

  /** Every row, or the newest ones. One walk at a time. */
  verify(part: 'whole' | 'newest'): Promise<Verdict> {
    return this.#inOrder(async () => {
      const verdict = await verifyChain(this.#options.store, this.#options.heads.marks(), part)
      // What the newest rows do not show, a look at all of them may have shown.
      if (verdict.broken !== null || part === 'whole') this.#keep(verdict.broken)
      return verdict
    })
  }

  /**
   * Takes away the oldest rows, up to the first that is not older than `before`. A row of its own says who did so and
   * which link the rest hangs on; it is written first, so that a process that dies leaves a chain that holds.
   */
  prune(before: EpochMs, by: { readonly who: string; readonly from: string }): Promise<{ readonly rows: number }> {
    return this.#inOrder(async () => {
      const { store, audit, clock } = this.#options
      const now = clock.now()
      if (before > now) {
        const message = `before ${iso(before)} is in the future; it is ${iso(now)} now.`
        throw new AppError('invalid', message, { reason: 'prune_in_future', param: 'before' })
      }
      await audit.written()
      const upTo = await store.lastBefore(before)
      const { first } = await store.end()
      if (upTo === null || first === null) return { rows: 0 }
      const hash = await store.hashAt(upTo)
      if (hash === null) {
        const message = `Row ${upTo}, the last before that time, was put in by something else than Hearth: choose another.`
        throw new AppError('conflict', message, { reason: 'prune_at_foreign_row', param: 'before' })
      }
      const rows = upTo - first + 1
      const detail = `${rows} rows of before ${iso(before)}, up to row ${upTo}`
      const after = { upTo, hash, rows }
      audit.record({ at: now, ...by, action: pruneAction, target: `rows ${first}–${upTo}`, detail, after })
      await audit.written()
      await this.#deleteUpTo(upTo, null)
      return { rows }
    })
  }

  /** Ends a prune that a dying process began. */
  resume(signal: AbortSignal): Promise<void> {
    return this.#inOrder(async () => {
      const { store } = this.#options
      const anchor = await store.anchor()
      const { first } = await store.end()
      if (anchor !== null && first !== null && first <= anchor.position) await this.#deleteUpTo(anchor.position, signal)
    })
  }

  /** To the log, once a day. */
  tellHead(): void {
    this.#options.heads.tell()
  }

  async #deleteUpTo(position: number, signal: AbortSignal | null): Promise<void> {
    const { store, heads } = this.#options
    while ((await store.deleteUpTo(position, rowsPerDelete)) === rowsPerDelete) {
      if (signal?.aborted === true) return
      await turn()
    }
    await heads.forget(position)
  }

  #keep(broken: ChainBreak | null): void {
    const isNews = broken !== null && broken.message !== this.#broken?.message
    this.#broken = broken
    if (!isNews) return
    const { kind, position, message } = broken
    this.#options.log.error('the audit log was tampered with', { kind, position, found: message })
    this.#options.announce({ type: 'audit.broken', data: { kind, position, message } })
  }
}

/** Reads only, piece by piece. */
export async function verifyChain(
  store: AuditStore,
  marks: readonly DatedMark[],
  part: 'whole' | 'newest',
): Promise<Verdict> {
  for (let walk = 1; ; walk++) {
    const anchor = await store.anchor()
    const verdict = await walkOnce(store, { anchor, marks, part })
    const isSettled = verdict.broken === null || (await store.anchor())?.position === anchor?.position
    if (isSettled || walk === maxWalks) return verdict
  }
}

interface Range {
  readonly anchor: Anchor | null
  readonly marks: readonly DatedMark[]
  readonly part: 'whole' | 'newest'
}

async function walkOnce(store: AuditStore, range: Range): Promise<Verdict> {
  const { anchor, marks, part } = range
  const end = await store.end()
  const first = end.first ?? 0
  const last = end.last?.position ?? 0
  const from = part === 'whole' ? first : Math.max(first, last - newestRows + 1)
  const facts = {
    from: end.first === null ? null : from,
    head: end.record,
    prunedUpTo: anchor !== null && first > 1 ? anchor.position : null,
    linkedLater: end.linkedLater,
    marks: marks.length,
  }
  const { rows, broken } = await walkRows(store, { end, anchor, from })
  if (broken !== null) return { ...facts, rows, broken }
  return { ...facts, rows, broken: judgeEnd(end) ?? (await judgeMarks(store, range, { first, last })) }
}

async function walkRows(
  store: AuditStore,
  { end, anchor, from }: { readonly end: AuditEnd; readonly anchor: Anchor | null; readonly from: number },
): Promise<{ readonly rows: number; readonly broken: ChainBreak | null }> {
  if (end.first === null || end.last === null) return { rows: 0, broken: null }
  const upTo = end.last.position
  const start = startOf(end.first, anchor)
  if (!start.ok) return { rows: 0, broken: start.at }
  let { walk } = start
  if (from > end.first) walk = { next: from, previous: await store.hashAt(from - 1), beforeLast: null }
  let rows = 0
  for (;;) {
    const piece = await store.walk({ after: walk.next - 1, upTo, limit: rowsAtOnce })
    for (const row of piece) {
      const next = step(walk, row, sha256Hex)
      if (!next.ok) return { rows, broken: await explain(store, { walk, row, why: next.why, upTo }) }
      if (row.position === anchor?.position && row.hash !== anchor.hash)
        return { rows, broken: judgeMark(anchor, row.hash, upTo) }
      walk = next.walk
      rows += 1
    }
    if (piece.length < rowsAtOnce) return { rows, broken: null }
    await turn()
  }
}

async function explain(
  store: AuditStore,
  found: {
    readonly walk: Walk
    readonly row: ChainedRow
    readonly why: 1 | 2 | 3 | 4
    readonly upTo: number
  },
): Promise<ChainBreak> {
  const { walk, row, why, upTo } = found
  const behind = await store.walk({ after: row.position, upTo, limit: neighbours })
  return diagnose({ walk, row, why, behind, digest: sha256Hex })
}

async function judgeMarks(
  store: AuditStore,
  { anchor, marks }: Range,
  { first, last }: { readonly first: number; readonly last: number },
): Promise<ChainBreak | null> {
  for (const mark of marks) {
    const isGoneByRight = mark.position < first && mark.position <= (anchor?.position ?? 0)
    if (isGoneByRight || mark.position === 0) continue
    const broken = judgeMark(mark, await store.hashAt(mark.position), last)
    if (broken !== null) return broken
  }
  return null
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
