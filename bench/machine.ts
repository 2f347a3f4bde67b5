import { cpus, loadavg, release, totalmem } from 'node:os'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export const root = join(import.meta.dir, '..')
/** The load generator and the mock upstream share the first core; what is measured has the second for itself. */
export const cores = { load: 0, measured: 1 } as const

export function describeMachine(): string {
  const [cpu] = cpus()
  const memory = Math.round(totalmem() / 2 ** 30)
  return `${cpu?.model ?? 'unknown CPU'}, ${cpus().length} cores, ${memory} GiB, Linux ${release()}, Bun ${Bun.version}`
}

/** What else ran before: on a quiet machine the load is below one. */
export function describeLoad(): string {
  return `The machine's load was ${loadavg()[0]?.toFixed(1)} before.`
}

export function pinned(core: number, command: readonly string[]): readonly string[] {
  return ['taskset', '-c', String(core), ...command]
}

export function rssBytes(pid: number): number {
  return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024
}

/** Seconds of processor time that a process and its reaped threads have used. */
export function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ')
  return (Number(fields[11]) + Number(fields[12])) / 100
}

export function children(pid: number): readonly number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim()
  return text === '' ? [] : text.split(' ').map(Number)
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? (sorted[middle] ?? 0) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2
}

/** Nearest rank; `values` need not be sorted. */
export function percentile(values: Float64Array, share: number): number {
  const sorted = values.toSorted()
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN
}

export function sum(pids: readonly number[], of: (pid: number) => number): number {
  return pids.reduce((total, pid) => total + of(pid), 0)
}

export function openFiles(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length
}

/** What a program writes; it must end well. */
export async function output(command: readonly string[]): Promise<string> {
  const child = Bun.spawn([...command], { stdout: 'pipe', stderr: 'inherit', stdin: 'ignore' })
  const text = await child.stdout.text()
  if ((await child.exited) !== 0) throw new Error(`${command.slice(0, 3).join(' ')} failed.`)
  return text
}

/** Runs a load generator on its core. */
export async function generated<T>(program: string, options: unknown): Promise<T> {
  const command = [process.execPath, join(root, 'bench/load', program), JSON.stringify(options)]
  return JSON.parse(await output(pinned(cores.load, command))) as T
}
