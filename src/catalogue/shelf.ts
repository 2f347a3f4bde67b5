import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createCell } from '#kernel/cell.ts'
import type { Cell } from '#kernel/words.ts'
import { messageOf } from '#kernel/errors.ts'
import type { Catalogue } from './core/catalogue.ts'
import { readCatalogue, writeCatalogue } from './core/form.ts'

/** The catalogue that is in effect, and where it was taken from. */
export interface Shelved {
  readonly catalogue: Catalogue
  /** null: it came with Hearth. */
  readonly taken: Taken | null
}

export interface Taken {
  readonly from: string
  /** ISO 8601 */
  readonly at: string
  /** The key that confirmed it. */
  readonly by: string
}

const bundledFile = join(import.meta.dir, 'bundled.json')

/** What is kept in HEARTH_HOME is a text that this program wrote: larger ones are none of it. */
const longestStored = 64 * 2 ** 20

/**
 * Keeps the catalogue: `catalogue.json` in HEARTH_HOME where somebody took one at run time, otherwise the one that came
 * with Hearth. A file that is broken is left as it is, and said; the one that came with Hearth goes in its place.
 */
export class Shelf {
  readonly shelved: Cell<Shelved>
  readonly catalogue: Cell<Catalogue>
  readonly #shelved
  readonly #catalogue
  /** The one that came with Hearth. */
  readonly bundled: Catalogue
  readonly #path: string

  private constructor(path: string, first: Shelved, own: Catalogue) {
    this.#path = path
    this.bundled = own
    this.shelved = this.#shelved = createCell(first)
    this.catalogue = this.#catalogue = createCell(first.catalogue)
  }

  static async open({ home, onWarning }: ShelfOptions): Promise<Shelf> {
    const own = await readBundled()
    const path = join(home, 'catalogue.json')
    const stored = await readStored(path)
    if (stored.kind === 'broken') {
      onWarning(`${path} is refused, so the catalogue that came with Hearth is used: ${stored.why}`)
    }
    return new Shelf(path, stored.kind === 'shelved' ? stored.shelved : { catalogue: own, taken: null }, own)
  }

  /** In effect from here on, and at the next start. */
  async put(catalogue: Catalogue, taken: Taken): Promise<void> {
    const head = JSON.stringify(taken).slice(0, -1)
    await writeFile(`${this.#path}.new`, `${head},"catalogue":${writeCatalogue(catalogue)}}\n`, { mode: 0o600 })
    await rename(`${this.#path}.new`, this.#path)
    this.#use({ catalogue, taken })
  }

  /** Back to the one that came with Hearth. */
  async reset(): Promise<void> {
    await rm(this.#path, { force: true })
    this.#use({ catalogue: this.bundled, taken: null })
  }

  #use(shelved: Shelved): void {
    this.#shelved.replace(shelved)
    this.#catalogue.replace(shelved.catalogue)
  }
}

export interface ShelfOptions {
  readonly home: string
  readonly onWarning: (warning: string) => void
}

async function readBundled(): Promise<Catalogue> {
  const read = readCatalogue(JSON.parse(await readFile(bundledFile, 'utf8')))
  if (!read.ok) throw new Error(`The catalogue that came with Hearth is broken: ${read.why}`)
  return read.catalogue
}

type Stored =
  | { readonly kind: 'none' }
  | { readonly kind: 'broken'; readonly why: string }
  | { readonly kind: 'shelved'; readonly shelved: Shelved }

async function readStored(path: string): Promise<Stored> {
  let document: unknown
  try {
    const text = await readFile(path, 'utf8')
    if (text.length > longestStored) return { kind: 'broken', why: 'it is too long.' }
    document = JSON.parse(text)
  } catch (thrown) {
    if ((thrown as { readonly code?: unknown }).code === 'ENOENT') return { kind: 'none' }
    return { kind: 'broken', why: messageOf(thrown) }
  }
  const { catalogue, from, at, by } = (document ?? {}) as Readonly<Record<string, unknown>>
  const read = readCatalogue(catalogue)
  if (!read.ok) return { kind: 'broken', why: read.why }
  if (typeof from !== 'string' || typeof at !== 'string' || typeof by !== 'string')
    return { kind: 'broken', why: 'it does not say where it was taken from.' }
  return { kind: 'shelved', shelved: { catalogue: read.catalogue, taken: { from, at, by } } }
}
