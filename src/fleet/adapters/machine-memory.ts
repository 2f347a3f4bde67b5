import { existsSync, readFileSync } from 'node:fs'
import { freemem, totalmem } from 'node:os'
import type { MachineMemory } from '../ports.ts'

/** Device files of graphics cards with memory of their own. Integrated ones share the machine's. */
const discreteGpus = ['/dev/nvidia0', '/dev/kfd']
/** The limits of a container, version 2 and version 1 of cgroups. */
const containerLimits = ['/sys/fs/cgroup/memory.max', '/sys/fs/cgroup/memory/memory.limit_in_bytes']

/** The memory of this machine, or of the container that this process runs in when that has less. */
export function createMachineMemory(): MachineMemory {
  return {
    read() {
      const meminfo = read('/proc/meminfo')
      const machineBytes = kibibytes(meminfo, 'MemTotal') ?? totalmem()
      const limits = containerLimits.map((path) => Number(read(path).trim() || Number.NaN)).filter((limit) => limit > 0)
      return {
        totalBytes: Math.min(machineBytes, ...limits),
        // Where only "free" is told, the file cache counts as used: nothing would fit on a machine that has run for a
        // day.
        availableBytes: kibibytes(meminfo, 'MemAvailable') ?? (process.platform === 'linux' ? freemem() : null),
        hasDiscreteGpu: discreteGpus.some((path) => existsSync(path)),
      }
    },
  }
}

function kibibytes(meminfo: string, name: string): number | null {
  const match = new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(meminfo)
  return match ? Number(match[1]) * 1024 : null
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
