import { AppError, messageOf } from '#kernel/errors.ts'
import { PartFile, partPath, removeFile, sizeOf } from '#platform/files/part-file.ts'
import { readJson, writeJson } from '#platform/files/json-file.ts'
import type { HubFile } from './reference.ts'

/** Where model files come from. */
export interface Hub {
  /** Every file of a repository. Rejects with an AppError that says what to do. */
  files(at: HubPlace, signal: AbortSignal): Promise<readonly HubFile[]>
  /** A file from `offset` on. `etag`: the part that is here is of that version; the whole comes if it has changed. */
  open(
    at: HubPlace & { readonly path: string },
    options: { readonly offset: number; readonly etag: string | null; readonly signal: AbortSignal },
  ): Promise<HubAnswer>
}

export interface HubPlace {
  readonly repo: string
  readonly revision: string
}

export type HubAnswer =
  | {
      readonly kind: 'answer'
      /** Where the bytes begin: `offset`, or 0 when the whole comes. */
      readonly offset: number
      readonly etag: string | null
      readonly chunks: HubChunks
    }
  /** `isFinal`: asking again will not help. */
  | { readonly kind: 'failed'; readonly isFinal: boolean; readonly message: string }

export interface HubChunks {
  next(): Promise<
    | { readonly kind: 'data'; readonly bytes: Uint8Array }
    | { readonly kind: 'end' }
    | { readonly kind: 'broken'; readonly message: string }
  >
  cancel(): void
}

export interface TransferJob {
  readonly place: HubPlace
  readonly file: HubFile
  readonly target: string
  readonly signal: AbortSignal
  /** How many bytes of this file are here; goes back to 0 when it must begin anew. */
  readonly onBytes: (doneBytes: number) => void
  readonly onVerify: () => void
  readonly retryMs: readonly number[]
}

/**
 * Brings one file here: what is there is kept, broken connections are taken up where they broke, and the file takes
 * its name only when its bytes are those that the hub promised. Resolves when it is here; rejects with an AppError,
 * or on abort.
 */
export async function transfer(job: TransferJob, hub: Hub): Promise<void> {
  const { file, target, signal } = job
  if ((await sizeOf(target)) === file.sizeBytes) return job.onBytes(file.sizeBytes)
  const mark = await readMark(target)
  if (mark && (mark.sha256 !== file.sha256 || mark.sizeBytes !== file.sizeBytes)) await removeFile(partPath(target))
  const part = await PartFile.open(target, () => signal.aborted)
  let isOpen = true
  try {
    signal.throwIfAborted()
    if (part.sizeBytes > file.sizeBytes || (part.sizeBytes > 0 && !mark)) await part.empty()
    job.onBytes(part.sizeBytes)
    await fetchAll(job, hub, part, mark?.etag ?? null)
    job.onVerify()
    await verify(file, part, target)
    await part.finish()
    isOpen = false
    await removeFile(markPath(target))
  } finally {
    if (isOpen) await part.close()
  }
}

/** Takes away what a pull left that is not wanted any more. */
export async function discard(target: string): Promise<void> {
  await removeFile(partPath(target))
  await removeFile(markPath(target))
}

async function fetchAll(job: TransferJob, hub: Hub, part: PartFile, firstEtag: string | null): Promise<void> {
  const { file, target, signal } = job
  let etag = firstEtag
  let failures = 0
  while (part.sizeBytes < file.sizeBytes) {
    signal.throwIfAborted()
    const before = part.sizeBytes
    const answer = await hub.open({ ...job.place, path: file.path }, { offset: before, etag, signal })
    let why: string
    if (answer.kind === 'failed') {
      if (answer.isFinal) throw new AppError('upstream', answer.message, { reason: 'pull_refused' })
      why = answer.message
    } else if (answer.offset !== before && answer.offset !== 0) {
      answer.chunks.cancel()
      await part.empty()
      why = `The hub sent ${file.path} from another place than it was asked for.`
    } else {
      if (answer.offset !== before) await part.empty()
      etag = answer.etag
      await writeJson(markPath(target), { sha256: file.sha256, sizeBytes: file.sizeBytes, etag } satisfies Mark)
      why = await drain(job, part, answer.chunks)
    }
    signal.throwIfAborted()
    failures = part.sizeBytes > before ? 1 : failures + 1
    if (part.sizeBytes >= file.sizeBytes) return
    const pauseMs = job.retryMs[failures - 1]
    if (pauseMs === undefined)
      throw new AppError('upstream', `${why} What came is kept: pull again to go on.`, { reason: 'pull_broken' })
    await pause(pauseMs, signal)
  }
}

/** Answers why it ended. */
async function drain(job: TransferJob, part: PartFile, chunks: HubChunks): Promise<string> {
  try {
    for (;;) {
      const chunk = await chunks.next()
      if (chunk.kind === 'end') return 'The hub ended the file before it was whole.'
      if (chunk.kind === 'broken') return chunk.message
      if (part.sizeBytes + chunk.bytes.byteLength > job.file.sizeBytes) {
        throw new AppError('upstream', `The hub sends more bytes of ${job.file.path} than it has: nothing was kept.`, {
          reason: 'pull_wrong_bytes',
        })
      }
      await append(part, chunk.bytes, job.target)
      job.onBytes(part.sizeBytes)
    }
  } finally {
    chunks.cancel()
  }
}

async function append(part: PartFile, bytes: Uint8Array, target: string): Promise<void> {
  try {
    await part.append(bytes)
  } catch (thrown) {
    const isFull = (thrown as { readonly code?: unknown }).code === 'ENOSPC'
    const message = isFull
      ? `The disk is full: make room, then pull again.`
      : `${partPath(target)} cannot be written: ${messageOf(thrown)}.`
    throw new AppError('unavailable', message, { reason: isFull ? 'disk_full' : 'disk_error', cause: thrown })
  }
}

async function verify(file: HubFile, part: PartFile, target: string): Promise<void> {
  if (file.sha256 === null) return
  const seen = part.digest()
  if (seen === file.sha256) return
  await discard(target)
  const message =
    `The bytes of ${file.path} are not those that the hub promised (SHA-256 ${seen.slice(0, 12)}…, promised ` +
    `${file.sha256.slice(0, 12)}…): they were thrown away. Pull again; if it stays so, the mirror or the ` +
    `line changes them.`
  throw new AppError('upstream', message, { reason: 'pull_wrong_bytes' })
}

interface Mark {
  readonly sha256: string | null
  readonly sizeBytes: number
  readonly etag: string | null
}

function markPath(target: string): string {
  return `${target}.part.json`
}

async function readMark(target: string): Promise<Mark | null> {
  const value = await readJson(markPath(target))
  if (typeof value !== 'object' || value === null) return null
  const { sha256, sizeBytes, etag } = value as Readonly<Record<string, unknown>>
  if ((typeof sha256 !== 'string' && sha256 !== null) || typeof sizeBytes !== 'number') return null
  return { sha256, sizeBytes, etag: typeof etag === 'string' ? etag : null }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, ms)
    signal.addEventListener('abort', end, { once: true })
  })
}
