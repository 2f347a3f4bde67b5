import { AppError, messageOf } from '#kernel/errors.ts'
import type { Clock } from '#kernel/time.ts'
import { sha256Hex } from '#platform/crypto/hash.ts'
import type { DownloadExit } from '#platform/egress/contract.ts'
import type { CataloguePlan } from '#protocol/admin/catalogue.ts'
import type { Catalogue } from './core/catalogue.ts'
import { compareCatalogues } from './core/compare.ts'
import { writeCatalogue } from './core/form.ts'
import { importCatalogue } from './core/import.ts'
import type { Shelf } from './shelf.ts'

/** The largest document that is read. */
export const maxDocumentBytes = 16 * 2 ** 20
const fetchTimeoutMs = 60_000
/** The most of each list that a plan shows. */
const mostShown = 1000

export interface UpdateOptions {
  readonly shelf: Shelf
  readonly download: DownloadExit
  readonly clock: Clock
  /** Providers that the configuration names: it would not hold without them. */
  readonly inUse: () => readonly string[]
}

export interface Offered {
  readonly document: unknown
  readonly from: string
}

/**
 * Another catalogue is taken in two steps: what it would change is shown, and is done when somebody confirms exactly
 * that. One plan waits at a time, in memory: whoever plans anew forgets the one before.
 */
export class Updates {
  readonly #options: UpdateOptions
  #waiting: { readonly hash: string; readonly catalogue: Catalogue; readonly from: string } | null = null

  constructor(options: UpdateOptions) {
    this.#options = options
  }

  /** The document behind an address. */
  async fetch(url: string, signal: AbortSignal): Promise<Offered> {
    const answer = await this.#options.download.text(url, {
      limitBytes: maxDocumentBytes,
      timeoutMs: fetchTimeoutMs,
      signal,
    })
    if (answer.status !== 200) {
      throw new AppError('upstream', `${url} answered with status ${answer.status}, not with a catalogue.`)
    }
    try {
      return { document: JSON.parse(answer.text) as unknown, from: url }
    } catch (thrown) {
      throw refused(`${url} is no JSON: ${messageOf(thrown)}.`)
    }
  }

  plan({ document, from }: Offered): CataloguePlan {
    const { shelf, clock } = this.#options
    const imported = importCatalogue(document, new Date(clock.now()).toISOString().slice(0, 10))
    if (!imported.ok) throw refused(`${from} is refused whole, and nothing was changed: ${imported.why}`)
    const { catalogue, leftOut } = imported
    this.#checkUse(catalogue, from)
    // What is in effect is a part of it: the same document confirmed against another one is another change.
    const hash = sha256Hex(writeCatalogue(shelf.catalogue.value) + writeCatalogue(catalogue))
    this.#waiting = { hash, catalogue, from }
    const changes = compareCatalogues(shelf.catalogue.value, catalogue)
    const lists = Object.entries(changes).map(([name, list]) => [name, list.slice(0, mostShown)] as const)
    return {
      hash,
      from,
      asOf: catalogue.asOf,
      ...countsOf(catalogue),
      counts: Object.fromEntries(Object.entries(changes).map(([name, list]) => [name, list.length])),
      ...(Object.fromEntries(lists) as typeof changes),
      leftOut: leftOut.slice(0, mostShown),
    }
  }

  async apply(hash: string, by: string): Promise<void> {
    const { shelf, clock } = this.#options
    const waiting = this.#waiting
    if (waiting === null || waiting.hash !== hash) {
      throw new AppError('conflict', 'This plan is not the one that waits: plan again, and confirm that one.', {
        reason: 'plan_changed',
      })
    }
    this.#checkUse(waiting.catalogue, waiting.from)
    this.#waiting = null
    await shelf.put(waiting.catalogue, { from: waiting.from, at: new Date(clock.now()).toISOString(), by })
  }

  /** Back to the catalogue that came with Hearth. */
  async reset(): Promise<void> {
    this.#checkUse(this.#options.shelf.bundled, 'The catalogue that came with Hearth')
    await this.#options.shelf.reset()
  }

  #checkUse({ providers }: Catalogue, from: string): void {
    const gone = this.#options.inUse().filter((id) => (providers.get(id)?.reach.kind ?? 'none') === 'none')
    if (gone.length === 0) return
    throw refused(
      `${from} does not reach ${gone.join(', ')}, which upstreams of the configuration name: nothing was changed.`,
    )
  }
}

export function countsOf({ providers }: Catalogue): { readonly providers: number; readonly models: number } {
  const models = [...providers.values()].reduce((sum, provider) => sum + provider.models.size, 0)
  return { providers: providers.size, models }
}

const refused = (message: string): AppError => new AppError('invalid', message, { reason: 'invalid_catalogue' })
