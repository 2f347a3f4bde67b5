export interface AuditEntry {
  readonly position: number
  readonly at: string
  readonly who: string
  readonly action: string
  readonly target: string
  readonly detail: string
  /** Where the call came from; null = the house itself. */
  readonly from: string | null
  /** What was, and what is; null = nothing, or it is not kept. */
  readonly before: unknown
  readonly after: unknown
  /** The link to the row before; null = Hearth did not write this row. */
  readonly hash: string | null
}

export interface AuditPage {
  readonly data: readonly AuditEntry[]
  readonly next: string | null
}

/** All that are given must hold. Times are ISO 8601 texts. */
export interface AuditFilter {
  readonly who?: string
  /** `key.*` takes all that begin so. */
  readonly action?: string
  readonly target?: string
  readonly since?: string
  readonly until?: string
  /** Anywhere in a row. */
  readonly text?: string
}

export interface AuditVerdict {
  readonly isWhole: boolean
  /** What was found, in a sentence. */
  readonly message: string
  /** The first link that does not hold. */
  readonly broken: {
    readonly kind: 'edited' | 'deleted' | 'inserted' | 'reordered' | 'cut_off' | 'rewritten'
    readonly position: number
  } | null
  readonly rows: number
  readonly head: { readonly position: number; readonly hash: string } | null
  readonly prunedUpTo: number | null
  /** Rows up to here were linked by an upgrade, not when they were written. */
  readonly linkedLater: number
  /** Places kept outside of the database that were compared. */
  readonly marks: number
}
