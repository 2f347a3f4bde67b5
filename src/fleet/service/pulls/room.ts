import { formatBytes } from '#kernel/bytes.ts'
import { AppError } from '#kernel/errors.ts'
import { freeBytes } from '#platform/files/disk.ts'
import { partPath, sizeOf } from '#platform/files/part-file.ts'

/**
 * Throws an AppError when a pull would fill the disk. A person who is told at once can make room; a disk that runs full
 * hurts everything else on the machine.
 */
export async function checkRoom(wish: {
  readonly ref: string
  readonly folder: string
  readonly files: readonly { readonly target: string; readonly sizeBytes: number }[]
  /** What other pulls will still write. */
  readonly promisedBytes: number
  readonly spareBytes: number
}): Promise<void> {
  const free = await freeBytes(wish.folder)
  if (free === null) return
  let needed = 0
  for (const { target, sizeBytes } of wish.files) {
    const here = (await sizeOf(target)) ?? (await sizeOf(partPath(target))) ?? 0
    needed += Math.max(0, sizeBytes - here)
  }
  if (needed === 0 || needed + wish.promisedBytes + wish.spareBytes <= free) return
  const promised =
    wish.promisedBytes > 0 ? `, of which ${formatBytes(wish.promisedBytes)} are promised to other pulls` : ''
  const message =
    `${wish.ref} needs ${formatBytes(needed)} more, and ${wish.folder} has ${formatBytes(free)} free${promised}: ` +
    'make room, then pull again.'
  throw new AppError('unavailable', message, { reason: 'disk_full' })
}
