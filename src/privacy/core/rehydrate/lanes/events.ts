import { createEventSplitter, eventData, type EventData } from '#protocol/conversation/sse-split.ts'
import { concat } from '#protocol/json/bytes.ts'
import { parsedObject } from '#protocol/json/members.ts'
import { rehydrateJsonText } from '../json.ts'
import { hasLiveTag } from '../text.ts'
import type { Draft, Extra, LaneFacts, StreamLanes } from './lane.ts'

/** A stream of bytes with values put back, piece by piece. */
export interface BytesRehydrator {
  push(bytes: Uint8Array): Uint8Array
  /** What is held, when nothing more comes. */
  end(): Uint8Array
}

/** An event that is longer, and all behind it, goes out as it came: with its placeholders. */
export const maxEventBytes = 32 * 1024 * 1024

const decoder = new TextDecoder()
const encoder = new TextEncoder()
const nothing = new Uint8Array()

/** Server-Sent Events, cut anywhere. Events in which nothing changes go out as the very bytes that came. */
export class EventsRehydrator implements BytesRehydrator {
  readonly #facts: LaneFacts
  readonly #lanes: StreamLanes
  readonly #splitter = createEventSplitter(maxEventBytes)
  #isTooLong = false

  constructor(facts: LaneFacts, lanes: StreamLanes) {
    this.#facts = facts
    this.#lanes = lanes
  }

  push(bytes: Uint8Array): Uint8Array {
    if (this.#isTooLong) return bytes
    const split = this.#splitter.push(bytes)
    if (split.kind === 'events') return split.bytes.length === 0 ? nothing : this.#events(split.bytes)
    this.#isTooLong = true
    return concat([this.#drained('\n'), this.#splitter.rest])
  }

  end(): Uint8Array {
    if (this.#isTooLong) return nothing
    const { rest } = this.#splitter
    const [last] = eventData(rest)
    const isWhole = last !== undefined && (last.data.trim() === '[DONE]' || parsedObject(last.data) !== null)
    // Nobody reads half an event: what is held goes out before it.
    if (!isWhole) return concat([this.#drained('\n'), rest])
    const out = this.#events(rest)
    const held = this.#drained('\n')
    return held.length === 0 ? out : concat([out, encoder.encode('\n\n'), held])
  }

  #events(bytes: Uint8Array): Uint8Array {
    const parts: Uint8Array[] = []
    let kept = 0
    for (const event of eventData(bytes)) {
      const changed = this.#event(event)
      if (changed === null) continue
      const raw = decoder.decode(bytes.subarray(event.start, event.end))
      const eol = /\r\n|\n|\r/.exec(raw)?.[0] ?? '\n'
      const before = changed.before.map((extra) => written(extra, eol)).join('')
      const itself = changed.data === event.data ? raw : withData(raw, changed.data, eol)
      parts.push(bytes.subarray(kept, event.start), encoder.encode(before + itself))
      kept = event.end
    }
    return kept === 0 ? bytes : concat([...parts, bytes.subarray(kept)])
  }

  /** null: it goes out as it came. */
  #event({ event, data }: EventData): { readonly before: readonly Extra[]; readonly data: string } | null {
    const { live, tools, allowance, onCounted } = this.#facts
    if (data.trim() === '[DONE]') {
      const before = this.#lanes.drain()
      return before.length === 0 ? null : { before, data }
    }
    const parsed = parsedObject(data)
    const taken = parsed === null ? null : this.#lanes.take(parsed, event)
    const before = taken?.before ?? []
    const isSame = taken?.isChanged !== true && !hasLiveTag(data, live) && (tools === live || !hasLiveTag(data, tools))
    if (isSame) return before.length === 0 ? null : { before, data }
    const known = taken === null ? {} : { known: taken.known }
    const { text, ...counts } = rehydrateJsonText(data, live, { tools, allowance, ...known })
    if (taken?.isRepeat !== true) onCounted(counts)
    if (taken === null || taken.mends.length === 0) return { before, data: text }
    const draft = JSON.parse(text) as Draft
    for (const mend of taken.mends) mend(draft)
    return { before, data: JSON.stringify(draft) }
  }

  #drained(eol: string): Uint8Array {
    return encoder.encode(
      this.#lanes
        .drain()
        .map((extra) => written(extra, eol))
        .join(''),
    )
  }
}

const written = ({ event, data }: Extra, eol: string): string =>
  `${event === '' ? '' : `event: ${event}${eol}`}data: ${JSON.stringify(data)}${eol}${eol}`

/** The event with other data; its other lines as they are. */
function withData(raw: string, data: string, eol: string): string {
  const lines = raw.split(/\r\n|\n|\r/)
  const first = lines.findIndex(isData)
  const others = lines.filter((line, index) => index === first || !isData(line))
  const fresh = data.split(/\r\n|\n|\r/).map((line) => `data: ${line}`)
  return others.flatMap((line) => (isData(line) ? fresh : [line])).join(eol)
}

const isData = (line: string): boolean => line.startsWith('data:') || line === 'data'

/** Events of nobody knows whom: whole placeholders are replaced, in each event by itself. */
export const noLanes: StreamLanes = {
  take: () => ({ before: [], known: new Map(), isChanged: false, mends: [], isRepeat: false }),
  drain: () => [],
}
