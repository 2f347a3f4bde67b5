import { dlopen, FFIType, ptr } from 'bun:ffi'
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

/**
 * Sockets that listen on one port together (SO_REUSEPORT) share the new connections among them by chance. To replace
 * one without dropping a connection, the newest must get all of them from its first moment on, because a listener
 * that is stopped drops the handshakes it has begun (measured: 13 of 16 connections under load). The kernel takes a
 * program of one instruction for that: "always the n-th socket of the group".
 *
 * Only on Linux, and only where libc can be called; `false` elsewhere: the replacement works, and a client that is in
 * its handshake at that moment has to come again.
 */

/** From linux/filter.h and asm-generic/socket.h. */
const returnConstant = 0x06
const socketLevel = 1
const attachProgram = 51
const libraries = ['libc.so.6', 'libc.musl-x86_64.so.1', 'libc.musl-aarch64.so.1']

type SetSocketOption = (fd: number, level: number, name: number, value: number, length: number) => number

/** File descriptors of this process that listen on a port, by the inode of their socket. */
export function listeningSockets(port: number): ReadonlyMap<string, number> {
  const found = new Map<string, number>()
  try {
    const inodes = new Set([...inodesOf('/proc/self/net/tcp', port), ...inodesOf('/proc/self/net/tcp6', port)])
    for (const fd of readdirSync('/proc/self/fd')) {
      const inode = /^socket:\[(\d+)\]$/.exec(linkOf(`/proc/self/fd/${fd}`))?.[1]
      if (inode !== undefined && inodes.has(inode)) found.set(inode, Number(fd))
    }
  } catch {
    // No /proc: another system.
  }
  return found
}

/** Gives all new connections of a group of listeners to the one at `index` in it. `fd` is any of the group. */
export function preferListener(fd: number, index: number): boolean {
  try {
    const setSocketOption = loadOnce()
    if (setSocketOption === null) return false
    // struct sock_filter { u16 code; u8 jt, jf; u32 k }
    const instruction = new DataView(new ArrayBuffer(8))
    instruction.setUint16(0, returnConstant, true)
    instruction.setUint32(4, index, true)
    const instructions = new Uint8Array(instruction.buffer)
    // struct sock_fprog { u16 length; struct sock_filter *filter }
    const program = new DataView(new ArrayBuffer(16))
    program.setUint16(0, 1, true)
    program.setBigUint64(8, BigInt(ptr(instructions)), true)
    const bytes = new Uint8Array(program.buffer)
    return setSocketOption(fd, socketLevel, attachProgram, ptr(bytes), bytes.byteLength) === 0
  } catch {
    return false
  }
}

let loaded: SetSocketOption | null | undefined

function loadOnce(): SetSocketOption | null {
  loaded ??= process.platform === 'linux' ? load() : null
  return loaded
}

function load(): SetSocketOption | null {
  for (const library of libraries) {
    try {
      const { i32, u32, ptr: pointer } = FFIType
      const { symbols } = dlopen(library, { setsockopt: { args: [i32, i32, i32, pointer, u32], returns: i32 } })
      return symbols.setsockopt
    } catch {
      // Not this one's libc.
    }
  }
  return null
}

function* inodesOf(table: string, port: number): Generator<string> {
  const wanted = `:${port.toString(16).toUpperCase().padStart(4, '0')}`
  const listen = '0A'
  for (const line of readFileSync(table, 'utf8').split('\n')) {
    const [, local = '', , state, , , , , , inode] = line.trim().split(/\s+/)
    if (state === listen && local.endsWith(wanted) && inode !== undefined) yield inode
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path)
  } catch {
    // Closed meanwhile.
    return ''
  }
}
