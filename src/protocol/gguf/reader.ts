import { tensorTypes } from './tensor-types.ts'

/** What the head of a GGUF file tells; null = the file does not say. */
export interface GgufInfo {
  readonly architecture: string
  readonly name: string | null
  readonly contextLength: number | null
  readonly layers: number | null
  readonly embedding: number | null
  readonly heads: number | null
  readonly kvHeads: number | null
  /** Floats of one head's key and value. */
  readonly keyLength: number | null
  readonly valueLength: number | null
  readonly vocabulary: number | null
  /** The type that holds most of the weights, for example `Q4_K`. */
  readonly quantization: string
  readonly parameters: number
  readonly tensorBytes: number
  /** Smallest size of a complete file. */
  readonly completeBytes: number
  readonly hasChatTemplate: boolean
  readonly chatTemplateHasTools: boolean
  readonly hasRankHead: boolean
  /** It pools hidden states: made for embeddings or ranking rather than for talking. */
  readonly isPooled: boolean
  /** More than 1: this is one part of a model that was split over several files. */
  readonly parts: number
}

export type GgufReading =
  | { readonly kind: 'ok'; readonly info: GgufInfo }
  /** The prefix ends inside the head: ask again with at least this many bytes of the file. */
  | { readonly kind: 'short'; readonly wantBytes: number }
  /**
   * Not a GGUF file, or broken, or truncated; the reason is the rest of a sentence that begins with the file's
   * name.
   */
  | { readonly kind: 'bad'; readonly reason: string }

/** Heads grow with the vocabulary; the largest known are about 30 MB. */
export const maxHeadBytes = 96 * 2 ** 20
const maxEntries = 1 << 16
const maxTensors = 1 << 18
const maxDimensions = 8
/** Ids go up by ones and are at 40 now. */
const maxTensorType = 255
const maxKeyBytes = 1 << 16

class Short extends Error {
  readonly wantBytes: number
  constructor(wantBytes: number) {
    super('The prefix ends inside the head.')
    this.wantBytes = wantBytes
  }
}
class Bad extends Error {}

/**
 * Reads the head of a GGUF file (version 2 or 3) from the first bytes of a file of `fileBytes`. Pure; never throws.
 */
export function readGguf(prefix: Uint8Array, fileBytes: number): GgufReading {
  try {
    return { kind: 'ok', info: readHead(createCursor(prefix), fileBytes) }
  } catch (thrown) {
    if (thrown instanceof Bad) return { kind: 'bad', reason: thrown.message }
    if (!(thrown instanceof Short)) throw thrown
    if (prefix.length >= fileBytes || thrown.wantBytes > fileBytes) {
      return { kind: 'bad', reason: `is truncated: its ${fileBytes} bytes end inside the header` }
    }
    if (thrown.wantBytes > maxHeadBytes) {
      return { kind: 'bad', reason: `is corrupt: its header would be larger than ${maxHeadBytes} bytes` }
    }
    // Growing in large steps keeps the number of reads small.
    return { kind: 'short', wantBytes: Math.min(fileBytes, Math.max(thrown.wantBytes, prefix.length * 4, 1 << 16)) }
  }
}

function readHead(cursor: Cursor, fileBytes: number): GgufInfo {
  if (fileBytes === 0) throw new Bad('is empty')
  const magic = [...cursor.bytes(4)].map((byte) => String.fromCharCode(byte)).join('')
  if (magic !== 'GGUF') throw new Bad(`is not a GGUF file: it begins with ${JSON.stringify(magic)}`)
  const version = cursor.u32()
  if (version < 2 || version > 3) throw new Bad(`has GGUF version ${version}; versions 2 and 3 are known`)
  const tensorCount = cursor.count('tensors', maxTensors)
  const entryCount = cursor.count('metadata entries', maxEntries)
  const metadata = new Map<string, Entry>()
  for (let at = 0; at < entryCount; at++) {
    const key = cursor.text(maxKeyBytes, 'a metadata key')
    metadata.set(key, readEntry(cursor))
  }
  const tensors = Array.from({ length: tensorCount }, () => readTensor(cursor))
  const alignment = numberOf(metadata, 'general.alignment') ?? 32
  if (alignment < 1 || alignment > 1 << 20) throw new Bad(`is corrupt: its alignment is ${alignment}`)
  const dataStart = Math.ceil(cursor.offset / alignment) * alignment
  const completeBytes = tensors.reduce(
    (end, tensor) => Math.max(end, dataStart + tensor.offset + (tensor.bytes ?? 0)),
    dataStart,
  )
  if (completeBytes > fileBytes && tensorCount > 0) {
    throw new Bad(`is truncated: it has ${fileBytes} of ${completeBytes} bytes; fetch it again`)
  }
  return describe({ metadata, tensors, completeBytes, dataBytes: fileBytes - dataStart })
}

