import { access, constants, stat } from 'node:fs/promises'
import { arch, availableParallelism, networkInterfaces, platform, release, totalmem } from 'node:os'
import { dirname, join } from 'node:path'
import { freeBytes } from '#platform/files/disk.ts'
import type { AddressFacts, HomeFacts, MachineFacts } from '../core/doctor/facts.ts'
import { scopeOf } from '../core/doctor/reading.ts'
import { exists, textOf } from './machine-facts/files.ts'
import { readGpus } from './machine-facts/gpus.ts'
import { readPort } from './machine-facts/port.ts'
import { createAsker, type Ask } from './machine-facts/programs.ts'
import { readSleep } from './machine-facts/systemd-sleep.ts'

export interface MachineFactsOptions {
  readonly home: string
  readonly host: string
  readonly port: number
  /** Where clients of Ollama are to be listened for; null = nowhere. */
  readonly compat?: { readonly host: string; readonly port: number } | null
  /** PATH and the like, for the few programs that are asked (nvidia-smi, systemctl, …). */
  readonly childEnvironment: Readonly<Record<string, string>>
}

/** Reads this machine. Changes nothing, asks no network, never rejects for what the system does not tell. */
export async function readMachineFacts(options: MachineFactsOptions): Promise<MachineFacts> {
  const ask = createAsker(options.childEnvironment)
  const { compat = null } = options
  const [node, isContainer, home, memory, openFiles, port, compatPort, gpus, clock, sleep] = await Promise.all([
    ask(['node', '--version']),
    readIsContainer(),
    readHome(options.home),
    readMemory(),
    readOpenFiles(),
    readPort(options),
    compat === null ? null : readPort(compat),
    readGpus(ask),
    readClock(ask),
    readSleep(ask),
  ])
  return {
    runtime: { bun: Bun.version, node: node?.code === 0 ? node.out.trim().replace(/^v/, '') : null },
    system: {
      platform: platform(),
      architecture: arch(),
      release: release(),
      cores: availableParallelism(),
      isContainer,
    },
    home,
    memory,
    openFiles,
    port,
    compatPort,
    gpus,
    clock,
    addresses: readAddresses(),
    sleep,
  }
}

async function readIsContainer(): Promise<boolean> {
  if ((await exists('/.dockerenv')) || (await exists('/run/.containerenv'))) return true
  return /docker|containerd|kubepods|lxc/.test((await textOf('/proc/1/cgroup')) ?? '')
}

async function readHome(path: string): Promise<HomeFacts> {
  const found = await stat(path).catch(() => null)
  return {
    path,
    isThere: found !== null,
    isWritable:
      found === null ? await isWritable(await nearestFolder(path)) : found.isDirectory() && (await isWritable(path)),
    mode: found?.mode ?? null,
    freeBytes: await freeBytes(path),
    socketPathBytes: new TextEncoder().encode(join(path, 'hearth.sock')).byteLength,
  }
}

const isWritable = (path: string): Promise<boolean> =>
  access(path, constants.W_OK | constants.X_OK).then(
    () => true,
    () => false,
  )

async function nearestFolder(path: string): Promise<string> {
  for (let at = path; ; at = dirname(at)) if ((await exists(at)) || dirname(at) === at) return at
}

async function readMemory(): Promise<MachineFacts['memory']> {
  const meminfo = (await textOf('/proc/meminfo')) ?? ''
  const available = /^MemAvailable:\s+(\d+) kB$/m.exec(meminfo)?.[1]
  return {
    totalBytes: totalmem(),
    availableBytes: available === undefined ? null : Number(available) * 1024,
    limitBytes: await readMemoryLimit(),
  }
}

/** The tightest `memory.max` from this process's cgroup up to the root (cgroup v2). */
async function readMemoryLimit(): Promise<number | null> {
  const own = /^0::(.*)$/m.exec((await textOf('/proc/self/cgroup')) ?? '')?.[1]
  if (own === undefined) return null
  const limits: number[] = []
  for (let at = own; ; at = dirname(at)) {
    const text = await textOf(join('/sys/fs/cgroup', at, 'memory.max'))
    if (text !== null && /^\d+$/.test(text.trim())) limits.push(Number(text.trim()))
    if (at === '/' || at === '.') break
  }
  return limits.length === 0 ? null : Math.min(...limits)
}

async function readOpenFiles(): Promise<MachineFacts['openFiles']> {
  const match = /^Max open files\s+(\d+|unlimited)\s+(\d+|unlimited)/m.exec((await textOf('/proc/self/limits')) ?? '')
  const numberOf = (text = ''): number => (text === 'unlimited' ? Number.MAX_SAFE_INTEGER : Number(text))
  return match ? { soft: numberOf(match[1]), hard: numberOf(match[2]) } : null
}

async function readClock(ask: Ask): Promise<MachineFacts['clock']> {
  if (await exists('/run/systemd/timesync/synchronized')) return { isSynchronised: true, by: 'systemd-timesyncd' }
  const answer = await ask(['timedatectl', 'show', '--property=NTPSynchronized', '--value'])
  const said = answer?.code === 0 ? answer.out.trim() : ''
  if (said === 'yes') return { isSynchronised: true, by: null }
  return { isSynchronised: said === 'no' ? false : null, by: null }
}

function readAddresses(): readonly AddressFacts[] {
  return Object.entries(networkInterfaces()).flatMap(([name, addresses]) =>
    (addresses ?? []).map(({ family, address, internal }) => ({
      family: family === 'IPv6' ? ('IPv6' as const) : ('IPv4' as const),
      address,
      interface: name,
      scope: internal ? ('loopback' as const) : scopeOf(address.toLowerCase()),
    })),
  )
}
