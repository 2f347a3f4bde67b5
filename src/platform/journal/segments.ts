import { closeSync, ftruncateSync, openSync, readdirSync, readSync, statSync, unlinkSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import type { EpochMs } from '#kernel/time.ts'

/** One file of a journal. The last one grows; all others are only read. */
export interface Segment {
  readonly name: string
  readonly number: number
  bytes: number
}

export interface Recovered {
  readonly segments: readonly Segment[]
  /** Lines that broke off in the middle of a write, and were cut: nobody was told that they are safe. */
  readonly cut: readonly { readonly segment: string; readonly bytes: number }[]
}

const newline = 10
const chunkBytes = 256 * 1024

/**
 * `requests-00000012-mi8x3k2p.jsonl`. The second part is the time of its making: a journal that was restored from a
 * copy, or begun anew, must never give a name again that the database has a position for.
 */
export function segmentName(journal: string, number: number, now: EpochMs): string {
  return `${journal}-${String(number).padStart(8, '0')}-${Math.round(now).toString(36)}.jsonl`
}

/** Finds the segments, oldest first; cuts torn last lines; removes empty ones. */
export function recoverSegments(folder: string, journal: string): Recovered {
  const segments: Segment[] = []
  const cut: { segment: string; bytes: number }[] = []
  for (const name of readdirSync(folder)) {
    const number = numberOf(journal, name)
    if (number === null) continue
    const path = join(folder, name)
    const size = statSync(path).size
    const bytes = cutTornLine(path, size)
    if (bytes < size) cut.push({ segment: name, bytes: size - bytes })
    if (bytes === 0) unlinkSync(path)
    else segments.push({ name, number, bytes })
  }
  return { segments: segments.sort((a, b) => a.number - b.number || a.name.localeCompare(b.name)), cut }
}

function numberOf(journal: string, name: string): number | null {
  if (!name.startsWith(`${journal}-`)) return null
  const match = /^(\d{8,})-[0-9a-z]+\.jsonl$/.exec(name.slice(journal.length + 1))
  return match ? Number(match[1]) : null
}

/** The size without what stands behind the last newline. */
function cutTornLine(path: string, size: number): number {
  if (size === 0) return 0
  const file = openSync(path, 'r+')
  try {
    const chunk = Buffer.allocUnsafe(Math.min(chunkBytes, size))
    let end = size
    while (end > 0) {
      const from = Math.max(0, end - chunk.length)
      const read = readSync(file, chunk, 0, end - from, from)
      const last = chunk.lastIndexOf(newline, read - 1)
      if (last !== -1 && last < read) {
        end = from + last + 1
        break
      }
      end = from
    }
    if (end < size) ftruncateSync(file, end)
    return end
  } finally {
    closeSync(file)
  }
}

/** How many lines stand between two offsets. */
export async function countLines(path: string, from: number, to: number): Promise<number> {
  const file = await open(path, 'r')
  try {
    const chunk = Buffer.allocUnsafe(chunkBytes)
    let lines = 0
    for (let at = from; at < to;) {
      const { bytesRead } = await file.read(chunk, 0, Math.min(chunk.length, to - at), at)
      if (bytesRead === 0) break
      for (let index = chunk.indexOf(newline); index !== -1 && index < bytesRead; lines++) {
        index = chunk.indexOf(newline, index + 1)
      }
      at += bytesRead
    }
    return lines
  } finally {
    await file.close()
  }
}

export interface Lines {
  readonly texts: readonly string[]
  /** Behind the last newline that was read. */
  readonly end: number
}

export interface LineAsk {
  readonly file: string
  readonly from: number
  readonly to: number
  readonly max: number
}
export type ReadLines = (ask: LineAsk) => Promise<Lines>

/**
 * Reads the whole lines between two offsets, at most `max` of them and as many as fit one chunk. For one reading at a
 * time: the chunk is used again, because a new one for every reading makes the collector run.
 */
export function createLineReader(): ReadLines {
  const chunk = Buffer.allocUnsafeSlow(chunkBytes)
  return async ({ file: path, from, to, max }) => {
    const file = await open(path, 'r')
    try {
      const { bytesRead } = await file.read(chunk, 0, Math.min(chunkBytes, to - from), from)
      const texts: string[] = []
      let start = 0
      while (texts.length < max) {
        const index = chunk.indexOf(newline, start)
        if (index === -1 || index >= bytesRead) break
        texts.push(chunk.toString('utf8', start, index))
        start = index + 1
      }
      // No line is as long as a chunk; what looks like one is damage, and is stepped over.
      return { texts, end: start > 0 ? from + start : bytesRead > 0 ? from + bytesRead : to }
    } finally {
      await file.close()
    }
  }
}
