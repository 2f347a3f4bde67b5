import { AppError } from '#kernel/errors.ts'
import type { Clock } from '#kernel/time.ts'
import type { InferenceExit } from '#platform/egress/contract.ts'
import type { NameRecogniser, RecogniserSettings } from '../contract.ts'
import { chunksOf, mergeStretches, unitsOfPoints, type ChunkLimits } from '../core/chunks.ts'
import { normalLabel, typeOfLabel, usualLabels } from '../core/name-labels.ts'
import type { EntityType, Span } from '../core/words.ts'

export interface HttpRecogniserParts {
  readonly settings: RecogniserSettings
  /** The door itself: it lets texts as they are only into this network, so that no recogniser can be in a cloud. */
  readonly exit: InferenceExit
  readonly clock: Clock
  readonly limits?: RecogniserLimits
}

export interface RecogniserLimits extends ChunkLimits {
  /** Requests at a time for one call. */
  readonly atOnce: number
  /** Of one request, where it takes lists. */
  readonly chunksPerRequest: number
  readonly unitsPerRequest: number
  readonly answerBytes: number
  /** Of one call: more names than this are no names. */
  readonly entities: number
}

const usualLimits: RecogniserLimits = {
  // Models read a few hundred words at once and see nothing of the rest.
  chunkUnits: 1600,
  overlapUnits: 160,
  atOnce: 4,
  chunksPerRequest: 64,
  unitsPerRequest: 64 * 1024,
  answerBytes: 8 * 1024 * 1024,
  entities: 20_000,
}

const retryAfterMs = 2000

/**
 * Asks a program in this network for names: Presidio's `/analyze`, or a GLiNER server that takes a text and labels.
 * Whatever is wrong with it or with what it says rejects `recogniser_unavailable`: no answer is no empty answer.
 */
export class HttpRecogniser implements NameRecogniser {
  readonly #parts: HttpRecogniserParts
  readonly #limits: RecogniserLimits
  readonly #asked: ReadonlySet<string>
  readonly #address: { readonly baseUrl: string; readonly path: string }
  /** Presidio takes lists since its version 2.2.358; an older one shows by its answer to the first. */
  #takesLists: boolean | null = null

  constructor(parts: HttpRecogniserParts) {
    const { settings } = parts
    this.#parts = parts
    this.#limits = parts.limits ?? usualLimits
    this.#asked = new Set(settings.entities.map(normalLabel))
    this.#address = addressOf(settings)
    if (settings.kind === 'gliner') this.#takesLists = false
  }

