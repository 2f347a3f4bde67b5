import { concat } from '#protocol/json/bytes.ts'
import type { LiveTags } from '../../words.ts'
import { rehydrateJsonText } from '../json.ts'
import { createTextRehydrator, maxInsertedLength, type Allowance, type Escape, type RehydrateCounts } from '../text.ts'
import type { ThinkingEcho } from '../thinking-echo.ts'
import { ChatLanes } from './chat.ts'
import { EventsRehydrator, maxEventBytes, noLanes, type BytesRehydrator } from './events.ts'
import type { LaneFacts, StreamLanes } from './lane.ts'
import { MessagesLanes } from './messages.ts'
import { ResponsesLanes } from './responses.ts'

/** Whose events, or answers, they are. */
export type AnswerApi = 'chat' | 'responses' | 'messages' | 'completions' | 'other'

/** `events` = Server-Sent Events; `lines` = a JSON text in each line; `json` = one JSON text in pieces. */
export type AnswerFormat = 'events' | 'lines' | 'json' | 'text'

export interface AnswerOptions {
  readonly format?: AnswerFormat
  /** What may be put into arguments of tools, where that is not the same. */
  readonly tools?: LiveTags
  readonly thinkingEcho?: ThinkingEcho | null
  readonly allowance?: Allowance
}

export interface AnswerRehydrator extends BytesRehydrator {
  readonly counts: RehydrateCounts
}

/** Values put back into an answer that streams, over its raw bytes, cut anywhere. Nothing waits that need not. */
export function createAnswerRehydrator(
  api: AnswerApi,
  live: LiveTags,
  { format = 'events', tools = live, thinkingEcho = null, allowance }: AnswerOptions = {},
): AnswerRehydrator {
  let counts: RehydrateCounts = { replaced: 0, unknown: 0 }
  const facts: LaneFacts = {
    live,
    tools,
    thinkingEcho,
    allowance: allowance ?? { left: maxInsertedLength },
    onCounted(more) {
      counts = { replaced: counts.replaced + more.replaced, unknown: counts.unknown + more.unknown }
    },
  }
  const bytes = rehydratorOf(format, facts, api)
  return {
    push: (chunk) => bytes.push(chunk),
    end: () => bytes.end(),
    get counts() {
      return counts
    },
  }
}

function rehydratorOf(format: AnswerFormat, facts: LaneFacts, api: AnswerApi): BytesRehydrator {
  switch (format) {
    case 'events':
      return new EventsRehydrator(facts, lanesOf(api, facts))
    case 'lines':
      return new LinesRehydrator(facts)
    case 'json':
      return textRehydrator(facts, 'json')
    case 'text':
      return textRehydrator(facts, 'auto')
  }
}

function lanesOf(api: AnswerApi, facts: LaneFacts): StreamLanes {
  switch (api) {
    case 'chat':
    case 'completions':
      return new ChatLanes(facts)
    case 'messages':
      return new MessagesLanes(facts)
    case 'responses':
      return new ResponsesLanes(facts)
    case 'other':
      return noLanes
  }
}

const encoder = new TextEncoder()

function textRehydrator({ live, allowance, onCounted }: LaneFacts, escape: Escape): BytesRehydrator {
  const decoder = new TextDecoder()
  const rehydrator = createTextRehydrator(live, { escape, allowance })
  return {
    push: (bytes) => encoder.encode(rehydrator.push(decoder.decode(bytes, { stream: true }))),
    end() {
      const rest = encoder.encode(rehydrator.push(decoder.decode()) + rehydrator.end())
      onCounted(rehydrator.counts)
      return rest
    },
  }
}

const newline = 0x0a

/** A JSON text in each line: whole placeholders are replaced, in each line by itself. */
class LinesRehydrator implements BytesRehydrator {
  readonly #facts: LaneFacts
  readonly #decoder = new TextDecoder()
  #begun: Uint8Array[] = []
  #length = 0
  #isTooLong = false

  constructor(facts: LaneFacts) {
    this.#facts = facts
  }

  push(bytes: Uint8Array): Uint8Array {
    if (this.#isTooLong) return bytes
    const border = bytes.lastIndexOf(newline) + 1
    const whole = border === 0 ? null : concat([...this.#begun, bytes.subarray(0, border)])
    if (whole !== null) {
      this.#begun = []
      this.#length = 0
    }
    // A copy: the bytes are the reader's.
    if (border < bytes.length) this.#begun.push(bytes.slice(border))
    this.#length += bytes.length - border
    if (this.#length > maxEventBytes) {
      this.#isTooLong = true
      return concat([...(whole === null ? [] : [this.#lines(whole)]), ...this.#begun])
    }
    return whole === null ? new Uint8Array() : this.#lines(whole)
  }

  end(): Uint8Array {
    return this.#isTooLong ? new Uint8Array() : this.#lines(concat(this.#begun))
  }

  #lines(bytes: Uint8Array): Uint8Array {
    const { live, tools, allowance, onCounted } = this.#facts
    let isChanged = false
    const lines = this.#decoder
      .decode(bytes)
      .split('\n')
      .map((line) => {
        const { text, ...counts } = rehydrateJsonText(line, live, { tools, allowance })
        onCounted(counts)
        isChanged ||= text !== line
        return text
      })
    return isChanged ? encoder.encode(lines.join('\n')) : bytes
  }
}
