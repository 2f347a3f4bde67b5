import { mkdir, statfs } from 'node:fs/promises'
import { dirname } from 'node:path'

/** Bytes that this process may still write where `folder` is, or will be; null = the system does not tell. */
export async function freeBytes(folder: string): Promise<number | null> {
  for (let at = folder; ; at = dirname(at)) {
    try {
      const { bavail, bsize } = await statfs(at)
      return bavail * bsize
    } catch {
      if (dirname(at) === at) return null
    }
  }
}

export async function ensureFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true })
}
