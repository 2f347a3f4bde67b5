import { constants } from 'node:fs'
import { open, rename, rm, stat, type FileHandle } from 'node:fs/promises'
import { dirname } from 'node:path'
import { runningSha256 } from '#platform/crypto/running-hash.ts'
import { ensureFolder } from './disk.ts'

const readBytes = 4 * 1024 * 1024

/**
 * A file that is still coming: `<target>.part` until it is whole and proven, then it takes its name in one step, so
 * that nobody ever sees half a file under the real name. Its SHA-256 is reckoned as bytes come; after a restart, from
 * what is there.
 */
export class PartFile {
  readonly #target: string
  readonly #handle: FileHandle
  #hash = runningSha256()
  #sizeBytes = 0

  private constructor(target: string, handle: FileHandle) {
    this.#target = target
    this.#handle = handle
  }

  /** Opens what is there, or begins. `isAborted` is asked between the pieces of a long read. */
  static async open(target: string, isAborted: () => boolean): Promise<PartFile> {
    await ensureFolder(dirname(target))
    const handle = await open(partPath(target), constants.O_RDWR | constants.O_CREAT, 0o644)
    const part = new PartFile(target, handle)
    try {
      await part.#readBack(isAborted)
    } catch (thrown) {
      await handle.close()
      throw thrown
    }
    return part
  }

  get sizeBytes(): number {
    return this.#sizeBytes
  }

  async append(bytes: Uint8Array): Promise<void> {
    this.#hash.update(bytes)
    for (let written = 0; written < bytes.byteLength;) {
      const { bytesWritten } = await this.#handle.write(bytes, written, bytes.byteLength - written, this.#sizeBytes)
      written += bytesWritten
      this.#sizeBytes += bytesWritten
    }
  }

  /** Begins anew. */
  async empty(): Promise<void> {
    await this.#handle.truncate(0)
    this.#hash = runningSha256()
    this.#sizeBytes = 0
  }

  /** Of all bytes so far, as 64 hex digits; nothing may be appended after it. */
  digest(): string {
    return this.#hash.digest()
  }

  /** Takes its real name; on the disk before it does. */
  async finish(): Promise<void> {
    await this.#handle.sync()
    await this.#handle.close()
    await rename(partPath(this.#target), this.#target)
  }

  close(): Promise<void> {
    return this.#handle.close()
  }

  async #readBack(isAborted: () => boolean): Promise<void> {
    const buffer = new Uint8Array(readBytes)
    for (;;) {
      if (isAborted()) return
      const { bytesRead } = await this.#handle.read(buffer, 0, readBytes, this.#sizeBytes)
      if (bytesRead === 0) return
      this.#hash.update(buffer.subarray(0, bytesRead))
      this.#sizeBytes += bytesRead
    }
  }
}

export function partPath(target: string): string {
  return `${target}.part`
}

/** Size of a whole file; null = there is none. */
export async function sizeOf(path: string): Promise<number | null> {
  const found = await stat(path).catch(() => null)
  return found?.isFile() ? found.size : null
}

export async function removeFile(path: string): Promise<void> {
  await rm(path, { force: true })
}