function describe(head: {
  readonly metadata: ReadonlyMap<string, Entry>
  readonly tensors: readonly Tensor[]
  readonly completeBytes: number
  readonly dataBytes: number
}): GgufInfo {
  const { metadata, tensors, completeBytes } = head
  const architecture = textOf(metadata, 'general.architecture')
  if (architecture === null) throw new Bad('is corrupt: it names no architecture')
  const own = (name: string): number | null => numberOf(metadata, `${architecture}.${name}`)
  const bytesOfType = new Map<string, number>()
  for (const tensor of tensors) bytesOfType.set(tensor.type, (bytesOfType.get(tensor.type) ?? 0) + (tensor.bytes ?? 0))
  const [quantization = 'none'] = [...bytesOfType].toSorted((a, b) => b[1] - a[1])[0] ?? []
  const heads = own('attention.head_count')
  const embedding = own('embedding_length')
  const headSize = heads !== null && embedding !== null && heads > 0 ? embedding / heads : null
  const template = textOf(metadata, 'tokenizer.chat_template')
  return {
    architecture,
    name: textOf(metadata, 'general.name'),
    contextLength: own('context_length'),
    layers: own('block_count'),
    embedding,
    heads,
    kvHeads: own('attention.head_count_kv') ?? heads,
    keyLength: own('attention.key_length') ?? headSize,
    valueLength: own('attention.value_length') ?? headSize,
    vocabulary: metadata.get('tokenizer.ggml.tokens')?.length ?? own('vocab_size'),
    quantization,
    parameters: tensors.reduce((sum, tensor) => sum + tensor.elements, 0),
    tensorBytes: tensors.every((tensor) => tensor.bytes !== null)
      ? tensors.reduce((sum, tensor) => sum + (tensor.bytes ?? 0), 0)
      : head.dataBytes,
    completeBytes,
    hasChatTemplate: template !== null,
    chatTemplateHasTools: template !== null && /\btools\b/.test(template),
    hasRankHead: tensors.some((tensor) => tensor.name === 'cls.weight' || tensor.name === 'cls.output.weight'),
    isPooled: (own('pooling_type') ?? 0) > 0,
    parts: numberOf(metadata, 'split.count') ?? 1,
  }
}

/** An array keeps its length and, where it is of numbers, its largest: that is all that is asked of one. */
interface Entry {
  readonly value: string | number | boolean | null
  readonly length: number | null
}

const textOf = (metadata: ReadonlyMap<string, Entry>, key: string): string | null => {
  const value = metadata.get(key)?.value
  return typeof value === 'string' ? value : null
}

const numberOf = (metadata: ReadonlyMap<string, Entry>, key: string): number | null => {
  const value = metadata.get(key)?.value
  return typeof value === 'number' ? value : null
}

const arrayType = 9
const stringType = 8

function readEntry(cursor: Cursor): Entry {
  const type = cursor.u32()
  if (type !== arrayType) return { value: readValue(cursor, type), length: null }
  const element = cursor.u32()
  const length = cursor.count('elements of an array', maxHeadBytes)
  if (element === arrayType) throw new Bad('is corrupt or newer than known: it has arrays of arrays')
  let largest: number | null = null
  for (let at = 0; at < length; at++) {
    if (element === stringType) {
      cursor.skip(cursor.count('bytes of a text', maxHeadBytes))
      continue
    }
    const value = readValue(cursor, element)
    if (typeof value === 'number') largest = Math.max(largest ?? value, value)
  }
  return { value: largest, length }
}

function readValue(cursor: Cursor, type: number): string | number | boolean {
  switch (type) {
    case 0:
      return cursor.u8()
    case 1:
      return (cursor.u8() << 24) >> 24
    case 2:
      return cursor.u16()
    case 3:
      return (cursor.u16() << 16) >> 16
    case 4:
      return cursor.u32()
    case 5:
      return cursor.u32() | 0
    case 6:
      return cursor.f32()
    case 7:
      return cursor.u8() !== 0
    case stringType:
      return cursor.text(maxHeadBytes, 'a text')
    case 10:
    case 11:
      return cursor.u64()
    case 12:
      return cursor.f64()
    default:
      throw new Bad(`is corrupt: unknown type ${type} of a metadata value`)
  }
}

interface Tensor {
  readonly name: string
  readonly type: string
  readonly elements: number
  /** null = of a type that this reader does not know. */
  readonly bytes: number | null
  readonly offset: number
}

function readTensor(cursor: Cursor): Tensor {
  const name = cursor.text(maxKeyBytes, "a tensor's name")
  const dimensions = cursor.u32()
  if (dimensions > maxDimensions)
    throw new Bad(`is corrupt: tensor ${JSON.stringify(name)} has ${dimensions} dimensions`)
  let elements = 1
  for (let at = 0; at < dimensions; at++) elements *= cursor.u64()
  const id = cursor.u32()
  if (id > maxTensorType) throw new Bad(`is corrupt: tensor ${JSON.stringify(name)} has type ${id}`)
  const offset = cursor.u64()
  const type = tensorTypes.get(id)
  // A type that llama.cpp may have learned since: how many bytes it takes is not known here.
  if (type === undefined) return { name, type: `type ${id}`, elements, bytes: null, offset }
  return { name, type: type.name, elements, bytes: Math.ceil(elements / type.block) * type.bytes, offset }
}

type Cursor = ReturnType<typeof createCursor>

function createCursor(bytes: Uint8Array) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const decoder = new TextDecoder()
  let offset = 0
  const take = (size: number): number => {
    if (offset + size > bytes.length) throw new Short(offset + size)
    offset += size
    return offset - size
  }
  const cursor = {
    get offset(): number {
      return offset
    },
    skip: (size: number): void => void take(size),
    bytes: (size: number): Uint8Array => bytes.subarray(take(size), offset),
    u8: (): number => view.getUint8(take(1)),
    u16: (): number => view.getUint16(take(2), true),
    u32: (): number => view.getUint32(take(4), true),
    f32: (): number => view.getFloat32(take(4), true),
    f64: (): number => view.getFloat64(take(8), true),
    u64: (): number => Number(view.getBigUint64(take(8), true)),
    /** A u64 that says how many of something follow; a corrupt file must not make us allocate. */
    count(what: string, limit: number): number {
      const count = cursor.u64()
      if (count > limit) throw new Bad(`is corrupt: it claims ${count} ${what}`)
      return count
    },
    text(limit: number, what: string): string {
      const size = cursor.u64()
      if (size > limit) throw new Bad(`is corrupt: ${what} claims ${size} bytes`)
      return decoder.decode(cursor.bytes(size))
    },
  }
  return cursor
}
