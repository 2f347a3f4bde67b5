import type { Json } from '#protocol/conversation/conversation.ts'
import { numberOf, textOf, textOrEmpty } from '#protocol/json/members.ts'
import type { Escape } from '../text.ts'
import { Changes, Lane, maxLanes, type Extra, type LaneFacts, type StreamLanes, type Taken } from './lane.ts'

/**
 * Events of OpenAI's Responses. Each text comes in deltas and then whole, up to four times: what is held goes into one
 * more delta before the first of those, and the events behind it are numbered on.
 */
export class ResponsesLanes implements StreamLanes {
  readonly #facts: LaneFacts
  readonly #lanes = new Map<string, OpenLane>()
  /** How many events there are more than came. */
  #added = 0
  #lastNumber: number | null = null

  constructor(facts: LaneFacts) {
    this.#facts = facts
  }

  take(event: Json, name: string): Taken {
    const changes = new Changes()
    const type = textOrEmpty(event.type) || name
    this.#lastNumber = numberOf(event.sequence_number) ?? this.#lastNumber
    const ended = this.#endedBy(type, event)
    changes.isRepeat = type.endsWith('.done') || ended === 'all'
    for (const key of ended === 'all' ? [...this.#lanes.keys()] : ended)
      changes.before.push(...this.#end(key, this.#lastNumber))
    const kind = deltaKind(type)
    const delta = textOf(event.delta)
    if (kind !== null && delta) this.#delta(event, { changes, name, type, delta, kind })
    const number = numberOf(event.sequence_number)
    if (this.#added > 0 && number !== null) changes.set(['sequence_number'], String(number + this.#added))
    return changes
  }

  drain(): readonly Extra[] {
    const next = this.#lastNumber === null ? null : this.#lastNumber + 1
    return [...this.#lanes.keys()].flatMap((key) => this.#end(key, next))
  }

  #delta(
    event: Json,
    said: {
      readonly changes: Changes
      readonly name: string
      readonly type: string
      readonly delta: string
      readonly kind: DeltaKind
    },
  ): void {
    const key = `${placeOf(event)} ${said.type}`
    let open = this.#lanes.get(key)
    if (open === undefined) {
      if (this.#lanes.size >= maxLanes) return
      open = { lane: new Lane(this.#facts, said.kind), last: event, name: said.name }
      this.#lanes.set(key, open)
    }
    open.last = event
    const isChanged = said.changes.through(open.lane, said.delta, ['delta'])
    if (isChanged && Array.isArray(event.logprobs) && event.logprobs.length > 0)
      said.changes.mend((draft) => {
        draft.logprobs = []
      })
  }

  /** The lanes that an event ends. */
  #endedBy(type: string, event: Json): readonly string[] | 'all' {
    if (enders.has(type)) return 'all'
    const begin = `${placeOf(event)} `
    if (type === 'response.content_part.done' || type === 'response.reasoning_summary_part.done')
      return this.#keys((key) => key.startsWith(begin))
    if (type === 'response.output_item.done') {
      const item = itemOf(event)
      return this.#keys((key) => key.startsWith(`${item} `))
    }
    return type.endsWith('.done') ? this.#keys((key) => key === `${begin}${type.slice(0, -'.done'.length)}.delta`) : []
  }

  #keys(isWanted: (key: string) => boolean): readonly string[] {
    return this.#lanes.size === 0 ? [] : [...this.#lanes.keys()].filter(isWanted)
  }

  #end(key: string, number: number | null): readonly Extra[] {
    const open = this.#lanes.get(key)
    this.#lanes.delete(key)
    if (!open?.lane.isHolding) return []
    const { obfuscation: _obfuscation, ...last } = open.last
    const data = {
      ...last,
      delta: open.lane.end(),
      ...(Array.isArray(last.logprobs) ? { logprobs: [] } : {}),
      ...(number === null || last.sequence_number === undefined ? {} : { sequence_number: number + this.#added }),
    }
    this.#added += 1
    return [{ event: open.name, data }]
  }
}

interface OpenLane {
  readonly lane: Lane
  /** For an event of the same shape. */
  last: Json
  readonly name: string
}

interface DeltaKind {
  readonly escape: Escape
  readonly isTool: boolean
}

const words: DeltaKind = { escape: 'auto', isTool: false }
const given: DeltaKind = { escape: 'auto', isTool: true }
const argued: DeltaKind = { escape: 'json', isTool: true }

const deltaKinds: ReadonlyMap<string, DeltaKind> = new Map([
  ['output_text', words],
  ['refusal', words],
  ['reasoning', words],
  ['reasoning_text', words],
  ['reasoning_summary_text', words],
  ['reasoning_summary', words],
  ['audio.transcript', words],
  ['output_audio_transcript', words],
  ['function_call_arguments', argued],
  ['mcp_call_arguments', argued],
  ['mcp_call.arguments', argued],
  ['custom_tool_call_input', given],
  ['code_interpreter_call_code', given],
  ['code_interpreter_call.code', given],
])

function deltaKind(type: string): DeltaKind | null {
  if (!type.startsWith('response.') || !type.endsWith('.delta')) return null
  return deltaKinds.get(type.slice('response.'.length, -'.delta'.length)) ?? null
}

const enders: ReadonlySet<string> = new Set(
  ['completed', 'incomplete', 'failed', 'cancelled', 'done'].map((end) => `response.${end}`).concat('error'),
)

/** Some servers only tell the id. */
const itemOf = (event: Json): string => String(numberOf(event.output_index) ?? textOrEmpty(event.item_id))

const placeOf = (event: Json): string =>
  `${itemOf(event)} ${numberOf(event.content_index) ?? ''}/${numberOf(event.summary_index) ?? ''}`
