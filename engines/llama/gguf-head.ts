import { closeSync, openSync, readSync, statSync } from 'node:fs'
import { type GgufInfo, readGguf } from '#protocol/gguf/reader.ts'

/** What the model's file says of itself. Throws a sentence when it is missing, truncated or corrupt. */
export function readModelFile(path: string): GgufInfo {
  const bytes = sizeOf(path)
  const file = openSync(path, 'r')
  try {
    for (let wanted = 1 << 16; ;) {
      const prefix = new Uint8Array(Math.min(wanted, bytes))
      const count = prefix.length === 0 ? 0 : readSync(file, prefix, 0, prefix.length, 0)
      const reading = readGguf(prefix.subarray(0, count), bytes)
      if (reading.kind === 'ok') return reading.info
      if (reading.kind === 'bad') throw new Error(`the model file ${path} ${reading.reason}`)
      wanted = reading.wantBytes
    }
  } finally {
    closeSync(file)
  }
}

function sizeOf(path: string): number {
  const found = statSync(path, { throwIfNoEntry: false })
  if (found === undefined) throw new Error(`the model file ${path} does not exist`)
  if (!found.isFile()) throw new Error(`the model file ${path} is not a file`)
  return found.size
}
