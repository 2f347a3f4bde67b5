import { concat } from './json-bytes.ts'

/** Bytes of one or more whole events (each with its closing blank line), or why there can be none. */
export type Split = { readonly kind: 'events'; readonly bytes: Uint8Array } | { readonly kind: 'too_long' }

const newline = 0x0a
const carriage = 0x0d
const empty = new Uint8Array()

/**
 * Cuts a stream of Server-Sent Events at event borders without copying where a chunk ends on one, which is the usual
 * case. An event begun is held back until its blank line arrives: half an event helps nobody, and a stream that breaks
 * off can then still be ended well-formed. Lines may end in LF, CRLF or CR, also mixed. An event longer than `maxBytes`
 * is refused.
 */
export function createEventSplitter(maxBytes: number) {
  let held: Uint8Array = empty
  return {
    push(chunk: Uint8Array): Split {
      const bytes = held.length === 0 ? chunk : concat([held, chunk])
      const border = lastBorder(bytes)
      held = border === bytes.length ? empty : bytes.subarray(border)
      if (held.length > maxBytes) return { kind: 'too_long' }
      return { kind: 'events', bytes: border === bytes.length ? bytes : bytes.subarray(0, border) }
    },
    /** What came after the last whole event. */
    get rest(): Uint8Array {
      return held
    },
  }
}

/** The position behind the last blank line; 0 when there is none. */
function lastBorder(bytes: Uint8Array): number {
  for (let at = bytes.length - 1; at > 0; at--) {
    const byte = bytes[at]
    if (byte !== newline && byte !== carriage) continue
    // A CR at the very end may be half of a CRLF: the border is decided when the next byte is there.
    if (byte === carriage && at === bytes.length - 1) continue
    const lineEnd = byte === newline && bytes[at - 1] === carriage ? at - 2 : at - 1
    if (lineEnd >= 0 && (bytes[lineEnd] === newline || bytes[lineEnd] === carriage)) return at + 1
  }
  return 0
}

const decoder = new TextDecoder()

/** The `data` of each event in whole-event bytes, in order; events without data (comments) are left out. */
export function* eventData(
  bytes: Uint8Array,
): Generator<{ readonly data: string; readonly start: number; readonly end: number }> {
  let at = 0
  while (at < bytes.length) {
    const end = nextBorder(bytes, at)
    const data = dataOf(decoder.decode(bytes.subarray(at, end)))
    if (data !== null) yield { data, start: at, end }
    at = end
  }
}

function nextBorder(bytes: Uint8Array, from: number): number {
  let lineStart = from
  for (let at = from; at < bytes.length; at++) {
    const byte = bytes[at]
    if (byte !== newline && byte !== carriage) continue
    const next = byte === carriage && bytes[at + 1] === newline ? at + 2 : at + 1
    if (at === lineStart && at > from) return next
    lineStart = next
    at = next - 1
  }
  return bytes.length
}

function dataOf(event: string): string | null {
  let data: string | null = null
  for (const line of event.split(/\r\n|\n|\r/)) {
    if (!line.startsWith('data:')) continue
    const value = line.slice(line[5] === ' ' ? 6 : 5)
    data = data === null ? value : `${data}\n${value}`
  }
  return data
}
