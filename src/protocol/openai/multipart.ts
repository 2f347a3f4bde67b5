import { AppError } from '../../kernel/errors.ts'
import { concat } from '../json/bytes.ts'

/**
 * Forms (`multipart/form-data`) read as they arrive, without changing a byte. Whoever reads the form behind us must see
 * the same parts, or a key could name one model to Hearth and another to the engine: everything in which parsers differ
 * (bare line feeds, folded heads, backslashes in names, two dispositions, text around the form) is refused.
 */

/** Where a part stands in the whole body: its value is the bytes from `start` up to `end`. */
export interface Part {
  readonly name: string
  /** null: a field, not a file. */
  readonly fileName: string | null
  readonly contentType: string | null
  readonly start: number
  readonly end: number
  /** The text of a field whose value was wanted; null for files and others. */
  readonly value: string | null
}

/** Bytes of a body that are to be replaced by others. */
export interface Edit {
  readonly start: number
  readonly end: number
  readonly bytes: Uint8Array
}

export interface ScanOptions {
  readonly boundary: string
  /** Fields whose values are read. */
  readonly valuesOf: ReadonlySet<string>
}

const maxParts = 1000
const maxHeadBytes = 16 * 1024
/** Of a field that is read. */
const maxValueBytes = 4096
const maxBoundaryLength = 70

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true })
const carriage = 0x0d
const lineEnd = encoder.encode('\r\n')
const headEnd = encoder.encode('\r\n\r\n')

interface PartHead {
  readonly name: string
  readonly fileName: string | null
  readonly contentType: string | null
}

type State = 'start' | 'delimiter' | 'head' | 'body' | 'epilogue'

/**
 * Follows a form through its chunks. States: *start* → (*delimiter* → *head* → *body*)… → *epilogue*. What cannot be
 * judged yet is held back; that is never more than a head or a delimiter. Throws AppError `invalid_multipart`.
 */
export class MultipartScan {
  readonly parts: Part[] = []
  readonly #valuesOf: ReadonlySet<string>
  /** CRLF, two dashes, the boundary. */
  readonly #delimiter: Uint8Array
  #state: State = 'start'
  #held: Uint8Array = new Uint8Array()
  /** Where `#held` begins in the whole body. */
  #at = 0
  #head: PartHead | null = null
  #bodyStart = 0
  #value: Uint8Array[] = []
  #valueBytes = 0

  constructor({ boundary, valuesOf }: ScanOptions) {
    this.#valuesOf = valuesOf
    this.#delimiter = encoder.encode(`\r\n--${boundary}`)
  }

  push(chunk: Uint8Array): void {
    this.#held = this.#held.length === 0 ? chunk : concat([this.#held, chunk])
    while (this.#step());
    // A view would keep the whole chunk in memory.
    this.#held = this.#held.slice()
  }

  /** Throws where the form has not ended. */
  finish(): readonly Part[] {
    if (this.#state !== 'epilogue') throw malformed('it ends before its closing boundary')
    return this.parts
  }

  /** The first value of a field that was wanted. */
  value(name: string): string | null {
    return this.parts.find((part) => part.name === name && part.value !== null)?.value ?? null
  }

  /** True: something was decided, look again. */
  #step(): boolean {
    switch (this.#state) {
      case 'start':
        return this.#takeStart()
      case 'delimiter':
        return this.#takeDelimiter()
      case 'head':
        return this.#takeHead()
      case 'body':
        return this.#takeBody()
      case 'epilogue':
        return this.#takeEpilogue()
    }
  }

  #takeStart(): boolean {
    const isIndented = this.#held[0] === carriage
    const opening = isIndented ? this.#delimiter : this.#delimiter.subarray(lineEnd.length)
    const seen = this.#held.subarray(0, opening.length)
    if (!startsWith(opening, seen)) throw malformed('it does not begin with its boundary')
    if (seen.length < opening.length) return false
    this.#drop(opening.length)
    this.#state = 'delimiter'
    return true
  }

