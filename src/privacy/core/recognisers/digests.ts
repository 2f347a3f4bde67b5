/** SHA-256 (FIPS 180-4) and Keccak-256, for checksums of addresses: pure, for some dozen bytes at a time. */

export function sha256(bytes: Uint8Array): Uint8Array {
  const state = Uint32Array.from(firstRoots)
  const words = new Uint32Array(64)
  const padded = new Uint8Array(((bytes.length + 8) >> 6) * 64 + 64)
  padded.set(bytes)
  padded[bytes.length] = 0x80
  const view = new DataView(padded.buffer)
  view.setUint32(padded.length - 4, bytes.length * 8)
  for (let block = 0; block < padded.length; block += 64) {
    for (let index = 0; index < 16; index++) words[index] = view.getUint32(block + index * 4)
    compress(state, words)
  }
  const digest = new DataView(new ArrayBuffer(32))
  state.forEach((word, index) => digest.setUint32(index * 4, word))
  return new Uint8Array(digest.buffer)
}

function compress(state: Uint32Array, words: Uint32Array): void {
  const word = (index: number) => words[index] ?? 0
  for (let index = 16; index < 64; index++) {
    const left = word(index - 15)
    const right = word(index - 2)
    const small = turn(left, 7) ^ turn(left, 18) ^ (left >>> 3)
    const large = turn(right, 17) ^ turn(right, 19) ^ (right >>> 10)
    words[index] = word(index - 16) + small + word(index - 7) + large
  }
  let [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = state
  for (let index = 0; index < 64; index++) {
    const choice = (e & f) ^ (~e & g)
    const first = (h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + choice + (roundRoots[index] ?? 0) + word(index)) | 0
    const second = ((turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0
    h = g
    g = f
    f = e
    e = (d + first) | 0
    d = c
    c = b
    b = a
    a = (first + second) | 0
  }
  ;[a, b, c, d, e, f, g, h].forEach((value, index) => {
    state[index] = (state[index] ?? 0) + value
  })
}

function turn(word: number, bits: number): number {
  return (word >>> bits) | (word << (32 - bits))
}

/** The first 32 bits of the fractions of roots of the first primes: they are computed, not copied. */
const primes = firstPrimes(64)
const firstRoots = primes.slice(0, 8).map((prime) => fraction(Math.sqrt(prime)))
const roundRoots = primes.map((prime) => fraction(Math.cbrt(prime)))

function firstPrimes(count: number): readonly number[] {
  const found: number[] = []
  for (let number = 2; found.length < count; number++)
    if (found.every((prime) => number % prime !== 0)) found.push(number)
  return found
}

function fraction(root: number): number {
  return Math.floor((root - Math.floor(root)) * 2 ** 32)
}

/** Bytes of a block of Keccak-256. */
const rate = 136

/** As Ethereum uses it: the padding from before SHA-3 was a standard. Lanes are two halves, the low one first. */
export function keccak256(bytes: Uint8Array): Uint8Array {
  const lanes = new Uint32Array(50)
  const padded = new Uint8Array(Math.floor(bytes.length / rate) * rate + rate)
  padded.set(bytes)
  padded[bytes.length] = 1
  padded[padded.length - 1] = (padded[padded.length - 1] ?? 0) | 0x80
  const view = new DataView(padded.buffer)
  for (let block = 0; block < padded.length; block += rate) {
    for (let index = 0; index < rate / 4; index++)
      lanes[index] = (lanes[index] ?? 0) ^ view.getUint32(block + index * 4, true)
    permute(lanes)
  }
  const digest = new DataView(new ArrayBuffer(32))
  for (let index = 0; index < 8; index++) digest.setUint32(index * 4, lanes[index] ?? 0, true)
  return new Uint8Array(digest.buffer)
}

function permute(lanes: Uint32Array): void {
  const half = (index: number) => lanes[index] ?? 0
  const columns = new Uint32Array(10)
  const column = (index: number) => columns[index] ?? 0
  const row = new Uint32Array(10)
  for (let round = 0; round < 48; round += 2) {
    for (let index = 0; index < 10; index++)
      columns[index] = half(index) ^ half(index + 10) ^ half(index + 20) ^ half(index + 30) ^ half(index + 40)
    for (let index = 0; index < 50; index += 2) {
      const before = (index + 8) % 10
      const after = (index + 2) % 10
      const nextLow = column(after)
      const nextHigh = column(after + 1)
      lanes[index] = half(index) ^ column(before) ^ ((nextLow << 1) | (nextHigh >>> 31))
      lanes[index + 1] = half(index + 1) ^ column(before + 1) ^ ((nextHigh << 1) | (nextLow >>> 31))
    }
    let carriedLow = half(2)
    let carriedHigh = half(3)
    for (let step = 0; step < 48; step += 2) {
      const target = walk[step] ?? 0
      const bits = walk[step + 1] ?? 0
      const keptLow = half(target)
      const keptHigh = half(target + 1)
      const first = bits < 32 ? carriedLow : carriedHigh
      const second = bits < 32 ? carriedHigh : carriedLow
      const by = bits % 32
      lanes[target] = by === 0 ? first : (first << by) | (second >>> (32 - by))
      lanes[target + 1] = by === 0 ? second : (second << by) | (first >>> (32 - by))
      carriedLow = keptLow
      carriedHigh = keptHigh
    }
    for (let start = 0; start < 50; start += 10) {
      for (let index = 0; index < 10; index++) row[index] = half(start + index)
      for (let index = 0; index < 10; index++)
        lanes[start + index] = (row[index] ?? 0) ^ (~(row[(index + 2) % 10] ?? 0) & (row[(index + 4) % 10] ?? 0))
    }
    lanes[0] = half(0) ^ (roundConstants[round] ?? 0)
    lanes[1] = half(1) ^ (roundConstants[round + 1] ?? 0)
  }
}

/** Where the lanes go, one after the other from the second one on, and how far each is turned: pairs. */
const walk = walkOfLanes()

function walkOfLanes(): Uint8Array {
  const pairs = new Uint8Array(48)
  let x = 1
  let y = 0
  for (let step = 0; step < 24; step++) {
    ;[x, y] = [y, (2 * x + 3 * y) % 5]
    pairs[step * 2] = 2 * (x + 5 * y)
    pairs[step * 2 + 1] = (((step + 1) * (step + 2)) / 2) % 64
  }
  return pairs
}

/** Out of a register of eight bits, seven of them for each round: pairs, the low half first. */
const roundConstants = constantsOfRounds()

function constantsOfRounds(): Uint32Array {
  const pairs = new Uint32Array(48)
  let register = 1
  for (let bit = 0; bit < 24 * 7; bit++) {
    const at = 2 ** (bit % 7) - 1
    const half = Math.floor(bit / 7) * 2 + (at < 32 ? 0 : 1)
    if ((register & 1) === 1) pairs[half] = (pairs[half] ?? 0) ^ (1 << (at % 32))
    register = (register << 1) ^ ((register & 0x80) === 0 ? 0 : 0x171)
  }
  return pairs
}
