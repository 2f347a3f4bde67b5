/**
 * Writes GGUF version 3 (https://github.com/ggml-org/ggml/blob/master/docs/gguf.md): little-endian, header,
 * metadata, tensor infos, padding, tensor data. Pure bytes: the same input gives the same file on every machine.
 */
export type GgufValue =
  | { readonly type: 'u32' | 'i32' | 'f32'; readonly value: number }
  | { readonly type: 'bool'; readonly value: boolean }
  | { readonly type: 'string'; readonly value: string }
  | { readonly type: 'strings'; readonly value: readonly string[] }
  | { readonly type: 'i32s' | 'f32s'; readonly value: readonly number[] }

export interface GgufTensor {
  readonly name: string
  /** As ggml counts them: the first is the contiguous one. */
  readonly shape: readonly number[]
  readonly type: 'F32' | 'F16'
  readonly values: Float32Array
}

export interface GgufContent {
  /** In the order in which they are written. */
  readonly metadata: readonly (readonly [key: string, value: GgufValue])[]
  readonly tensors: readonly GgufTensor[]
}

const alignment = 32
const valueTypes = { u32: 4, i32: 5, f32: 6, bool: 7, string: 8, array: 9 } as const
const tensorTypes = { F32: { id: 0, bytes: 4 }, F16: { id: 1, bytes: 2 } } as const

export function writeGguf(content: GgufContent): Uint8Array<ArrayBuffer> {
  const sink = createSink()
  sink.bytes(new TextEncoder().encode('GGUF'))
  sink.u32(3)
  sink.u64(content.tensors.length)
  sink.u64(content.metadata.length)
  for (const [key, value] of content.metadata) writeEntry(sink, key, value)
  let offset = 0
  for (const tensor of content.tensors) {
    sink.string(tensor.name)
    sink.u32(tensor.shape.length)
    for (const size of tensor.shape) sink.u64(size)
    sink.u32(tensorTypes[tensor.type].id)
    sink.u64(offset)
    offset = aligned(offset + tensor.values.length * tensorTypes[tensor.type].bytes)
  }
  for (const tensor of content.tensors) {
    sink.pad(alignment)
    for (const value of tensor.values) {
      if (tensor.type === 'F16') sink.u16(toHalf(value))
      else sink.f32(value)
    }
  }
  sink.pad(alignment)
  return sink.finish()
}

function writeEntry(sink: Sink, key: string, entry: GgufValue): void {
  sink.string(key)
  switch (entry.type) {
    case 'strings':
    case 'i32s':
    case 'f32s': {
      const element = entry.type === 'strings' ? 'string' : entry.type === 'i32s' ? 'i32' : 'f32'
      sink.u32(valueTypes.array)
      sink.u32(valueTypes[element])
      sink.u64(entry.value.length)
      for (const item of entry.value) writeScalar(sink, { type: element, value: item } as GgufValue)
      return
    }
    default:
      sink.u32(valueTypes[entry.type])
      writeScalar(sink, entry)
  }
}

function writeScalar(sink: Sink, entry: GgufValue): void {
  if (entry.type === 'string') sink.string(entry.value)
  else if (entry.type === 'bool') sink.u8(entry.value ? 1 : 0)
  else if (entry.type === 'f32') sink.f32(entry.value)
  else if (entry.type === 'u32') sink.u32(entry.value)
  else if (entry.type === 'i32') sink.i32(entry.value)
}

const aligned = (offset: number): number => Math.ceil(offset / alignment) * alignment

type Sink = ReturnType<typeof createSink>

function createSink() {
  let buffer = new Uint8Array(1 << 16)
  let view = new DataView(buffer.buffer)
  let length = 0
  const room = (more: number): number => {
    if (length + more > buffer.length) {
      const grown = new Uint8Array(Math.max(buffer.length * 2, length + more))
      grown.set(buffer)
      buffer = grown
      view = new DataView(buffer.buffer)
    }
    length += more
    return length - more
  }
  /** `at` is taken before `view` is read: making room may replace the view. */
  const put = (size: number, write: (at: number) => void): void => write(room(size))
  const sink = {
    bytes: (bytes: Uint8Array) => put(bytes.length, (at) => buffer.set(bytes, at)),
    u8: (value: number) => put(1, (at) => view.setUint8(at, value)),
    u16: (value: number) => put(2, (at) => view.setUint16(at, value, true)),
    u32: (value: number) => put(4, (at) => view.setUint32(at, value, true)),
    i32: (value: number) => put(4, (at) => view.setInt32(at, value, true)),
    f32: (value: number) => put(4, (at) => view.setFloat32(at, value, true)),
    u64: (value: number) => put(8, (at) => view.setBigUint64(at, BigInt(value), true)),
    string: (text: string) => {
      const bytes = new TextEncoder().encode(text)
      sink.u64(bytes.length)
      sink.bytes(bytes)
    },
    pad: (boundary: number) => void room((boundary - (length % boundary)) % boundary),
    finish: () => buffer.slice(0, length),
  }
  return sink
}

const scratch = new DataView(new ArrayBuffer(4))

/** IEEE 754 half precision, rounded to nearest, ties to even; what is too large becomes infinity. */
export function toHalf(value: number): number {
  scratch.setFloat32(0, value)
  const bits = scratch.getUint32(0)
  const sign = (bits >>> 16) & 0x8000
  const exponent = ((bits >>> 23) & 0xff) - 112
  const mantissa = bits & 0x7fffff
  if (exponent >= 31) return sign | 0x7c00
  if (exponent <= 0) {
    if (exponent < -10) return sign
    return sign | roundedShift(mantissa | 0x800000, 14 - exponent)
  }
  return sign | roundedShift((exponent << 23) | mantissa, 13)
}

function roundedShift(bits: number, by: number): number {
  const half = 2 ** (by - 1)
  const rest = bits & (2 ** by - 1)
  const kept = bits >>> by
  return rest > half || (rest === half && (kept & 1) === 1) ? kept + 1 : kept
}
