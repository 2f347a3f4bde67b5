import type { Clock, EpochMs } from '#kernel/time.ts'
import type { KnownValue, NewValue, ScopeName, ScopeVault } from '../../contract.ts'
import { createPeople, readPersonName, type PersonName } from '../../core/people.ts'
import { tagOf, writePlaceholder } from '../../core/placeholder.ts'
import type { LiveTags, VaultEntry } from '../../core/words.ts'
import { tooManyValues, vaultChanged } from '../../errors.ts'
import type { StoredScope } from '../../ports.ts'
import { TagIndex, type Entity, type Surface } from './live-tags.ts'

export interface ScopeParts {
  readonly scope: ScopeName
  readonly nameHash: string
  readonly clock: Clock
  readonly maxValues: () => number
  /** What the tag of a value is made of: the same in every process of the house. */
  readonly digest: (type: string, canonical: string) => Uint8Array
  /** It needs so many bytes more. */
  readonly onGrow: (scope: OpenScope, bytes: number) => void
}

/** What of a scope changes with its row. */
export type Footing = Pick<StoredScope, 'id' | 'createdAt' | 'ttlMs'> & {
  readonly dataKey: Uint8Array
  /** It is never written. */
  readonly isPassing?: boolean
}

/** An entry that is there, with its place. */
export type PlacedEntry = VaultEntry & { readonly position: number }

/** What a surface costs in memory beside its characters: objects, keys of maps. */
const surfaceBytes = 400
/** Forms are numbers of three digits; a value that is written in more ways gets another tag. */
const maxNumber = 999
const maxBumps = 10_000

/**
 * The values of one scope in memory: open → (changed elsewhere or deleted) over. One object for each scope in a
 * process, whoever uses it; what is over takes no values and is not written any more, and the next request opens it
 * anew.
 *
 * A surface gets its placeholder so:
 *  1. It has one: that.
 *  2. Its value is known, or it is a name of a person who is: another form of that tag.
 *  3. Otherwise a new tag, from a keyed digest; another one where that is taken.
 */
export class OpenScope implements ScopeVault {
  readonly scope: ScopeName
  readonly nameHash: string
  /** Whether it has a row. */
  isStored = false
  /** It is written although it has no values: its handle was given away. */
  isKept = false
  /** How many entries its row had when we last saw it. */
  storedSize = 0
  usedAt: EpochMs
  expiresAt: EpochMs = 0
  readonly #parts: ScopeParts
  readonly #tags = new TagIndex()
  readonly #people = createPeople()
  readonly #entities = new Map<string, Entity>()
  readonly #bySurface = new Map<string, Surface>()
  readonly #surfaces: Surface[] = []
  readonly #unwritten = new Set<Surface>()
  readonly #changed = new Set<Surface>()
  #footing: Footing
  #bytes = 0
  #isOver = false

  constructor(parts: ScopeParts, footing: Footing) {
    this.scope = parts.scope
    this.nameHash = parts.nameHash
    this.#parts = parts
    this.#footing = footing
    this.usedAt = parts.clock.now()
  }

  get id(): string {
    return this.#footing.id
  }

  get footing(): Footing {
    return this.#footing
  }

  get words(): LiveTags {
    return this.#tags.words
  }

  get live(): LiveTags {
    return this.#tags
  }

  get size(): number {
    return this.#surfaces.length
  }

  get bytes(): number {
    return this.#bytes
  }

  get isOver(): boolean {
    return this.#isOver
  }

