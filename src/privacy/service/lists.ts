import { createCell } from '#kernel/cell.ts'
import type { Announce, Cell } from '#kernel/words.ts'
import type { DenyEntry, HouseLists, ListEntry } from '../contract.ts'
import { checkLists, minEntryLength } from '../core/list-check.ts'
import { badList, listsChanged, listsDamaged, vaultLocked } from '../errors.ts'
import type { PrivacyEvent } from '../events.ts'
import type { ListStore } from '../ports.ts'
import type { KeyState, Sealer } from './house-keys.ts'

export interface ListsOptions {
  readonly store: ListStore
  readonly key: KeyState
  /** What the house knows by itself: its machines, its own name, the names of its keys. Asked by `refresh`. */
  readonly sources: () => readonly ListEntry[]
  readonly announce: Announce<PrivacyEvent>
}

export interface CurrentLists {
  readonly version: number
  /** What people put there. */
  readonly lists: HouseLists
  readonly automatic: readonly ListEntry[]
}

type Row =
  | { readonly list: 'directory'; readonly entry: ListEntry }
  | { readonly list: 'deny'; readonly entry: DenyEntry }
  | { readonly list: 'allow'; readonly entry: string }

const empty: HouseLists = { directory: [], deny: [], allow: [] }

/** Who and what belongs to this house, and what must never leave it. Sealed on the disk: these are names of people. */
export class Lists {
  readonly #options: ListsOptions
  readonly #sealer: Sealer | null
  readonly #effective = createCell<HouseLists>(empty)
  #current: CurrentLists = { version: 0, lists: empty, automatic: [] }
  #putting: Promise<unknown> = Promise.resolve()

  constructor(options: ListsOptions) {
    this.#options = options
    this.#sealer = options.key.kind === 'open' ? options.key.keys.sealer('lists') : null
  }

  get current(): CurrentLists {
    return this.#current
  }

  /** What counts: the lists, and what the house knows by itself in the directory. */
  get effective(): Cell<HouseLists> {
    return this.#effective
  }

  /**
   * Takes the place of all lists. Rejects `bad_list` with the entry at fault, `vault_locked`, and `lists_changed` where
   * another process was first. Whoever asks for it writes it down in the audit log: with counts, not values.
   */
  put(lists: HouseLists): Promise<void> {
    // One after the other: the second one is the one that stands.
    const result = this.#putting.then(() => this.#put(lists))
    this.#putting = result.catch(() => {})
    return result
  }

  /** Reads what another process has put, and asks the house for what it knows. Cheap where nothing has changed. */
  async refresh(): Promise<void> {
    if (this.#sealer !== null && (await this.#options.store.version()) !== this.#current.version)
      await this.#read(this.#sealer)
    const automatic = this.#options.sources().filter(({ value }) => value.trim().length >= minEntryLength)
    const isSame = JSON.stringify(automatic) === JSON.stringify(this.#current.automatic)
    if (!isSame) this.#become({ ...this.#current, automatic })
  }

  async #put(lists: HouseLists): Promise<void> {
    const { key, store, announce } = this.#options
    if (this.#sealer === null) throw vaultLocked(key.kind === 'locked' ? key.why : '')
    const checked = checkLists(lists)
    if (checked.lists === null) throw badList(checked.problem)
    const version = this.#current.version + 1
    const rows = rowsOf(checked.lists).map((row, index) => sealRow(this.#sealer, row, `${version}|${index}`))
    if (!(await store.replace({ version, rows }))) {
      await this.#read(this.#sealer)
      throw listsChanged(this.#current.version)
    }
    this.#become({ ...this.#current, version, lists: checked.lists })
    announce({ type: 'privacy.lists', data: { version } })
  }

  async #read(sealer: Sealer): Promise<void> {
    const { version, rows } = await this.#options.store.read()
    const read = rows.map((row, index): Row => {
      const plain = sealer.open(row, `${version}|${index}`)
      // Without its lists the house would let out what must never leave.
      if (plain === null) throw listsDamaged()
      return JSON.parse(new TextDecoder().decode(plain)) as Row
    })
    const lists: HouseLists = {
      directory: read.flatMap((row) => (row.list === 'directory' ? [row.entry] : [])),
      deny: read.flatMap((row) => (row.list === 'deny' ? [row.entry] : [])),
      allow: read.flatMap((row) => (row.list === 'allow' ? [row.entry] : [])),
    }
    this.#become({ ...this.#current, version, lists })
  }

  #become(current: CurrentLists): void {
    this.#current = current
    const { directory, deny, allow } = current.lists
    this.#effective.replace({ directory: [...directory, ...current.automatic], deny, allow })
  }
}

function rowsOf({ directory, deny, allow }: HouseLists): readonly Row[] {
  return [
    ...directory.map((entry): Row => ({ list: 'directory', entry })),
    ...deny.map((entry): Row => ({ list: 'deny', entry })),
    ...allow.map((entry): Row => ({ list: 'allow', entry })),
  ]
}

function sealRow(sealer: Sealer | null, row: Row, place: string): Uint8Array {
  return sealer?.seal(JSON.stringify(row), place) ?? new Uint8Array()
}
