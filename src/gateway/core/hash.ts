/** Hashes that spread well and are made for no secret. */

/** FNV-1a over the UTF-16 units of a text, mixed at the end; 32 bits. */
export function hashOf(text: string, seed = 0): number {
  let hash = (0x811c9dc5 ^ seed) | 0
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  return mix(hash)
}

/** The finish of MurmurHash3 (public domain, Austin Appleby). */
export function mix(value: number): number {
  let hash = value ^ (value >>> 16)
  hash = Math.imul(hash, 0x85ebca6b)
  hash ^= hash >>> 13
  hash = Math.imul(hash, 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}

/** Every `blockLength` characters one block; a longer prompt is told by its first ones. */
export const blockLength = 1024
export const maxBlocks = 128
/** Of each block so many characters are read, evenly spread: prompts that part stay apart from there on. */
const samples = 64

/**
 * Hashes of ever longer beginnings of a text: two texts share the first n of them when they begin with the same
 * n blocks. A last block that is not full counts too.
 */
export function blocksOf(text: string): readonly number[] {
  const blocks: number[] = []
  let hash = 0
  for (let from = 0; from < text.length && blocks.length < maxBlocks; from += blockLength) {
    const until = Math.min(text.length, from + blockLength)
    const step = Math.max(1, Math.floor((until - from) / samples))
    for (let at = from; at < until; at += step) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
    hash = mix(hash ^ (until - from))
    blocks.push(hash)
  }
  return blocks
}
