import { watch, type FSWatcher } from 'node:fs'
import { stat } from 'node:fs/promises'
import { basename, dirname } from 'node:path'

export interface WatchOptions {
  readonly path: string
  /** Called after the file has been quiet for a moment; also when it appears and when it goes. */
  readonly onChange: () => void
  readonly pollMs?: number
  readonly quietMs?: number
}

/**
 * Tells when a file has changed. The folder is watched, not the file: editors and Kubernetes put a new file in its
 * place. Network file systems send no events, so its time and size are looked at as well.
 */
export function watchFile(options: WatchOptions): Disposable {
  const { path, onChange, pollMs = 2000, quietMs = 100 } = options
  let last: string | null = null
  let quiet: ReturnType<typeof setTimeout> | null = null
  let isClosed = false

  const stir = () => {
    if (isClosed) return
    if (quiet) clearTimeout(quiet)
    quiet = setTimeout(onChange, quietMs)
  }
  const look = async () => {
    const seen = await fingerprint(path)
    if (last !== null && seen !== last) stir()
    last = seen
  }
  let watcher: FSWatcher | null = null
  try {
    watcher = watch(dirname(path), (_event, name) => {
      // Some systems do not name the file; `..data` is the link that Kubernetes swaps.
      if (name === null || name === basename(path) || name === '..data') stir()
    })
    watcher.on('error', () => watcher?.close())
  } catch {
    // The folder is not there yet, or cannot be watched: looking at it is enough.
  }
  void look()
  const poll = setInterval(() => void look(), pollMs)
  poll.unref()
  return {
    [Symbol.dispose]() {
      isClosed = true
      watcher?.close()
      clearInterval(poll)
      if (quiet) clearTimeout(quiet)
    },
  }
}

async function fingerprint(path: string): Promise<string> {
  try {
    const { mtimeMs, size, ino } = await stat(path)
    return `${mtimeMs} ${size} ${ino}`
  } catch {
    return 'absent'
  }
}