  /** Behind the boundary: two dashes end the form, a line end begins a part. */
  #takeDelimiter(): boolean {
    const [first, second] = this.#held
    if (first === undefined || second === undefined) return false
    const isEnd = first === 0x2d && second === 0x2d
    if (!isEnd && (first !== carriage || second !== 0x0a)) throw malformed('its boundary is not on a line of its own')
    // A head without any line would end with the line end of the boundary: it is kept for that.
    this.#drop(isEnd ? 2 : 0)
    this.#state = isEnd ? 'epilogue' : 'head'
    return true
  }

  #takeHead(): boolean {
    const end = indexOf(this.#held, headEnd, 0)
    if ((end < 0 ? this.#held.length : end) > maxHeadBytes) throw malformed(`a part's head is too long`)
    if (end < 0) return false
    if (this.parts.length >= maxParts) throw malformed(`it has more than ${maxParts} parts`)
    this.#head = readHead(this.#held.subarray(Math.min(lineEnd.length, end), end))
    this.#drop(end + headEnd.length)
    this.#bodyStart = this.#at
    this.#value = []
    this.#valueBytes = 0
    this.#state = 'body'
    return true
  }

  #takeBody(): boolean {
    const found = indexOf(this.#held, this.#delimiter, 0)
    const sure = found >= 0 ? found : Math.max(0, this.#held.length - this.#delimiter.length + 1)
    this.#collect(this.#held.subarray(0, sure))
    this.#drop(sure)
    if (found < 0) return false
    this.#endPart()
    this.#drop(this.#delimiter.length)
    this.#state = 'delimiter'
    return true
  }

  /** Whatever stood behind the end could be read by somebody as more of the form. */
  #takeEpilogue(): false {
    if (this.#held.some((byte) => byte !== carriage && byte !== 0x0a && byte !== 0x20 && byte !== 0x09))
      throw malformed('there is something behind its end')
    this.#drop(this.#held.length)
    return false
  }

  #isWanted(): boolean {
    return this.#head !== null && this.#head.fileName === null && this.#valuesOf.has(this.#head.name)
  }

  #collect(bytes: Uint8Array): void {
    if (bytes.length === 0 || !this.#isWanted()) return
    this.#valueBytes += bytes.length
    if (this.#valueBytes > maxValueBytes) throw malformed(`its field ${this.#head?.name ?? ''} is too long`)
    this.#value.push(bytes.slice())
  }

  #endPart(): void {
    if (this.#head === null) return
    const value = this.#isWanted() ? textOf(concat(this.#value)) : null
    this.parts.push({ ...this.#head, start: this.#bodyStart, end: this.#at, value })
    this.#head = null
  }

  #drop(count: number): void {
    this.#held = this.#held.subarray(count)
    this.#at += count
  }
}

/** The boundary of a `multipart/form-data` type; throws AppError `invalid_multipart` where there is none to rely on. */
export function boundaryOf(contentType: string | null): string {
  const [type = '', ...parameters] = splitParameters(contentType ?? '')
  if (type.trim().toLowerCase() !== 'multipart/form-data')
    throw malformed('the Content-Type is not multipart/form-data')
  const boundaries = parameters.map(readParameter).filter(({ name }) => name === 'boundary')
  const [first, second] = boundaries
  if (first === undefined) throw malformed('the Content-Type names no boundary')
  if (second !== undefined) throw malformed('the Content-Type names two boundaries')
  const boundary = first.value
  const isGood = /^[0-9A-Za-z'()+_,./:=? -]+$/.test(boundary) && boundary.length <= maxBoundaryLength
  if (!isGood || boundary.endsWith(' ')) throw malformed('the boundary in the Content-Type is not a valid one')
  return boundary
}

/** As it goes to an upstream: one boundary, quoted where it has to be. */
export function formType(boundary: string): string {
  return `multipart/form-data; boundary=${/^[0-9A-Za-z'+_.-]+$/.test(boundary) ? boundary : `"${boundary}"`}`
}

/** Sets every `model` of a form: whichever one the other side takes, it is the one that was allowed. */
export function modelEdits(parts: readonly Part[], model: string): readonly Edit[] {
  const bytes = encoder.encode(model)
  return parts.filter(({ name }) => name === 'model').map(({ start, end }) => ({ start, end, bytes }))
}

/** How long a body of `length` bytes is after its edits. */
export function editedLength(length: number, edits: readonly Edit[]): number {
  return edits.reduce((sum, { start, end, bytes }) => sum - (end - start) + bytes.length, length)
}

function readHead(bytes: Uint8Array): PartHead {
  const lines = textOf(bytes)
    .split('\r\n')
    .filter((line) => line !== '')
  const headers = new Map<string, string>()
  for (const line of lines) {
    const colon = line.indexOf(':')
    const name = line.slice(0, Math.max(0, colon)).toLowerCase()
    if (!/^[!#$%&'*+.^_`|~0-9a-z-]+$/.test(name) || /[\0\r\n]/.test(line)) throw malformed(`a part's head is not valid`)
    if (headers.has(name)) throw malformed(`a part has two headers ${name}`)
    headers.set(name, line.slice(colon + 1).trim())
  }
  const coding = headers.get('content-transfer-encoding') ?? 'binary'
  if (!/^(7bit|8bit|binary)$/i.test(coding)) throw malformed('a part has a content-transfer-encoding')
  return { ...readDisposition(headers.get('content-disposition')), contentType: headers.get('content-type') ?? null }
}

function readDisposition(text: string | undefined): { readonly name: string; readonly fileName: string | null } {
  const [kind = '', ...parameters] = splitParameters(text ?? '')
  if (kind.trim().toLowerCase() !== 'form-data') throw malformed('a part has no Content-Disposition: form-data')
  const found = new Map<string, string>()
  for (const { name, value } of parameters.map(readParameter)) {
    if (found.has(name)) throw malformed(`a part has ${name} twice`)
    found.set(name, value)
  }
  const name = found.get('name')
  if (name === undefined || found.has('name*')) throw malformed('a part has no plain name')
  if (name.includes('\\')) throw malformed(`a part's name has a backslash`)
  return { name, fileName: found.get('filename') ?? found.get('filename*') ?? null }
}

/** At semicolons outside of quotes. */
function splitParameters(text: string): readonly string[] {
  const pieces = text.match(/(?:"(?:\\.|[^"\\])*"|[^;"])+/g) ?? []
  // An open quote would be read to its end by some and cut by others.
  if (pieces.join(';').length !== text.replace(/;+\s*$/, '').length) throw malformed('a header has an open quote')
  return pieces
}

function readParameter(text: string): { readonly name: string; readonly value: string } {
  const equals = text.indexOf('=')
  if (equals < 0) throw malformed('a parameter of a header has no value')
  const name = text.slice(0, equals).trim().toLowerCase()
  const raw = text.slice(equals + 1).trim()
  const isQuoted = raw.startsWith('"')
  if (isQuoted && !/^"(?:\\.|[^"\\])*"$/.test(raw)) throw malformed('a parameter of a header is quoted wrongly')
  if (!isQuoted && /["\\\s]/.test(raw)) throw malformed('a parameter of a header is not a token')
  return { name, value: isQuoted ? raw.slice(1, -1) : raw }
}

function textOf(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes)
  } catch {
    throw malformed('a head or a field is not UTF-8')
  }
}

function malformed(why: string): AppError {
  return new AppError('invalid', `The form in the request's body cannot be read: ${why}.`, {
    reason: 'invalid_multipart',
  })
}

function startsWith(whole: Uint8Array, beginning: Uint8Array): boolean {
  return beginning.every((byte, index) => whole[index] === byte)
}

/** The first place of `wanted` from `from` on; -1 where there is none. Its first byte is rare enough in any data. */
function indexOf(bytes: Uint8Array, wanted: Uint8Array, from: number): number {
  const first = wanted[0] ?? 0
  for (let at = bytes.indexOf(first, from); at >= 0; at = bytes.indexOf(first, at + 1)) {
    if (at + wanted.length > bytes.length) return -1
    let length = 1
    while (length < wanted.length && bytes[at + length] === wanted[length]) length += 1
    if (length === wanted.length) return at
  }
  return -1
}
