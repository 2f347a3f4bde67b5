import { AppError, messageOf } from '#kernel/errors.ts'
import { createLineSplitter } from './lines.ts'
import type { ProcessIdentity } from './procfs.ts'
import { environmentVariable, hasProcfs, identityOf, processesWithMark, signalGroup, signalProcess } from './procfs.ts'

export interface ChildOptions {
  /** Program and arguments; never a shell. */
  readonly argv: readonly string[]
  /** The whole environment: nothing of ours is inherited. */
  readonly env: Readonly<Record<string, string>>
  readonly cwd: string
  /** A variable of `env` whose value no other child has: all processes that carry it end with this child. */
  readonly markName: string
  /** Lines of stdout and stderr, cut at `maxLineChars`. */
  onLine(line: string): void
}

export interface ChildExit {
  readonly code: number | null
  readonly signal: string | null
}

export interface Child {
  readonly identity: ProcessIdentity
  /** Resolves once, after the program and everything it started have ended and their last lines were read. */
  readonly exited: Promise<ChildExit>
  /**
   * SIGTERM to the group, `graceMs`, SIGKILL to the group and to all who carry the mark. Idempotent; resolves when all
   * have ended.
   */
  stop(graceMs: number): Promise<void>
}

const maxLineChars = 2048
/**
 * How long output is still read after the end: a grandchild that keeps the pipe open must not hide the end of its
 * parent.
 */
const drainAfterExitMs = 500

/**
 * Starts a program in a process group of its own, so that a Ctrl-C in the terminal reaches only the server, which
 * ends it in order. Throws an AppError when the program cannot be started.
 */
export function startChild(options: ChildOptions): Child {
  const mark = options.env[options.markName]
  if (mark === undefined) throw new AppError('internal', `Broken assumption: a child carries ${options.markName}.`)
  const spawned = spawn(options)
  // Not reaped before Bun's `exited` resolves, so the pid still names this process here.
  const identity = identityOf(spawned.pid) ?? { pid: spawned.pid, startTime: 'ended', bootId: '' }
  const readers = [read(spawned.stdout, options.onLine), read(spawned.stderr, options.onLine)]
  const exited = (async (): Promise<ChildExit> => {
    await spawned.exited
    endRest(spawned.pid, options.markName, mark)
    await Promise.race([Promise.all(readers.map((reader) => reader.done)), Bun.sleep(drainAfterExitMs)])
    for (const reader of readers) reader.cancel()
    return { code: spawned.exitCode, signal: spawned.signalCode === null ? null : String(spawned.signalCode) }
  })()
  let stopping: Promise<void> | null = null
  return {
    identity,
    exited,
    stop(graceMs) {
      stopping ??= stop(identity, exited, graceMs)
      return stopping
    },
  }
}

/** What the program started and left behind. */
function endRest(pid: number, markName: string, mark: string): void {
  if (hasProcfs) return killMarked(markName, mark)
  // The group's number is not given away while it has members, and an empty group answers ESRCH.
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    return
  }
}

/** SIGKILL to every process that carries the mark. Grandchildren that left the group are found too. */
function killMarked(name: string, mark: string): void {
  for (const marked of processesWithMark(name)) {
    if (marked.mark === mark && environmentVariable(marked.pid, name) === mark) signalProcess(marked, 'SIGKILL')
  }
}

async function stop(identity: ProcessIdentity, exited: Promise<ChildExit>, graceMs: number): Promise<void> {
  signalGroup(identity, 'SIGTERM')
  const timer = setTimeout(() => signalGroup(identity, 'SIGKILL'), graceMs)
  await exited
  clearTimeout(timer)
}

function spawn(options: ChildOptions): Bun.Subprocess<'ignore', 'pipe', 'pipe'> {
  try {
    return Bun.spawn([...options.argv], {
      cwd: options.cwd,
      env: { ...options.env },
      stdin: 'ignore',
      stdout: 'pipe',
      stderr: 'pipe',
      detached: true,
    })
  } catch (cause) {
    const program = options.argv[0] ?? ''
    const message = `The program "${program}" cannot be started: ${messageOf(cause)}. Is its path right?`
    throw new AppError('unavailable', message, { reason: 'engine_not_found', cause })
  }
}

/** Reads at once and always: an unread pipe of a talkative program would fill the memory. */
function read(
  stream: ReadableStream<Uint8Array>,
  onLine: (line: string) => void,
): { done: Promise<void>; cancel(): void } {
  const splitter = createLineSplitter(maxLineChars, onLine)
  const reader = stream.getReader()
  const done = (async () => {
    try {
      for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) splitter.push(chunk.value)
    } catch {
      // The pipe broke with its program: what was read is what there is.
    }
    splitter.end()
  })()
  return { done, cancel: () => void reader.cancel().catch(() => {}) }
}
