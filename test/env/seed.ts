/**
 * Numbers in [0, 1) that are the same for the same seed. HEARTH_TEST_SEED plays other ones; the seed is printed so that
 * a failure can be played again.
 */
export function seeded(name: string): () => number {
  const seed = process.env['HEARTH_TEST_SEED'] ?? '1'
  console.log(`${name}: HEARTH_TEST_SEED=${seed}`)
  return numbersFrom(`${name}:${seed}`)
}

/** Numbers in [0, 1) that are the same for the same text. */
export function numbersFrom(text: string): () => number {
  let state = Number(Bun.hash(text) & 0xffffffffn)
  return () => {
    // mulberry32
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
