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
  for (let number = 2; found.length < count; number++) if (found.every((prime) => number % prime !== 0)) found.push(number)
  return found
}

function fraction(root: number): number {
  return Math.floor((root - Math.floor(root)) * 2 ** 32)
}

const mask = (1n << 64n) - 1n
/** Bytes of a block of Keccak-256. */
const rate = 136

/** As Ethereum uses it: the padding from before SHA-3 was a standard. */
export function keccak256(bytes: Uint8Array): Uint8Array {
  const lanes = new Array<bigint>(25).fill(0n)
  const padded = new Uint8Array(Math.floor(bytes.length / rate) * rate + rate)
  padded.set(bytes)
  padded[bytes.length] = 1
  padded[padded.length - 1] = (padded[padded.length - 1] ?? 0) | 0x80
  const view = new DataView(padded.buffer)
  for (let block = 0; block < padded.length; block += rate) {
    for (let index = 0; index < rate / 8; index++)
      lanes[index] = (lanes[index] ?? 0n) ^ view.getBigUint64(block + index * 8, true)
    permute(lanes)
  }
  const digest = new DataView(new ArrayBuffer(32))
  for (let index = 0; index < 4; index++) digest.setBigUint64(index * 8, lanes[index] ?? 0n, true)
  return new Uint8Array(digest.buffer)
}

function permute(lanes: bigint[]): void {
  const lane = (index: number) => lanes[index] ?? 0n
  let register = 1
  for (let round = 0; round < 24; round++) {
    const columns = [0, 1, 2, 3, 4].map((x) => lane(x) ^ lane(x + 5) ^ lane(x + 10) ^ lane(x + 15) ^ lane(x + 20))
    for (let index = 0; index < 25; index++)
      lanes[index] = lane(index) ^ (columns[(index + 4) % 5] ?? 0n) ^ spin(columns[(index + 1) % 5] ?? 0n, 1)
    let [x, y, carried] = [1, 0, lane(1)]
    for (let step = 0; step < 24; step++) {
      ;[x, y] = [y, (2 * x + 3 * y) % 5]
      const moved = spin(carried, (((step + 1) * (step + 2)) / 2) % 64)
      carried = lane(x + 5 * y)
      lanes[x + 5 * y] = moved
    }
    for (let row = 0; row < 25; row += 5) {
      const before = lanes.slice(row, row + 5)
      for (let index = 0; index < 5; index++)
        lanes[row + index] = (before[index] ?? 0n) ^ (~(before[(index + 1) % 5] ?? 0n) & mask & (before[(index + 2) % 5] ?? 0n))
    }
    // The constant of the round comes out of a register of eight bits.
    for (let bit = 0; bit < 7; bit++) {
      if ((register & 1) === 1) lanes[0] = lane(0) ^ (1n << BigInt(2 ** bit - 1))
      register = (register << 1) ^ ((register & 0x80) === 0 ? 0 : 0x171)
    }
  }
}

function spin(lane: bigint, bits: number): bigint {
  return ((lane << BigInt(bits)) | (lane >> BigInt(64 - bits))) & mask
}
