import { readdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { ensureFolder } from './disk.ts'

/** Written beside and put in place in one step: a reader sees the old or the new, never half. */
export async function writeJson(path: string, value: unknown): Promise<void> {
  await ensureFolder(dirname(path))
  await writeFile(`${path}.new`, JSON.stringify(value))
  await rename(`${path}.new`, path)
}

/** null = not there, or no JSON. */
export async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as unknown
  } catch {
    return null
  }
}

/** Paths of the `.json` files in a folder, at most `limit`; none when there is no folder. */
export async function listJson(folder: string, limit: number): Promise<readonly string[]> {
  const names = await readdir(folder).catch(() => [])
  return names
    .filter((name) => name.endsWith('.json'))
    .sort()
    .slice(0, limit)
    .map((name) => join(folder, name))
}
