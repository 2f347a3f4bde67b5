import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ProcessIdentity } from './procfs.ts'
import { environmentVariable, hasProcfs, isAlive, processesWithMark, signalProcess, startTimeOf } from './procfs.ts'

/**
 * Processes that outlived their server. A child's mark is `<home>/<server pid>.<server start time>/<instance>`: a
 * process whose server has ended is an orphan; one whose server lives belongs to that server and is left alone.
 */
export interface Mark {
  readonly home: string
  readonly serverPid: number
  readonly serverStartTime: string
  readonly instance: string
}

/** The mark that this process gives a child. */
export function markOfOwnChild(home: string, instance: string): string {
  return `${home}/${process.pid}.${plainStartTime(startTimeOf(process.pid) ?? '')}/${instance}`
}

/** Some systems tell start times with spaces and colons in them. */
const plainStartTime = (text: string): string => text.replaceAll(/\W/g, '_')

export function parseMark(text: string): Mark | null {
  const match = /^([^/]+)\/(\d+)\.(\w+)\/(.+)$/.exec(text)
  if (!match) return null
  const [, home = '', pid = '', serverStartTime = '', instance = ''] = match
  return { home, serverPid: Number(pid), serverStartTime, instance }
}

/** Notes about running children in a folder: what the sweep goes by where environments cannot be read. */
export interface ChildRecord extends ProcessIdentity {
  readonly mark: string
  readonly port: number
}

export interface RecordFolder {
  put(name: string, record: ChildRecord): void
  remove(name: string): void
  all(): readonly { readonly name: string; readonly record: ChildRecord }[]
}

export function openRecordFolder(folder: string): RecordFolder {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const pathOf = (name: string) => join(folder, `${name}.json`)
  return {
    put: (name, record) => writeFileSync(pathOf(name), JSON.stringify(record), { mode: 0o600 }),
    remove: (name) => rmSync(pathOf(name), { force: true }),
    all: () =>
      readdirSync(folder)
        .filter((file) => file.endsWith('.json'))
        .flatMap((file) => {
          const record = parseRecord(join(folder, file))
          return record === null ? [] : [{ name: file.slice(0, -5), record }]
        }),
  }
}

export interface SweepOptions {
  readonly markName: string
  readonly home: string
  readonly records: RecordFolder
  /** Between SIGTERM and SIGKILL: a client of a container runtime uses it to stop its container. */
  readonly graceMs: number
}

const pollMs = 20

/**
 * Ends the orphans of `home` and forgets their records; resolves with how many processes were ended. Local children
 * are ended and not adopted: their pipes are closed, their log is lost, and nobody knows what their last server had
 * promised.
 */
export async function sweepOrphans(options: SweepOptions): Promise<number> {
  const orphans = [...markedOrphans(options), ...recordedOrphans(options)]
  const ended = new Map(orphans.map((orphan) => [orphan.pid, orphan]))
  for (const orphan of ended.values()) signalProcess(orphan, 'SIGTERM')
  for (let waitedMs = 0; waitedMs < options.graceMs && [...ended.values()].some(isAlive); waitedMs += pollMs) {
    await Bun.sleep(pollMs)
  }
  for (const orphan of ended.values()) signalProcess(orphan, 'SIGKILL')
  for (const { name, record } of options.records.all()) {
    if (isOrphan(record.mark, options.home)) options.records.remove(name)
  }
  return ended.size
}

function markedOrphans(options: SweepOptions): readonly ProcessIdentity[] {
  return processesWithMark(options.markName).filter(
    (process) =>
      isOrphan(process.mark, options.home) && environmentVariable(process.pid, options.markName) === process.mark,
  )
}

/** Without /proc, pid, start time and boot id in the record are the proof. */
function recordedOrphans(options: SweepOptions): readonly ProcessIdentity[] {
  if (hasProcfs) return []
  return options.records
    .all()
    .flatMap(({ record }) => (isOrphan(record.mark, options.home) && isAlive(record) ? [record] : []))
}

/**
 * Of our home, and its server has ended. The very server that asks is alive, too: its own children are no orphans.
 */
function isOrphan(text: string, home: string): boolean {
  const mark = parseMark(text)
  if (mark === null || mark.home !== home) return false
  const startTime = startTimeOf(mark.serverPid)
  return startTime === null || plainStartTime(startTime) !== mark.serverStartTime
}

function parseRecord(path: string): ChildRecord | null {
  try {
    const value: unknown = JSON.parse(readFileSync(path, 'utf8'))
    if (typeof value !== 'object' || value === null) return null
    const { pid, startTime, bootId, mark, port } = value as Record<string, unknown>
    if (typeof pid !== 'number' || typeof startTime !== 'string' || typeof bootId !== 'string') return null
    if (typeof mark !== 'string' || typeof port !== 'number') return null
    return { pid, startTime, bootId, mark, port }
  } catch {
    // Half a record, written while the machine went down, names nobody.
    return null
  }
}
