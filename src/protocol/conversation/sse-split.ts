import { concat } from '../json/bytes.ts'

/** Bytes of one or more whole events (each with its closing blank line), or why there can be none. */
export type Split = { readonly kind: 'events'; readonly bytes: Uint8Array } | { readonly kind: 'too_long' }

const newline = 0x0a
const carriage = 0x0d
const empty = new Uint8Array()

/** The longest blank line with the end of the line before it: CRLF CRLF. */
const borderBytes = 4
const leastRoom = 4096

/**
 * Cuts a stream of Server-Sent Events at event borders without copying where a chunk ends on one, which is the usual
 * case. An event begun is held back until its blank line arrives: half an event helps nobody, and a stream that breaks
 * off can then still be ended well-formed. Lines may end in LF, CRLF or CR, also mixed. Every byte is looked at and
 * copied a fixed number of times, however small the pieces. An event longer than `maxBytes` is refused.
 */
export function createEventSplitter(maxBytes: number) {
  let room: Uint8Array = empty
  let length = 0

  const hold = (bytes: Uint8Array): void => {
    if (length + bytes.length > room.length) {
      const larger = new Uint8Array(Math.max(leastRoom, 2 * (length + bytes.length)))
      larger.set(room.subarray(0, length))
      room = larger
    }
    room.set(bytes, length)
    length += bytes.length
  }
  /** All that is held and the first bytes of a chunk; nothing is held afterwards. */
  const release = (first: Uint8Array): Uint8Array => {
    const bytes = concat([room.subarray(0, length), first])
    room = empty
    length = 0
    return bytes
  }
  /** How much of a chunk belongs to whole events; null: there is no border yet. */
  const borderIn = (chunk: Uint8Array): number | null => {
    const border = lastBorder(chunk)
    if (border > 0 || length === 0) return border > 0 ? border : null
    const tail = room.subarray(Math.max(0, length - borderBytes), length)
    const across = lastBorder(concat([tail, chunk.subarray(0, borderBytes)]))
    return across >= tail.length && across > 0 ? across - tail.length : null
  }

  return {
    push(chunk: Uint8Array): Split {
      const border = borderIn(chunk)
      if (border === chunk.length && length === 0) return { kind: 'events', bytes: chunk }
      const whole = chunk.subarray(0, border ?? 0)
      const bytes = border === null ? empty : length === 0 ? whole : release(whole)
      hold(chunk.subarray(whole.length))
      return length > maxBytes ? { kind: 'too_long' } : { kind: 'events', bytes }
    },
    /** What came after the last whole event. */
    get rest(): Uint8Array {
      return room.slice(0, length)
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

export interface EventData {
  /** Its name; empty where it has none. */
  readonly event: string
  readonly data: string
  readonly start: number
  readonly end: number
}

/** The `data` of each event in whole-event bytes, in order; events without data (comments) are left out. */
export function* eventData(bytes: Uint8Array): Generator<EventData> {
  let at = 0
  while (at < bytes.length) {
    const end = nextBorder(bytes, at)
    const read = fieldsOf(decoder.decode(bytes.subarray(at, end)))
    if (read !== null) yield { ...read, start: at, end }
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

function fieldsOf(text: string): { readonly event: string; readonly data: string } | null {
  const hasCarriage = text.includes('\r')
  // Nearly every event of a stream of tokens is one line.
  if (!hasCarriage && text.startsWith('data: ') && text.indexOf('\n') === text.length - 2 && text.endsWith('\n'))
    return { event: '', data: text.slice('data: '.length, -2) }
  let data: string | null = null
  let event = ''
  for (const line of hasCarriage ? text.split(/\r\n|\n|\r/) : text.split('\n')) {
    if (line.startsWith('event:')) event = line.slice('event:'.length).trim()
    // A name without a colon is a field without a value.
    if (!line.startsWith('data:') && line !== 'data') continue
    const value = line.slice(line[5] === ' ' ? 6 : 5)
    data = data === null ? value : `${data}\n${value}`
  }
  return data === null ? null : { event, data }
}