  async recognise(
    texts: readonly string[],
    signal: AbortSignal,
    language: string | null = null,
  ): Promise<readonly (readonly Span[])[]> {
    const pieces = texts.flatMap((text, index) =>
      worthReading.test(text)
        ? chunksOf(text, this.#limits).map(({ start, end }) => ({ index, start, text: text.slice(start, end) }))
        : [],
    )
    const found: Found[][] = texts.map(() => [])
    if (pieces.length === 0) return found.map(() => [])
    const { clock, settings } = this.#parts
    const until = clock.mono() + settings.timeoutMs
    const call: Call = { until, signal, language: language ?? settings.language, entities: 0 }
    const [first, ...rest] = this.#batches(pieces)
    // The first one alone: it tells whether lists are taken.
    if (first) await this.#take(first, call, found)
    await this.#takeAll(rest, call, found)
    return found.map((each, index) => mergeStretches(each).flatMap((stretch) => spanOf(texts[index] ?? '', stretch)))
  }

  async #takeAll(batches: readonly Batch[], call: Call, found: Found[][]): Promise<void> {
    const waiting = [...batches]
    const work = async () => {
      for (let next = waiting.shift(); next; next = waiting.shift()) await this.#take(next, call, found)
    }
    await Promise.all(Array.from({ length: Math.min(this.#limits.atOnce, batches.length) }, work))
  }

  #batches(pieces: readonly Piece[]): readonly Batch[] {
    const batches: Piece[][] = []
    let units = Infinity
    for (const piece of pieces) {
      const isFull = units + piece.text.length > this.#limits.unitsPerRequest
      if (isFull || (batches.at(-1)?.length ?? 0) >= this.#limits.chunksPerRequest) {
        batches.push([])
        units = 0
      }
      batches.at(-1)?.push(piece)
      units += piece.text.length
    }
    return batches
  }

  async #take(batch: Batch, call: Call, found: Found[][]): Promise<void> {
    if (batch.length > 1 && this.#takesLists !== false) {
      const answer = await this.#ask(
        batch.map(({ text }) => text),
        call,
      )
      const isList = answer.ok && Array.isArray(answer.body) && answer.body.length === batch.length
      if (isList && (answer.body as unknown[]).every(Array.isArray)) {
        this.#takesLists = true
        for (const [index, piece] of batch.entries())
          this.#keep((answer.body as unknown[])[index], piece, { call, found })
        return
      }
      if (this.#takesLists) throw this.#broken(answer.ok ? 'its answer is no list of lists' : answer.why)
    }
    for (const piece of batch) {
      const answer = await this.#ask(piece.text, call)
      if (!answer.ok) throw this.#broken(answer.why)
      this.#keep(answer.body, piece, { call, found })
    }
    // One text in a list of its own proves nothing, and a program that is down proves nothing either.
    if (batch.length > 1) this.#takesLists = false
  }

  #keep(body: unknown, piece: Piece, into: { readonly call: Call; readonly found: Found[][] }): void {
    const entities = listOf(body)
    if (entities === null) throw this.#broken('its answer is no list of entities')
    into.call.entities += entities.length
    if (into.call.entities > this.#limits.entities)
      throw this.#broken(`it found more than ${this.#limits.entities} names, which cannot be true`)
    const units = unitsOfPoints(piece.text)
    for (const entity of entities) {
      const read = readEntity(entity, piece.text, units)
      if (typeof read === 'string') throw this.#broken(read)
      const type = typeOfLabel(read.label, this.#asked)
      if (type === null || read.score < this.#parts.settings.minScore) continue
      const { start, end, score } = read
      into.found[piece.index]?.push({ type, start: start + piece.start, end: end + piece.start, score })
    }
  }

  async #ask(text: string | readonly string[], call: Call): Promise<Answered> {
    const { exit, clock } = this.#parts
    const leftMs = call.until - clock.mono()
    if (leftMs <= 0) throw this.#broken('it took too long')
    const sent = await exit.send(
      { name: 'privacy.recogniser', baseUrl: this.#address.baseUrl, locality: null },
      {
        method: 'POST',
        path: this.#address.path,
        headers: { 'content-type': 'application/json', accept: 'application/json' },
        body: encoder.encode(JSON.stringify(this.#question(text, call))),
        data: ['text'],
      },
      { deadlines: { firstByteMs: leftMs, idleMs: leftMs, totalMs: leftMs }, signal: call.signal },
    )
    if (sent.kind !== 'answer') throw this.#broken(sent.message)
    const read = await sent.bytes(this.#limits.answerBytes)
    if (read.kind === 'broken') throw this.#broken(read.message)
    if (sent.status !== 200) return { ok: false, why: `it answered ${sent.status}` }
    try {
      return { ok: true, body: JSON.parse(decoder.decode(read.bytes)) }
    } catch (thrown) {
      throw this.#broken('its answer is not JSON', thrown)
    }
  }

  #question(text: string | readonly string[], { language }: Call): unknown {
    const { kind, entities, minScore } = this.#parts.settings
    if (kind === 'gliner') return { text, labels: entities.length > 0 ? entities : usualLabels, threshold: minScore }
    return { text, language, score_threshold: minScore, ...(entities.length > 0 ? { entities } : {}) }
  }

  #broken(why: string, cause?: unknown): AppError {
    const message =
      `Names could not be looked for, so nothing was sent: the recogniser at ${this.#parts.settings.url} is of no ` +
      `use now (${why}). Start it again, or change privacy.recogniser.`
    return new AppError('unavailable', message, { reason: 'recogniser_unavailable', retryAfterMs, cause })
  }
}

interface Call {
  readonly until: number
  readonly language: string
  readonly signal: AbortSignal
  entities: number
}

interface Piece {
  readonly index: number
  readonly start: number
  readonly text: string
}

type Batch = readonly Piece[]
type Answered = { readonly ok: true; readonly body: unknown } | { readonly ok: false; readonly why: string }

interface Found {
  readonly type: EntityType
  readonly start: number
  readonly end: number
  readonly score: number
}

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true })
/** No name has fewer letters. */
const worthReading = /\p{L}[\p{L}\p{M}]/u

/** A base of Presidio's, or its `/analyze`; GLiNER has no path of its own, so that it is the one that was given. */
function addressOf({ url, kind }: RecogniserSettings): { readonly baseUrl: string; readonly path: string } {
  const { origin, pathname, search } = new URL(url)
  const path = pathname.replace(/\/+$/, '')
  if (kind === 'gliner') return { baseUrl: origin, path: (path === '' ? '/predict' : path) + search }
  return { baseUrl: origin, path: (path.endsWith('/analyze') ? path : `${path}/analyze`) + search }
}

/** `[…]` or `{"entities": […]}`; null: neither. */
function listOf(body: unknown): readonly unknown[] | null {
  const list = typeof body === 'object' && body !== null && 'entities' in body ? body.entities : body
  return Array.isArray(list) ? (list as unknown[]) : null
}

interface ReadEntity {
  readonly label: string
  readonly start: number
  readonly end: number
  readonly score: number
}

/** A text: what is wrong with it. Offsets of the answer are UTF-16 units. */
function readEntity(entity: unknown, text: string, units: Uint32Array | null): ReadEntity | string {
  if (typeof entity !== 'object' || entity === null) return 'an entity of its answer is no object'
  const { entity_type: presidio, label = presidio, start, end, score, text: quoted } = entity as Record<string, unknown>
  if (typeof label !== 'string') return 'an entity of its answer has no label'
  if (typeof score !== 'number' || !(score >= 0 && score <= 1)) return 'an entity of its answer has no score'
  const points = units === null ? text.length : units.length - 1
  if (!isOffset(start, points) || !isOffset(end, points) || start >= end) return 'its offsets lie outside of the text'
  const from = units?.[start] ?? start
  const to = units?.[end] ?? end
  if (typeof quoted === 'string' && quoted.trim() !== text.slice(from, to).trim())
    return 'what it quotes is not what stands at its offsets'
  return { label, start: from, end: to, score }
}

function isOffset(value: unknown, most: number): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= most
}

/** Without blanks around it; nothing where it is no name: models take numbers and punctuation for people. */
function spanOf(text: string, { type, start, end, score }: Found): readonly Span[] {
  const value = text.slice(start, end)
  if (isNamed.has(type) && !worthReading.test(value)) return []
  const from = start + (value.length - value.trimStart().length)
  const name = value.trim()
  const canonical = name.normalize('NFKC').toLowerCase().replaceAll(/\s+/g, ' ')
  const span = { start: from, end: from + name.length, type, score, canonical }
  return name === '' ? [] : [{ ...span, recogniser: 'ner', isValidated: false, view: 'raw' }]
}

const isNamed: ReadonlySet<EntityType> = new Set(['PERSON', 'ORGANIZATION', 'ADDRESS'])
