import { tagLength, type EntityType, type LiveTags, type VaultEntry } from '../../core/words.ts'

/** One surface as it is in memory; the origin and whether it may be put back can become worse. */
export interface Surface extends VaultEntry {
  origin: VaultEntry['origin']
  isRestorable: boolean
  /** Where it stands in the database; null = it is not there yet. */
  position: number | null
}

/** A value with all the ways in which it was written. */
export interface Entity {
  readonly type: EntityType
  readonly tag: string
  readonly canonical: string
  readonly surfaces: Map<string, Surface>
  isRestorable: boolean
  /** The next form that is a number. */
  nextNumber: number
}

/** The tags of one scope. */
export class TagIndex implements LiveTags {
  readonly labels = new Set<string>()
  readonly #entities = new Map<string, Entity>()
  readonly #prefixes = new Set<string>()

  /** The same, with secrets left as they are. */
  readonly words: LiveTags = wordsOf(this)

  get size(): number {
    return this.#entities.size
  }

  get(tag: string): Entity | undefined {
    return this.#entities.get(tag)
  }

  add(entity: Entity): void {
    this.#entities.set(entity.tag, entity)
    this.labels.add(entity.type)
    for (let length = 0; length <= tagLength; length++) this.#prefixes.add(entity.tag.slice(0, length))
  }

  clear(): void {
    this.#entities.clear()
    this.#prefixes.clear()
    this.labels.clear()
  }

  isTagPrefix(prefix: string): boolean {
    return this.#prefixes.has(prefix)
  }

  resolve(tag: string, form: string): string | null {
    const entity = this.#entities.get(tag)
    if (entity === undefined || !entity.isRestorable) return null
    return (entity.surfaces.get(form) ?? entity.surfaces.get(''))?.value ?? null
  }

  forms(tag: string): readonly string[] {
    const entity = this.#entities.get(tag)
    return entity === undefined ? [] : [...entity.surfaces.keys()]
  }
}

function wordsOf(tags: TagIndex): LiveTags {
  return {
    get size() {
      return tags.size
    },
    labels: tags.labels,
    isTagPrefix: (prefix) => tags.isTagPrefix(prefix),
    resolve: (tag, form) => (tags.get(tag)?.type === 'SECRET' ? null : tags.resolve(tag, form)),
    forms: (tag) => tags.forms(tag),
  }
}
