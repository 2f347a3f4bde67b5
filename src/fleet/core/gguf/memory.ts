import type { GgufInfo } from '#protocol/gguf/reader.ts'

export interface MemoryQuestion {
  readonly info: GgufInfo
  /** Tokens of one sequence. */
  readonly context: number
  /** Sequences side by side. */
  readonly parallel: number
  /** The engine opens a context for vectors or ranks while it loads, beside the one for text. */
  readonly withVectors: boolean
}

/**
 * What an engine's process needs beside the model: runtime, tokenizer, buffers of one batch. Measured with the
 * smoke model.
 */
const processBytes = 160 * 2 ** 20
const bytesPerCacheValue = 2

/**
 * Weights + KV cache (16-bit) + the process. An upper estimate: models with sliding windows or recurrent layers
 * need less. A file that does not say its shape counts half its weights for the cache.
 */
export function estimateMemoryBytes({ info, context, parallel, withVectors }: MemoryQuestion): number {
  // A model that was made for vectors writes no text: it has their cache alone.
  const sequences = info.isPooled ? 1 : parallel + (withVectors ? 1 : 0)
  const perLayer = (info.kvHeads ?? 0) * ((info.keyLength ?? 0) + (info.valueLength ?? 0)) * bytesPerCacheValue
  const cache =
    perLayer > 0 && info.layers !== null ? perLayer * info.layers * context * sequences : info.tensorBytes / 2
  return Math.ceil(info.tensorBytes + cache + processBytes)
}
