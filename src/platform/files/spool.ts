import { mkdir, open, rm, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { formatBytes } from '#kernel/bytes.ts'
import { AppError } from '#kernel/errors.ts'
import { newRequestId } from '#platform/crypto/ids.ts'

export interface SpoolLimits {
  /** Of one body that is held in memory; what is longer goes to a file. */
  readonly memoryBytes: number
  /** Of all bodies that are in files at once. */
  readonly diskBytes: number
}

/** Bytes that stand in the place of others when a spooled body is read. In order, without overlaps. */
interface Edit {
  readonly start: number
  readonly end: number
  readonly bytes: Uint8Array
}

const pieceBytes = 256 * 1024

/**
 * Where large bodies wait until they are whole: the beginning in memory, the rest in a file that has no name any more,
 * so that nothing of it is left when the process dies. One for the house: it counts what all of them take of the disk.
 */
export class SpoolRoom {
  readonly #folder: string
  readonly #limits: () => SpoolLimits
  #diskBytes = 0

  constructor(options: { readonly folder: string; readonly limits: () => SpoolLimits }) {
    this.#folder = options.folder
    this.#limits = options.limits
  }

  /** On disk just now, of all bodies. */
  get diskBytes(): number {
    return this.#diskBytes
  }

  begin(): Spool {
    return new Spool({
      memoryBytes: this.#limits().memoryBytes,
      openFile: () => this.#openFile(),
      take: (bytes) => this.#take(bytes),
      giveBack: (bytes) => void (this.#diskBytes -= bytes),
    })
  }

  #take(bytes: number): void {
    const { diskBytes } = this.#limits()
    if (this.#diskBytes + bytes > diskBytes) {
      throw new AppError(
        'busy',
        `Uploads that are on their way fill the ${formatBytes(diskBytes)} that they may take of the disk; try again ` +
          `shortly.`,
        { reason: 'uploads_full', retryAfterMs: 5000 },
      )
    }
    this.#diskBytes += bytes
  }

  async #openFile(): Promise<FileHandle> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 })
    const path = join(this.#folder, newRequestId())
    const file = await open(path, 'wx+', 0o600)
    await rm(path, { force: true })
    return file
  }
}

interface SpoolParts {
  readonly memoryBytes: number
  readonly openFile: () => Promise<FileHandle>
  readonly take: (bytes: number) => void
  readonly giveBack: (bytes: number) => void
}

/** One body: written once, then read as often as somebody has to be asked. Dispose it when nobody will read again. */
export class Spool implements AsyncDisposable {
  readonly #parts: SpoolParts
  readonly #pieces: Uint8Array[] = []
  #length = 0
  #inMemory = 0
  #file: FileHandle | null = null
  #isClosed = false
  #reading = 0

  constructor(parts: SpoolParts) {
    this.#parts = parts
  }

  get length(): number {
    return this.#length
  }

  /** Throws AppError `busy` when the disk that uploads may take is full. */
  async write(chunk: Uint8Array): Promise<void> {
    const start = this.#length
    if (this.#file === null && start + chunk.length <= this.#parts.memoryBytes) {
      this.#pieces.push(chunk)
      this.#length += chunk.length
      this.#inMemory = this.#length
      return
    }
    this.#parts.take(chunk.length)
    this.#length += chunk.length
    this.#file ??= await this.#parts.openFile()
    await writeAll(this.#file, chunk, start - this.#inMemory)
  }

  /** The whole body with its edits, from its beginning; throws when the spool is disposed meanwhile. */
  async *read(edits: readonly Edit[] = []): AsyncGenerator<Uint8Array> {
    let at = 0
    for (const edit of edits) {
      yield* this.#range(at, edit.start)
      if (edit.bytes.length > 0) yield edit.bytes
      at = edit.end
    }
    yield* this.#range(at, this.#length)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#parts.giveBack(this.#length - this.#inMemory)
    this.#pieces.length = 0
    await this.#closeFile()
  }

  async *#range(from: number, to: number): AsyncGenerator<Uint8Array> {
    let start = 0
    for (const piece of this.#pieces) {
      const end = start + piece.length
      if (end > from && start < to) yield piece.subarray(Math.max(0, from - start), to - start)
      start = end
    }
    let at = Math.max(from, this.#inMemory)
    while (at < to) {
      const buffer = new Uint8Array(Math.min(pieceBytes, to - at))
      const bytesRead = await this.#readFile(buffer, at - this.#inMemory)
      if (bytesRead === 0) throw new Error('A spooled body is shorter than what was written.')
      yield buffer.subarray(0, bytesRead)
      at += bytesRead
    }
  }

  async #readFile(buffer: Uint8Array, position: number): Promise<number> {
    if (this.#file === null || this.#isClosed) throw new Error('A spooled body was given up while it was read.')
    this.#reading += 1
    try {
      return (await this.#file.read(buffer, 0, buffer.length, position)).bytesRead
    } finally {
      this.#reading -= 1
      if (this.#isClosed) await this.#closeFile()
    }
  }

  /** Not while the file is read: the number of a closed file may belong to another one a moment later. */
  async #closeFile(): Promise<void> {
    if (this.#reading > 0) return
    const file = this.#file
    this.#file = null
    await file?.close()
  }
}

async function writeAll(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  let written = 0
  while (written < bytes.length) {
    const { bytesWritten } = await file.write(bytes, written, bytes.length - written, position + written)
    written += bytesWritten
  }
}
