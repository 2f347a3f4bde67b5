import { dlopen, ptr } from 'bun:ffi'

/** `process.hrtime` begins anew in every process of Bun; the kernel's CLOCK_MONOTONIC is the same for all. */
const libc = dlopen('libc.so.6', { clock_gettime: { args: ['i32', 'ptr'], returns: 'i32' } })
const clockMonotonic = 1
const time = new BigInt64Array(2)

/** Microseconds, for comparing the times of two processes. */
export function machineMicros(): number {
  libc.symbols.clock_gettime(clockMonotonic, ptr(time))
  return Number(time[0] ?? 0n) * 1e6 + Math.floor(Number(time[1] ?? 0n) / 1e3)
}
