import type { AppError } from '#kernel/errors.ts'
import type { ChunkReader } from '#platform/egress/contract.ts'
import { toAppError } from '#platform/http/errors.ts'
import { clientGone } from '../../errors.ts'
import type { Permit, Waiting } from '../../ports.ts'
import { refuse } from '../asking/endings.ts'
import { openFor, type Call } from './call.ts'
import { nameOf } from '../asking/addressing.ts'
import type { Opened } from '../asking/open-target.ts'
import { malformed, missed, wordless } from '../asking/received.ts'
import { readPrelude, type Source } from '../relaying/prelude.ts'
import { streamHeaders } from '../relaying/stream-headers.ts'
import { StreamRelay } from '../relaying/stream-relay.ts'

/** A streaming caller waits so long in silence for a place (it may still be refused), then gets 200 and comments. */
const placeWaitMs = 2000
/** The same for the first word: many a proxy on the way gives up a connection that is silent for a minute. */
const wordWaitMs = 15_000
const heartbeatMs = 15_000
const maxEventBytes = 4 * 2 ** 20

/** An answer as a stream: it begins with its first word, or with comments when that takes long. */
export async function answerStream(call: Call): Promise<Response> {
  const { exchange, ports, limits, lane } = call
  const patience = new Patience()
  let relay: StreamRelay | null = null
  patience.lasts(wordWaitMs)
  const opening = open(call, (waiting) => {
    patience.lasts(waiting === null ? wordWaitMs : placeWaitMs)
    relay?.tell(waiting)
  })
  const options = {
    exchange,
    lane,
    witness: call.witness,
    clock: ports.clock,
    watchman: ports.watchman,
    interruptions: ports.interruptions,
    stalledReaderMs: limits.stalledReaderMs,
    heartbeatMs,
  }
  const first = await Promise.race([opening, patience.over]).finally(() => patience.ends())
  const headers = { ...exchange.headers, 'content-type': lane.stream.contentType, ...streamHeaders }
  if (first === 'over') {
    relay = new StreamRelay(opening.then(sourceOf).catch(toAppError), options)
    return new Response(relay.body, { headers })
  }
  if (!first.ok) return refuse(exchange, first, call.witness)
  // It hung up while the last byte of the prelude came.
  if (exchange.hasEnded) throw clientGone()
  relay = new StreamRelay(first.value, options)
  return new Response(relay.body, { headers: { ...headers, ...first.headers } })
}

const sourceOf = (opened: Opened<Source>): Source | AppError => (opened.ok ? opened.value : opened.refusal.error)

function open(call: Call, onWait: (waiting: Waiting | null) => void): Promise<Opened<Source>> {
  return openFor<Source>(
    call,
    async (answer, { target, handling, permit }) => {
      const type = answer.headers.get('content-type') ?? ''
      if (/json|html/.test(type))
        return malformed(answer, target, `its answer to a streaming request is ${type}, not text/event-stream`)
      const name = nameOf(target)
      const prelude = await readPrelude({
        reader: heardBy(permit, answer.chunks()),
        carrier: handling.carrier(),
        name,
        maxEventBytes,
      })
      if (prelude.kind === 'source') return { kind: 'taken', value: prelude.source }
      if (prelude.kind === 'empty') return { ...wordless(target), spare: prelude.source }
      return missed(prelude.failure, prelude.error)
    },
    onWait,
  )
}

/** An engine whose answers come piece by piece is at work, however long they take. */
export function heardBy(permit: Permit, reader: ChunkReader): ChunkReader {
  if (permit.heard === undefined) return reader
  return {
    async next() {
      const chunk = await reader.next()
      if (chunk.kind === 'data') permit.heard?.()
      return chunk
    },
    cancel: () => reader.cancel(),
  }
}

/** How long a caller waits in silence; anew for each thing that it waits for. */
class Patience {
  readonly over: Promise<'over'>
  #end: () => void = () => {}
  #timer: ReturnType<typeof setTimeout> | null = null
  #hasEnded = false

  constructor() {
    this.over = new Promise((resolve) => {
      this.#end = () => resolve('over')
    })
  }

  lasts(ms: number): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = this.#hasEnded ? null : setTimeout(this.#end, ms)
  }

  ends(): void {
    this.#hasEnded = true
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
  }
}
