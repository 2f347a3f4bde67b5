import { readFileSync, readdirSync } from 'node:fs'

/**
 * What the operating system knows about processes. A pid alone names nobody: it is used again after its process
 * ended. Pid and start time together name one process for as long as the machine runs; the boot id tells two runs of
 * the machine apart.
 */
export interface ProcessIdentity {
  readonly pid: number
  readonly startTime: string
  readonly bootId: string
}

export const hasProcfs = process.platform === 'linux'

/** An id that changes with every start of the machine; empty where there is none. */
export function bootId(): string {
  if (hasProcfs) return readText('/proc/sys/kernel/random/boot_id')?.trim() ?? ''
  return run(['sysctl', '-n', 'kern.boottime'])?.trim() ?? ''
}

/** When a process began, as text that is only compared; null = there is no such process (a zombie has ended, too). */
export function startTimeOf(pid: number): string | null {
  if (!hasProcfs) return run(['ps', '-o', 'lstart=', '-p', String(pid)])?.trim() || null
  const stat = statOf(pid)
  return stat === null || stat.state === 'Z' || stat.state === 'X' ? null : stat.startTime
}

export function identityOf(pid: number): ProcessIdentity | null {
  const startTime = startTimeOf(pid)
  return startTime === null ? null : { pid, startTime, bootId: bootId() }
}

/** Whether exactly this process still runs. */
export function isAlive(identity: ProcessIdentity): boolean {
  return identity.bootId === bootId() && startTimeOf(identity.pid) === identity.startTime
}

export interface MarkedProcess extends ProcessIdentity {
  /** The value of the variable. */
  readonly mark: string
}

/**
 * All processes of this machine (those whose environment may be read) that carry the variable `name`. About 3 ms.
 * Marks reach grandchildren and processes that left their group, which no list of pids does. Empty without /proc.
 */
export function processesWithMark(name: string): readonly MarkedProcess[] {
  if (!hasProcfs) return []
  const found: MarkedProcess[] = []
  const boot = bootId()
  for (const entry of readdirSync('/proc')) {
    const pid = Number(entry)
    if (!Number.isInteger(pid) || pid <= 1 || pid === process.pid) continue
    const mark = environmentVariable(pid, name)
    // The start time is read after the mark: had the pid changed hands between the two, the caller's check would
    // tell.
    const startTime = mark === null ? null : startTimeOf(pid)
    if (mark !== null && startTime !== null) found.push({ pid, startTime, bootId: boot, mark })
  }
  return found
}

/** One variable of another process's environment as it was at its start; null = none, or not readable. */
export function environmentVariable(pid: number, name: string): string | null {
  const environment = readText(`/proc/${pid}/environ`)
  if (environment === null || environment === '') return null
  const prefix = `${name}=`
  for (const line of environment.split('\0')) if (line.startsWith(prefix)) return line.slice(prefix.length)
  return null
}

/**
 * Resident memory of a process and all its descendants, in bytes; null = cannot be measured. Pages that several
 * share count for each. `smaps_rollup` would be exact, but walks every page: tens of milliseconds for a large model.
 */
export function memoryOfTree(pid: number): number | null {
  if (!hasProcfs) {
    const kibibytes = Number(run(['ps', '-o', 'rss=', '-p', String(pid)])?.trim())
    return Number.isFinite(kibibytes) && kibibytes > 0 ? kibibytes * 1024 : null
  }
  const pages = Number(readText(`/proc/${pid}/statm`)?.split(' ')[1])
  if (!Number.isFinite(pages)) return null
  return childrenOf(pid).reduce((sum, child) => sum + (memoryOfTree(child) ?? 0), pages * pageBytes())
}

let knownPageBytes: number | null = null

/** 4 KiB on x86-64; arm64 machines may use 16 or 64 KiB, which the kernel tells beside every mapping. */
function pageBytes(): number {
  knownPageBytes ??= readPageBytes()
  return knownPageBytes
}

function readPageBytes(): number {
  const kibibytes = /^KernelPageSize:\s+(\d+) kB/m.exec(readText('/proc/self/smaps') ?? '')
  return kibibytes ? Number(kibibytes[1]) * 1024 : 4096
}

function childrenOf(pid: number): readonly number[] {
  try {
    const threads = readdirSync(`/proc/${pid}/task`)
    return threads.flatMap((thread) =>
      (readText(`/proc/${pid}/task/${thread}/children`) ?? '').split(' ').filter(Boolean).map(Number),
    )
  } catch {
    return []
  }
}

/** Sends a signal to exactly this process; false = it has ended, or the pid belongs to another one now. */
export function signalProcess(identity: ProcessIdentity, signal: NodeJS.Signals): boolean {
  if (!isAlive(identity)) return false
  return send(identity.pid, signal)
}

/** Sends a signal to the process group whose leader is `identity`; false = the leader has ended. */
export function signalGroup(identity: ProcessIdentity, signal: NodeJS.Signals): boolean {
  if (!isAlive(identity)) return false
  return send(-identity.pid, signal)
}

function send(pid: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(pid, signal)
    return true
  } catch {
    // ESRCH: it ended between the look and the signal; EPERM: it is not ours. Both mean that nothing was done.
    return false
  }
}

/** Fields of `/proc/<pid>/stat`; the command name in parentheses may hold spaces and parentheses. */
function statOf(pid: number): { readonly state: string; readonly startTime: string } | null {
  const text = readText(`/proc/${pid}/stat`)
  if (text === null) return null
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  // Field 3 is the state, field 22 the start time in clock ticks since boot; `fields` begins with field 3.
  const [state, startTime] = [fields[0], fields[19]]
  return state === undefined || startTime === undefined ? null : { state, startTime }
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return null
  }
}

function run(argv: string[]): string | null {
  const result = Bun.spawnSync(argv, { env: { PATH: '/usr/bin:/bin:/usr/sbin:/sbin', LC_ALL: 'C' }, stderr: 'ignore' })
  return result.exitCode === 0 ? result.stdout.toString() : null
}