  /** In the order in which they came. */
  get unwritten(): readonly Surface[] {
    return [...this.#unwritten]
  }

  /** Written, but worse since. */
  get changed(): readonly Surface[] {
    return [...this.#changed]
  }

  get hasNews(): boolean {
    return this.#unwritten.size > 0 || this.#changed.size > 0 || (this.isKept && !this.isStored)
  }

  *values(from = 0): Generator<KnownValue> {
    for (let index = from; index < this.#surfaces.length; index++) {
      const surface = this.#surfaces[index]
      if (surface !== undefined) yield surface
    }
  }

  assign(value: NewValue): string {
    if (this.#isOver) throw vaultChanged()
    const known = this.#bySurface.get(surfaceKey(value))
    if (known !== undefined) {
      this.#restrict(known.tag, value)
      return writePlaceholder(known)
    }
    const maxValues = this.#parts.maxValues()
    if (this.#surfaces.length >= maxValues) throw tooManyValues(maxValues)
    const surface = this.#make(value)
    this.#unwritten.add(surface)
    this.#restrict(surface.tag, value)
    return writePlaceholder(surface)
  }

  /**
   * Takes in what stands in the database from `storedSize` on. false: one of our placeholders means something else
   * there; nothing was taken in, and this object must not be used any more.
   */
  absorb(footing: Footing, entries: readonly PlacedEntry[]): boolean {
    const further = entries.filter((entry) => entry.position >= this.storedSize)
    if (!this.fits(further)) return false
    this.#footing = footing
    this.isStored = true
    for (const entry of further) {
      const own = this.#tags.get(entry.tag)?.surfaces.get(entry.form)
      if (own === undefined) this.#enter({ ...entry })
      else this.#settle(own, entry)
      if (!entry.isRestorable) this.#forbid(entry.tag)
      this.storedSize = Math.max(this.storedSize, entry.position + 1)
    }
    return true
  }

  /** Whether these can stand beside what is here. */
  fits(entries: readonly VaultEntry[]): boolean {
    return entries.every((entry) => {
      const entity = this.#tags.get(entry.tag)
      const own = entity?.surfaces.get(entry.form)
      // A tag of ours that is new in memory, or one of the same value in another form.
      if (entity === undefined) return true
      if (own === undefined) return entity.type === entry.type && isSameEntity(entity, entry)
      return own.type === entry.type && own.value === entry.value && isSameEntity(entity, entry)
    })
  }

  /** These are in the database now. */
  wrote(written: readonly PlacedEntry[], replaced: readonly Surface[]): void {
    for (const surface of replaced) this.#changed.delete(surface)
    for (const entry of written) {
      const own = this.#tags.get(entry.tag)?.surfaces.get(entry.form)
      if (own !== undefined) this.#settle(own, entry)
      this.storedSize = Math.max(this.storedSize, entry.position + 1)
    }
  }

  /** Somebody else was first: the next request opens it anew. What was put back with it goes on being put back. */
  end(): void {
    this.#isOver = true
  }

  /** It was deleted: nothing is put back any more. */
  forget(): void {
    this.#isOver = true
    this.#tags.clear()
    this.#entities.clear()
    this.#bySurface.clear()
    this.#surfaces.length = 0
    this.#unwritten.clear()
    this.#changed.clear()
    this.#footing.dataKey.fill(0)
  }

  #make(value: NewValue): Surface {
    const name = value.type === 'PERSON' ? readPersonName(value.value) : null
    const { entity, form } = name === null ? this.#formOf(value) : this.#formOfName(value, name)
    const { type, tag, canonical } = entity
    return this.#enter({
      type,
      tag,
      form,
      canonical: name?.canonical ?? canonical,
      value: value.value,
      origin: value.origin,
      isRestorable: entity.isRestorable,
      createdAt: this.#parts.clock.now(),
      position: null,
    })
  }

  #formOf(value: NewValue): { readonly entity: Entity; readonly form: string } {
    const entity = this.#entities.get(entityKey(value))
    if (entity === undefined || entity.nextNumber > maxNumber) return { entity: this.#newEntity(value), form: '' }
    return { entity, form: `${entity.nextNumber}` }
  }

  #formOfName(value: NewValue, name: PersonName): { readonly entity: Entity; readonly form: string } {
    const found = this.#people.find(name)
    const entity = found === null ? undefined : this.#tags.get(found.person)
    if (found === null || entity === undefined || entity.nextNumber > maxNumber)
      return { entity: this.#newEntity({ ...value, canonical: name.canonical }), form: '' }
    const letter = { first: 'F', last: 'L', whole: '' }[found.part]
    const isFree = letter !== '' && !entity.surfaces.has(letter)
    return { entity, form: isFree ? letter : `${entity.nextNumber}` }
  }

  #newEntity({ type, canonical, isRestorable }: NewValue): Entity {
    const digest = this.#parts.digest(type, canonical)
    for (let bump = 0; bump < maxBumps; bump++) {
      const tag = tagOf(digest, bump)
      if (this.#tags.get(tag) === undefined)
        return { type, tag, canonical, surfaces: new Map(), isRestorable, nextNumber: 2 }
    }
    throw tooManyValues(this.#surfaces.length)
  }

  /** A surface that has its place: into every index, the same way for a new one and for one that was read. */
  #enter(entry: VaultEntry & { readonly position: number | null }): Surface {
    const { type, tag, form, value } = entry
    const surface: Surface = { ...entry }
    let entity = this.#tags.get(tag)
    if (entity === undefined) {
      const { canonical, isRestorable } = entry
      entity = { type, tag, canonical, surfaces: new Map(), isRestorable, nextNumber: 2 }
      this.#tags.add(entity)
      this.#entities.set(entityKey(entity), entity)
    }
    entity.surfaces.set(form, surface)
    if (/^\d+$/.test(form)) entity.nextNumber = Math.max(entity.nextNumber, Number(form) + 1)
    if (type === 'PERSON') this.#people.add(tag, readPersonName(value))
    if (!this.#bySurface.has(surfaceKey(surface))) this.#bySurface.set(surfaceKey(surface), surface)
    this.#surfaces.push(surface)
    const bytes = surfaceBytes + 2 * (value.length + surface.canonical.length)
    this.#bytes += bytes
    this.#parts.onGrow(this, bytes)
    return surface
  }

  /**
   * Whether a value may be put back only becomes worse: a secret of the system's prompt is never told to whoever
   * mentions it, and what a stricter policy held back once is held back for good.
   */
  #restrict(tag: string, { type, origin, isRestorable }: NewValue): void {
    const entity = this.#tags.get(tag)
    if (entity === undefined || !entity.isRestorable) return
    if (isRestorable && !(type === 'SECRET' && origin === 'system')) return
    for (const surface of entity.surfaces.values()) surface.origin = origin
    this.#forbid(tag)
  }

  #forbid(tag: string): void {
    const entity = this.#tags.get(tag)
    if (entity === undefined || !entity.isRestorable) return
    entity.isRestorable = false
    for (const surface of entity.surfaces.values()) {
      if (surface.isRestorable && surface.position !== null) this.#changed.add(surface)
      surface.isRestorable = false
    }
  }

  #settle(surface: Surface, as: PlacedEntry): void {
    surface.position = as.position
    this.#unwritten.delete(surface)
    // It became worse while it was on its way.
    if (as.isRestorable && !surface.isRestorable) this.#changed.add(surface)
  }
}

/** People's names of one tag differ; of everything else the canonical value is what makes it one. */
function isSameEntity(entity: Entity, entry: VaultEntry): boolean {
  return entity.type === 'PERSON' || entity.canonical === entry.canonical
}

function entityKey({ type, canonical }: { readonly type: string; readonly canonical: string }): string {
  return `${type}\n${canonical}`
}

function surfaceKey({ type, value }: { readonly type: string; readonly value: string }): string {
  return `${type}\n${value}`
}
