import { constants, open, readdir } from 'node:fs/promises'
import type { GpuFacts } from '../../core/doctor/facts.ts'
import { parseNvidia } from '../../core/doctor/reading.ts'
import { exists } from './files.ts'
import type { Ask } from './programs.ts'

export async function readGpus(ask: Ask): Promise<GpuFacts> {
  const fields = 'name,driver_version,memory.total'
  const answer = await ask(['nvidia-smi', `--query-gpu=${fields}`, '--format=csv,noheader,nounits'])
  const renderers = (await readdir('/dev/dri').catch(() => [])).filter((name) => name.startsWith('renderD'))
  const candidates = ['/dev/kfd', ...renderers.map((name) => `/dev/dri/${name}`)]
  const devices = (
    await Promise.all(
      candidates.map(async (path) => ((await exists(path)) ? [{ path, isUsable: await isUsable(path) }] : [])),
    )
  ).flat()
  if (answer === null) return { nvidia: { kind: 'absent' }, devices }
  if (answer.code !== 0) {
    const message = (answer.out || answer.err).trim().split('\n')[0] ?? 'it gives no reason'
    return { nvidia: { kind: 'broken', message }, devices }
  }
  return { nvidia: { kind: 'found', gpus: parseNvidia(answer.out) }, devices }
}

/** Opening for reading and writing is what an engine does; it is closed at once. */
async function isUsable(path: string): Promise<boolean> {
  const handle = await open(path, constants.O_RDWR | constants.O_NONBLOCK).catch(() => null)
  await handle?.close()
  return handle !== null
}
