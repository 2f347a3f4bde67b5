import type { AppError } from '#kernel/errors.ts'
import type { Chunk, ChunkReader } from '#platform/egress/contract.ts'
import type { Carrier } from '#protocol/conversation/carrier.ts'
import { concat } from '#protocol/json/bytes.ts'
import { createEventSplitter } from '#protocol/conversation/sse-split.ts'
import type { FailureClass } from '../../core/itinerary.ts'
import { clientGone, streamIncomplete, upstreamFailed, upstreamMalformed, upstreamSaid } from '../../errors.ts'

/** A stream whose first word has come (or that is known to go on without one), ready to be relayed. */
export interface Source {
  readonly reader: ChunkReader
  readonly carrier: Carrier
  readonly splitter: ReturnType<typeof createEventSplitter>
  /** Who speaks, for sentences. */
  readonly name: string
  /** What came up to the first word: the caller has none of it yet. */
  readonly held: Uint8Array
  /** The terminal event was among it. */
  readonly isDone: boolean
  /** With what the stream has ended already; null: it goes on. */
  readonly last: Exclude<Chunk, { kind: 'data' }> | null
}

export type Prelude =
  | { readonly kind: 'source'; readonly source: Source }
  /** Complete, and not a word in it. */
  | { readonly kind: 'empty'; readonly source: Source }
  | { readonly kind: 'missed'; readonly failure: FailureClass; readonly error: AppError }

export interface PreludeOptions {
  readonly reader: ChunkReader
  readonly carrier: Carrier
  readonly name: string
  readonly maxEventBytes: number
}

/** More than this is not held back: an upstream that says so much before its first word is let through. */
const maxHeldChunks = 64
const maxHeldBytes = 256 * 1024

const blankLine = new TextEncoder().encode('\n\n')
const nothing = new Uint8Array()

/**
 * Reads a stream up to its first word, thought or tool call. What breaks off before that has told the caller nothing,
 * so that another target can be asked. The first word is not delayed: it ends the wait.
 */
export async function readPrelude({ reader, carrier, name, maxEventBytes }: PreludeOptions): Promise<Prelude> {
  const splitter = createEventSplitter(maxEventBytes)
  let held: Uint8Array = nothing
  const ready = (chunk: Chunk, isDone: boolean): Prelude => {
    const last = chunk.kind === 'data' ? null : chunk
    const isWhole = isDone || (last?.kind === 'end' && carrier.isTerminal)
    const source = { reader, carrier, splitter, name, held, isDone, last }
    return { kind: isWhole && !carrier.hasOutput ? 'empty' : 'source', source }
  }
  const missed = (failure: FailureClass, error: AppError): Prelude => {
    reader.cancel()
    return { kind: 'missed', failure, error }
  }
  for (let chunks = 1; ; chunks++) {
    const chunk = await reader.next()
    const events = eventsOf(chunk, splitter)
    if (events === 'too_long')
      return missed('malformed', upstreamMalformed(name, 'an event that is larger than Hearth takes'))
    const { bytes, isDone } = events.length === 0 ? { bytes: nothing, isDone: false } : carrier.pass(events)
    held = held.length === 0 ? bytes : concat([held, bytes])
    // Words that came before the fault are the caller's: from here on whoever relays tells what became of it.
    if (carrier.hasOutput) return ready(chunk, isDone)
    if (carrier.error !== null) return missed('server_error', upstreamSaid(name, carrier.error))
    if (carrier.isMalformed) return missed('malformed', upstreamMalformed(name, 'an event that is not JSON'))
    if (isDone || (chunk.kind === 'end' && carrier.isTerminal)) return ready(chunk, isDone)
    if (chunk.kind === 'broken')
      return missed('broken', chunk.reason === 'aborted' ? clientGone() : upstreamFailed(chunk))
    if (chunk.kind === 'end') return missed('broken', streamIncomplete(`${name} ended its answer without a word.`))
    if (chunks >= maxHeldChunks || held.length >= maxHeldBytes) return ready(chunk, false)
  }
}

/** The last event of a clean end may lack its blank line. */
function eventsOf(chunk: Chunk, splitter: ReturnType<typeof createEventSplitter>): Uint8Array | 'too_long' {
  if (chunk.kind === 'data') {
    const split = splitter.push(chunk.bytes)
    return split.kind === 'too_long' ? 'too_long' : split.bytes
  }
  const rest = chunk.kind === 'end' ? splitter.rest : nothing
  return rest.length === 0 ? nothing : concat([rest, blankLine])
}
