import type { EpochMs } from '#kernel/time.ts'

/** A place in the list of requests: behind the row with this time and id. */
export interface Cursor {
  readonly at: EpochMs
  readonly id: string
}

export function writeCursor({ at, id }: Cursor): string {
  return `${at}.${id}`
}

export function readCursor(text: string): Cursor | null {
  const match = /^(\d{1,15})\.([\w-]{1,100})$/.exec(text)
  const [, at = '', id = ''] = match ?? []
  return match ? { at: Number(at), id } : null
}
