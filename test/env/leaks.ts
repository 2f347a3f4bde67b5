/**
 * Preloaded by tools/run-tests.ts: a test file that leaves a listener, socket, child process or timer open fails.
 * Bun's runner does not look for leaks itself and closes leftovers silently, so a server that never stops would pass.
 * What this cannot see: Workers, file watchers, pending fetches.
 */
import { heapStats } from 'bun:jsc'
import { afterAll } from 'bun:test'
import { readdirSync, readFileSync } from 'node:fs'

const watched = [
  'HTTPServer',
  'DebugHTTPServer',
  'HTTPSServer',
  'DebugHTTPSServer',
  'Listener',
  'TCPSocket',
  'TLSSocket',
  'Subprocess',
  'Timeout',
] as const
/** What a closing handle may take to go: sockets and children end a few turns of the loop after `close()`. */
const graceMs = 3_000
const pollMs = 20

const before = openHandles()
const childrenBefore = children()

afterAll(async () => {
  const deadline = performance.now() + graceMs
  let left = leftovers()
  while (left.length > 0 && performance.now() < deadline) {
    await Bun.sleep(pollMs)
    left = leftovers()
  }
  if (left.length > 0) throw new Error(`This test file left open: ${left.join(', ')}. Close what a test opens.`)
}, graceMs + 2_000)

function leftovers(): readonly string[] {
  const now = openHandles()
  const handles = watched.flatMap((type) => {
    const extra = (now[type] ?? 0) - (before[type] ?? 0)
    return extra > 0 ? [`${extra} × ${type}`] : []
  })
  const strays = [...children()]
    .filter((pid) => !childrenBefore.has(pid))
    .map((pid) => `child process ${describe(pid)}`)
  return [...handles, ...strays]
}

function openHandles(): Readonly<Record<string, number>> {
  return heapStats().protectedObjectTypeCounts
}

/** Linux only; elsewhere children are seen as `Subprocess`. */
function children(): ReadonlySet<string> {
  const found = new Set<string>()
  for (const thread of listed('/proc/self/task')) {
    for (const pid of contentOf(`/proc/self/task/${thread}/children`).split(' ')) {
      if (pid !== '' && !isZombie(pid)) found.add(pid)
    }
  }
  return found
}

function describe(pid: string): string {
  return `${pid} (${contentOf(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').slice(0, 80).trim()})`
}

function isZombie(pid: string): boolean {
  return /^\d+ \(.*\) Z /s.test(contentOf(`/proc/${pid}/stat`))
}

function listed(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

function contentOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
