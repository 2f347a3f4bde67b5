import { join } from 'node:path'
import { listJson, readJson, writeJson } from '#platform/files/json-file.ts'
import { removeFile } from '#platform/files/part-file.ts'
import { isPullRef } from './reference.ts'

/** A pull that a person asked for, as it is found again after a restart. */
export interface LedgerEntry {
  readonly id: string
  readonly ref: string
  readonly modelId: string | null
}

const maxEntries = 100

/** Pulls that are not over, one small file each beside the models. */
export class PullLedger {
  readonly #folder: string

  constructor(modelsFolder: string) {
    this.#folder = join(modelsFolder, '.pulls')
  }

  add(entry: LedgerEntry): Promise<void> {
    return writeJson(this.#pathOf(entry.id), entry)
  }

  remove(id: string): Promise<void> {
    return removeFile(this.#pathOf(id))
  }

  async all(): Promise<readonly LedgerEntry[]> {
    const entries: LedgerEntry[] = []
    for (const path of await listJson(this.#folder, maxEntries)) {
      const value = await readJson(path)
      if (isEntry(value)) entries.push({ id: value.id, ref: value.ref, modelId: value.modelId })
      // Torn by a crash or written by another hand: it would be found again at every start.
      else await removeFile(path)
    }
    return entries
  }

  #pathOf(id: string): string {
    return join(this.#folder, `${id}.json`)
  }
}

function isEntry(value: unknown): value is LedgerEntry {
  if (typeof value !== 'object' || value === null) return false
  const { id, ref, modelId } = value as Readonly<Record<string, unknown>>
  if (typeof ref !== 'string' || !isPullRef(ref)) return false
  return typeof id === 'string' && /^[a-z0-9]+$/.test(id) && (modelId === null || typeof modelId === 'string')
}
