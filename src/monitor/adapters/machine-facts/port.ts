import { readdir, readlink } from 'node:fs/promises'
import type { PortFacts } from '../../core/doctor/facts.ts'
import { parseListening, socketInTheWay } from '../../core/doctor/reading.ts'
import { textOf } from './files.ts'

/** Read from the kernel's own tables: trying to listen could disturb a house that is just starting. */
export async function readPort({ host, port }: { readonly host: string; readonly port: number }): Promise<PortFacts> {
  const tables = await Promise.all([textOf('/proc/net/tcp'), textOf('/proc/net/tcp6')])
  if (tables[0] === null) return { host, port, holder: { kind: 'unknown' } }
  const socket = socketInTheWay(
    tables.flatMap((table) => parseListening(table ?? '')),
    { host, port },
  )
  if (socket === null) return { host, port, holder: { kind: 'nobody' } }
  return { host, port, holder: { kind: 'taken', ...(await holderOf(socket.inode)) } }
}

/** Looked at for the owner of one socket; a machine with more processes keeps its secret. */
const maxProcesses = 16_384

async function holderOf(inode: number): Promise<{ readonly pid: number | null; readonly command: string | null }> {
  const pids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name)).slice(0, maxProcesses)
  for (const pid of pids) {
    for (const descriptor of await readdir(`/proc/${pid}/fd`).catch(() => [])) {
      const target = await readlink(`/proc/${pid}/fd/${descriptor}`).catch(() => null)
      if (target !== `socket:[${inode}]`) continue
      const command = ((await textOf(`/proc/${pid}/cmdline`)) ?? '').replaceAll('\0', ' ').trim()
      return { pid: Number(pid), command: command === '' ? null : command.slice(0, 200) }
    }
  }
  return { pid: null, command: null }
}
