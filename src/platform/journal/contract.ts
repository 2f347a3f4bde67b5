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
  /** Moves records to the database from now on. Once per journal; ends with the journal. */
  startFolding(fold: JournalFold<R>): Folding
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

/** Records in the order of their appending, with the place behind the last of them. */
export interface Batch<R> {
  readonly records: readonly R[]
  readonly upTo: Position
  /** Nothing stood behind it when it was read. */
  readonly isLast: boolean
}

/** The journal's inner side, for the loop that folds. */
export interface FoldSource<R> {
  readonly id: string
  /** Begins behind `position`; from the oldest record on where the position is unknown here (replay is harmless). */
  resume(position: Position | null): Promise<void>
  /** The next records, at most `max`; null when there are none. The same again until `done`, or the beginning of it. */
  next(max: number): Promise<Batch<R> | null>
  done(upTo: Position): void
  /** A record that the database will never take: kept in a file beside the journal, for people. */
  setAside(record: R): void
  /** Called after every append: must cost nothing. */
  onAppend(listener: () => void): void
}
