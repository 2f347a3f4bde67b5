import { closeSync, fstatSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'

/**
 * A log of bounded size: when the file has reached half of `maxBytes` it becomes `<path>.1` in place of the one
 * before, so both together hold between half and all of it. Writing is synchronous: a line is in the file when
 * `write` returns.
 */
export class LogFile implements Disposable {
  readonly #path: string
  readonly #halfBytes: number
  #fd: number | null = null
  #size = 0

  constructor(options: { readonly path: string; readonly maxBytes: number }) {
    this.#path = options.path
    this.#halfBytes = Math.max(1024, Math.floor(options.maxBytes / 2))
    mkdirSync(dirname(options.path), { recursive: true, mode: 0o700 })
    this.#open()
  }

  /** Throws when the disk refuses; the caller decides whether that matters. */
  write(line: string): void {
    if (this.#fd === null) return
    const bytes = Buffer.from(`${line}\n`)
    if (this.#size > 0 && this.#size + bytes.byteLength > this.#halfBytes) this.#rotate()
    writeSync(this.#fd, bytes)
    this.#size += bytes.byteLength
  }

  [Symbol.dispose](): void {
    if (this.#fd !== null) closeSync(this.#fd)
    this.#fd = null
  }

  #rotate(): void {
    this[Symbol.dispose]()
    renameSync(this.#path, `${this.#path}.1`)
    this.#open()
  }

  #open(): void {
    this.#fd = openSync(this.#path, 'a', 0o600)
    this.#size = fstatSync(this.#fd).size
  }
}

/**
 * The last `lines` lines of a log and its predecessor, oldest first; reads at most `maxBytes`. Empty when there is
 * none.
 */
export async function readLogTail(path: string, lines: number, maxBytes = 1 << 20): Promise<string> {
  const now = await tailOf(path, maxBytes)
  const text = now.length < maxBytes ? (await tailOf(`${path}.1`, maxBytes - now.length)) + now : now
  const all = text.split('\n')
  if (all.at(-1) === '') all.pop()
  const last = all.slice(-lines)
  return last.length === 0 ? '' : `${last.join('\n')}\n`
}

async function tailOf(path: string, maxBytes: number): Promise<string> {
  const file = Bun.file(path)
  if (!(await file.exists())) return ''
  const start = Math.max(0, file.size - maxBytes)
  const text = await file.slice(start).text()
  // A cut in the middle of a line would show half of it.
  return start === 0 ? text : text.slice(text.indexOf('\n') + 1)
}
