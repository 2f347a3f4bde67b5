import type { Exchange } from '#passage/exchange.ts'
import { concat } from '#protocol/json/bytes.ts'
import type { BodyLog } from '../../ports.ts'
import type { Looked } from '../answering/response-cache.ts'

/** Sees what a caller gets, for the cache and for the log of bodies. */
export interface Witness {
  saw(bytes: Uint8Array): void
  /** After the last bytes, when the exchange has ended. */
  leave(contentType: string): void
}

export interface WitnessParts {
  readonly bodies: BodyLog | null
  readonly exchange: Exchange
  readonly looked: Looked
  readonly headers: Headers
  readonly request: Uint8Array
}

/** null: nobody wants to know, which is the usual case. */
export function witnessOf({ bodies, exchange, looked, headers, request }: WitnessParts): Witness | null {
  const recording = looked.kind === 'miss' ? looked.record() : null
  const log = bodies?.wants(exchange.caller, headers) === true ? bodies : null
  if (recording === null && log === null) return null
  const transcript = log === null ? null : new Transcript(log.maxBytes)
  let isComplete = false
  exchange.hold((outcome) => {
    isComplete = outcome === 'complete'
  })
  return {
    saw(bytes) {
      recording?.push(bytes)
      transcript?.push(bytes)
    },
    leave(contentType) {
      if (isComplete && exchange.hasOutput) recording?.complete(contentType)
      if (log === null || transcript === null) return
      log.keep(exchange.id, {
        request,
        response: transcript.bytes,
        isCut: transcript.isCut,
        isFailed: !isComplete,
        isAsked: headers.get('x-hearth-log') === 'on',
      })
    },
  }
}

/** The beginning of an answer. */
class Transcript {
  isCut = false
  readonly #maxBytes: number
  readonly #pieces: Uint8Array[] = []
  #length = 0

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  get bytes(): Uint8Array {
    return concat(this.#pieces)
  }

  push(bytes: Uint8Array): void {
    const room = this.#maxBytes - this.#length
    if (bytes.length > room) this.isCut = true
    if (room <= 0) return
    const piece = bytes.slice(0, room)
    this.#pieces.push(piece)
    this.#length += piece.length
  }
}
