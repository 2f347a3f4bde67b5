import type { KeyId } from '#kernel/ids.ts'
import type { Clock, EpochMs } from '#kernel/time.ts'
import { newWireId } from '#platform/crypto/ids.ts'
import { hmacSha256 } from '#platform/crypto/seal.ts'
import { shinglesOf, type ShingleSeed } from '../../core/shingles.ts'
import type { StoredPrints, TranscriptStore } from '../../ports.ts'
import type { KeyState, Sealer } from '../house-keys.ts'
import { clearedPrint, PrintIndex, transcriptPrint, type Print } from './print-index.ts'

export interface TranscriptOptions {
  readonly store: TranscriptStore
  readonly key: KeyState
  readonly clock: Clock
  /** How long a transcript is known for one. */
  readonly ttlMs: () => number
  /** Passages in memory, about 40 bytes each; beyond it the oldest are forgotten. Not there = two million. */
  readonly maxPrints?: number
}

/** The passages of one text. */
interface Block {
  readonly id: string
  readonly owner: KeyId | null
  readonly createdAt: EpochMs
  readonly expiresAt: EpochMs
  readonly state: typeof transcriptPrint | typeof clearedPrint
  /** Three numbers for each: quick, low, high. */
  readonly prints: Uint32Array
}

/** About two hundred hours of speech. */
const defaultMaxPrints = 2_000_000
const numbersPerPrint = 3
/** Another process may have begun to write before we read, and be through after it. */
const overlapMs = 60_000

/**
 * What this house has transcribed, so that it is recognised when it is about to leave: fingerprints, no words. They are
 * house-wide: a transcript made with one key is one for all of them. What `/scrub` handed out of a transcript may
 * leave.
 */
export class Transcripts implements AsyncDisposable {
  readonly #options: TranscriptOptions
  readonly #tools: { readonly seed: ShingleSeed; readonly key: Uint8Array; readonly sealer: Sealer } | null
  /** The oldest first. */
  #blocks: Block[] = []
  readonly #ids = new Set<string>()
  #index = new PrintIndex()
  #prints = 0
  /** Of what has ended, still in the index. */
  #stale = 0
  #unwritten: Block[] = []
  #readUntil: EpochMs = 0

  constructor(options: TranscriptOptions) {
    this.#options = options
    this.#tools = options.key.kind === 'open' ? toolsOf(options.key) : null
  }

