import type { AppError } from '../../../kernel/errors.ts'
import type { Carried, Carrier } from '../../conversation/carrier.ts'
import type { Json, TokenCounts } from '../../conversation/conversation.ts'
import { Sight } from '../../conversation/same-stream.ts'
import { eventData } from '../../conversation/sse-split.ts'
import { isObject, parsedObject } from '../../json/members.ts'
import { isPlainResponses } from './plain-deltas.ts'
import { ResponsesReader } from './stream-reader.ts'

/** What an upstream that keeps nothing says otherwise than the house that does. */
export interface HouseMembers {
  readonly store: boolean
  readonly previous_response_id: string | null
  readonly background: boolean
}

/** The answer of an upstream of this dialect, as the house answers it. */
export function asHouse(response: Json, members: HouseMembers): Json {
  return { ...response, ...members }
}

export interface KeptStreamOptions {
  readonly members: HouseMembers
  /** Given the final Response once it is handed out. */
  readonly keep: (response: Json) => void
  /** The caller's dialect says it so. */
  readonly breakOff: (error: AppError) => string
}

const encoder = new TextEncoder()
const decoder = new TextDecoder()

/**
 * A stream of an upstream that speaks Responses, when the house keeps the answer: the events that hold a Response say
 * the house's members, all others pass as they came. The terminal event is held back until the request is written down.
 */
export class KeptStream implements Carrier {
  /** The final Response; null: the stream has not come to its end. */
  #response: Json | null = null
  readonly #members: HouseMembers
  readonly #keep: (response: Json) => void
  readonly #breakOff: (error: AppError) => string
  readonly #reader = new ResponsesReader()
  readonly #sight = new Sight()
  #terminal = ''

  constructor(options: KeptStreamOptions) {
    this.#members = options.members
    this.#keep = options.keep
    this.#breakOff = options.breakOff
  }

  get hasOutput(): boolean {
    return this.#sight.hasOutput
  }

  get isTerminal(): boolean {
    return this.#sight.hasEnded
  }

  get usage(): TokenCounts {
    return this.#sight.usage
  }

  get error(): string | null {
    return this.#sight.error
  }

  get isErrorShown(): boolean {
    return true
  }

  get isMalformed(): boolean {
    return this.#sight.isMalformed
  }

  pass(events: Uint8Array): Carried {
    if (this.#sight.hasOutput && isPlainResponses(decoder.decode(events))) return { bytes: events, isDone: false }
    let text = ''
    for (const { event, data, start, end } of eventData(events)) {
      this.#sight.see(this.#reader.read({ event, data }))
      if (this.#sight.isMalformed) break
      const told = data.includes('"response"') ? this.#told(event, data) : null
      const passed = told ?? decoder.decode(events.subarray(start, end))
      if (this.#sight.hasEnded) {
        this.#terminal = passed
        return { bytes: encoder.encode(text), isDone: true }
      }
      text += passed
      if (this.#sight.error !== null) break
    }
    return { bytes: encoder.encode(text), isDone: false }
  }

  end(): string {
    if (this.#response !== null) this.#keep(this.#response)
    return this.#terminal
  }

  breakOff(error: AppError): string {
    return this.#breakOff(error)
  }

  #told(event: string, data: string): string | null {
    const told = parsedObject(data)
    if (!isObject(told?.response)) return null
    const response = asHouse(told.response, this.#members)
    if (this.#sight.hasEnded) this.#response = response
    const name = event === '' ? '' : `event: ${event}\n`
    return `${name}data: ${JSON.stringify({ ...told, response })}\n\n`
  }
}
