import type { Segment } from './segments.ts'

/** A place between two records. Segment names are never used twice, also not by another journal. */
export interface Position {
  readonly segment: string
  readonly offset: number
}

/** What was appended and is not in the database yet. */
export interface Backlog {
  readonly records: number
  readonly bytes: number
}

/**
 * An append-only file of JSON lines between the hot path and the database. One owner: a second process that opens it is
 * refused.
 */
export interface Journal<R extends { readonly id: string }> extends AsyncDisposable {
  /** Tells this journal from others that fold into the same database. Stays over restarts. */
  readonly id: string
  /**
   * When it returns, the record survives the end of the process, `kill -9` too; the end of the machine only after the
   * next sync. Synchronous, about 3 µs. Throws an AppError `unavailable` when the disk does not take it, and when the
   * backlog is twice as long as it may be.
   */
  append(record: R): void
  readonly backlog: Backlog
  /**
   * True from `maxBytes` of backlog on, and for a moment after the disk refused a write. The journal still takes the
   * records of work that was begun before: whoever appends refuses new work while this is true.
   */
  readonly isFull: boolean
  /** Moves records to the database from now on. Once per journal; the fold ends with the journal. */
  startFolding(fold: SegmentFold): Folding
}

/** The database's side. Implementations write rows and position in ONE transaction and skip rows that exist already. */
export interface JournalFold<R> {
  /** How far this journal is in the database; null = nothing yet. */
  position(journal: string): Promise<Position | null>
  fold(batch: { readonly journal: string; readonly records: readonly R[]; readonly upTo: Position }): Promise<void>
}

export interface Folding extends AsyncDisposable {
  /** Waits until all that was appended before is in the database: true; or until `withinMs` have passed: false. */
  flush(withinMs: number): Promise<boolean>
  /** Null while all goes well; otherwise why the last batch did not get into the database. */
  readonly lastError: string | null
}

/**
 * What moves lines from the journal's files to the database: on this thread (`foldHere`) or on one of its own
 * (`foldInWorker`). It is given files, not records: a record that is kept until it is folded lives so long that the
 * collector moves it among the old ones, and pauses for all of them later. Asked for one thing at a time.
 */
export interface SegmentFold extends AsyncDisposable {
  position(journal: string): Promise<Position | null>
  fold(ask: FoldAsk): Promise<Folded>
}

export interface FoldAsk {
  readonly journal: string
  readonly stretch: Stretch
  /** Of the stretch's first lines; fewer may be taken, but always some. */
  readonly maxLines: number
  /** The database will never take these lines: only the position moves, and they come back. */
  readonly isSkip: boolean
}

export interface Folded {
  readonly lines: number
  /** Where the next line begins. */
  readonly end: number
  /** Lines that are no JSON, and were stepped over. */
  readonly damaged: number
  /** Somebody deleted the file: all of the stretch was stepped over. */
  readonly isMissing: boolean
  readonly skipped: readonly string[]
}

/** Whole lines of one file. What stands behind `to` may be half written. */
export interface Stretch {
  readonly file: string
  readonly segment: string
  readonly from: number
  readonly to: number
}

/** The journal's inner side, for the loop that folds. */
export interface FoldSource {
  readonly id: string
  /** Begins behind `position`; from the oldest record on where the position is unknown here (replay is harmless). */
  resume(position: Position | null): Promise<void>
  /** All that was appended until now. */
  here(): Place
  /** What comes next up to `goal`; null when that is reached. */
  next(goal: Place): Stretch | null
  done(stretch: Stretch, folded: Folded): void
  /** A line that the database will never take: kept in a file beside the journal, for people. */
  setAside(line: string): void
  /** Called after every append: must cost nothing. */
  onAppend(listener: () => void): void
}

export interface Place {
  readonly segment: Segment
  readonly offset: number
}