  get counts(): { readonly texts: number; readonly passages: number } {
    return { texts: this.#blocks.length, passages: this.#prints }
  }

  /** A transcript was made. It is known at once; `write` brings it to the disk. */
  remember(owner: KeyId | null, text: string): void {
    if (this.#tools === null) return
    const { hashes, text: wordsOf } = shinglesOf(text, this.#tools.seed)
    const prints = new Uint32Array(hashes.length * numbersPerPrint)
    for (let index = 0; index < hashes.length; index++)
      setPrint(prints, index, this.#printOf(hashes[index] ?? 0, wordsOf(index)))
    this.#make({ owner, state: transcriptPrint, prints })
  }

  /** This was handed out scrubbed: the passages of transcripts in it may leave as they are. */
  rememberScrubbed(owner: KeyId | null, text: string): void {
    if (this.#tools === null) return
    const found = [...this.#known(text)].flatMap(({ print }) => [print.quick, print.low, print.high])
    this.#make({ owner, state: clearedPrint, prints: Uint32Array.from(found) })
  }

  /** Whether one of these has a passage of a transcript in it that was not handed out scrubbed. */
  isTranscript(_owner: KeyId | null, texts: readonly string[]): boolean {
    // Nobody can tell without the key; nothing leaves then anyway.
    if (this.#tools === null) return true
    if (this.#index.size === 0) return false
    return texts.some((text) => this.#known(text).some(({ state }) => state === transcriptPrint))
  }

  /** Reads what there is: at the start, and again where other processes write too. */
  async read(): Promise<void> {
    if (this.#tools === null) return
    const now = this.#options.clock.now()
    const rows = await this.#options.store.since(Math.max(0, this.#readUntil - overlapMs), { now })
    for (const row of rows) if (!this.#ids.has(row.id)) this.#take(row, this.#tools.sealer)
    this.#readUntil = now
  }

  /** Writes what is new, and lets go of what has ended. */
  async write(): Promise<void> {
    this.#letGo()
    const { sealer } = this.#tools ?? {}
    if (sealer === undefined || this.#unwritten.length === 0) return
    const blocks = this.#unwritten
    this.#unwritten = []
    try {
      await this.#options.store.add(blocks.map((block) => toStored(block, sealer)))
    } catch (error) {
      this.#unwritten = [...blocks, ...this.#unwritten]
      throw error
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.write()
  }

  /** The passages of a text that are known, one after the other. */
  *#known(text: string): Generator<{ readonly print: Print; readonly state: number }> {
    if (this.#tools === null) return
    const { hashes, text: wordsOf } = shinglesOf(text, this.#tools.seed)
    for (let index = 0; index < hashes.length; index++) {
      const quick = hashes[index] ?? 0
      if (!this.#index.has(quick)) continue
      const print = this.#printOf(quick, wordsOf(index))
      const state = this.#index.get(print)
      if (state !== 0) yield { print, state }
    }
  }

  #printOf(quick: number, words: string): Print {
    const digest = hmacSha256(this.#tools?.key ?? new Uint8Array(), words)
    const view = new DataView(digest.buffer, digest.byteOffset)
    return { quick, low: view.getUint32(0), high: view.getUint32(4) }
  }

  #make({ owner, state, prints }: Pick<Block, 'owner' | 'state' | 'prints'>): void {
    if (prints.length === 0) return
    const createdAt = this.#options.clock.now()
    const expiresAt = createdAt + this.#options.ttlMs()
    const block = { id: newWireId('text_'), owner, createdAt, expiresAt, state, prints }
    this.#add(block)
    this.#unwritten.push(block)
  }

  #add(block: Block): void {
    this.#blocks.push(block)
    this.#ids.add(block.id)
    this.#prints += countOf(block)
    this.#enter(block)
    const { maxPrints = defaultMaxPrints } = this.#options
    let over = 0
    let left = this.#prints
    while (left > maxPrints && over < this.#blocks.length - 1) left -= countOf(this.#blocks[over++])
    if (over > 0) this.#drop(new Set(this.#blocks.slice(0, over)))
  }

  #enter({ prints, state }: Block): void {
    for (let at = 0; at < prints.length; at += numbersPerPrint)
      this.#index.add({ quick: prints[at] ?? 0, low: prints[at + 1] ?? 0, high: prints[at + 2] ?? 0 }, state)
  }

  #drop(gone: ReadonlySet<Block>): void {
    this.#blocks = this.#blocks.filter((block) => !gone.has(block))
    this.#unwritten = this.#unwritten.filter((block) => !gone.has(block))
    for (const block of gone) {
      this.#ids.delete(block.id)
      this.#prints -= countOf(block)
      this.#stale += countOf(block)
    }
  }

  /** The index is made anew when much of it has ended: until then more is taken for a transcript, never less. */
  #letGo(): void {
    const now = this.#options.clock.now()
    const ended = this.#blocks.filter((block) => block.expiresAt <= now)
    if (ended.length > 0) this.#drop(new Set(ended))
    if (this.#stale * 10 <= this.#index.size) return
    this.#index = new PrintIndex()
    this.#stale = 0
    for (const block of this.#blocks) this.#enter(block)
  }

  #take(row: StoredPrints, sealer: Sealer): void {
    const plain = sealer.open(row.sealed, row.id)
    // Changed by somebody, or of a key that was before: it tells nothing.
    if (plain === null || plain.length < 4) return
    const numbers = new Uint32Array(plain.length >> 2)
    const view = new DataView(plain.buffer, plain.byteOffset)
    for (let index = 0; index < numbers.length; index++) numbers[index] = view.getUint32(index * 4)
    const state = numbers[0] === clearedPrint ? clearedPrint : transcriptPrint
    const { id, owner, createdAt, expiresAt } = row
    this.#add({ id, owner, createdAt, expiresAt, state, prints: numbers.subarray(1) })
  }
}

function toolsOf({ keys }: Extract<KeyState, { kind: 'open' }>) {
  const key = keys.digestKey('transcripts')
  const digest = hmacSha256(key, 'seed')
  const seeds = new DataView(digest.buffer, digest.byteOffset)
  const seed = { start: seeds.getUint32(0), factor: seeds.getUint32(4) | 1 }
  return { seed, key, sealer: keys.sealer('transcripts') }
}

function countOf(block: Block | undefined): number {
  return (block?.prints.length ?? 0) / numbersPerPrint
}

function setPrint(prints: Uint32Array, index: number, { quick, low, high }: Print): void {
  prints.set([quick, low, high], index * numbersPerPrint)
}

function toStored({ id, owner, createdAt, expiresAt, state, prints }: Block, sealer: Sealer): StoredPrints {
  const plain = new DataView(new ArrayBuffer((prints.length + 1) * 4))
  plain.setUint32(0, state)
  for (let index = 0; index < prints.length; index++) plain.setUint32((index + 1) * 4, prints[index] ?? 0)
  return { id, owner, createdAt, expiresAt, sealed: sealer.seal(new Uint8Array(plain.buffer), id) }
}
