import type { Json } from '#protocol/conversation/conversation.ts'
import { isObject, listOf, numberOf, objectOf, textOf } from '#protocol/json/members.ts'
import type { Escape } from '../text.ts'
import {
  Changes,
  Lane,
  maxLanes,
  type Draft,
  type Extra,
  type LaneFacts,
  type StreamLanes,
  type Taken,
} from './lane.ts'

/**
 * Events of Chat Completions, and of text completions. What is held goes into the event with the `finish_reason`, or,
 * of words and thoughts, into the first event in which the choice goes on with something else.
 */
export class ChatLanes implements StreamLanes {
  readonly #facts: LaneFacts
  readonly #choices = new Map<number, Map<string, ChoiceLane>>()
  #count = 0
  /** For an event of the same shape. */
  #last: Json = {}

  constructor(facts: LaneFacts) {
    this.#facts = facts
  }

  take(event: Json): Taken {
    const changes = new Changes()
    const choices = listOf(event.choices)
    if (choices.length > 0) this.#last = event
    else if (isObject(event.error) || typeof event.error === 'string') changes.before.push(...this.drain())
    for (const [position, choice] of choices.entries()) if (isObject(choice)) this.#choice(choice, position, changes)
    return changes
  }

  drain(): readonly Extra[] {
    const extras: Extra[] = []
    for (const [index, lanes] of this.#choices) {
      const isText = lanes.has('text')
      const choice: Draft = { index, ...(isText ? { text: '' } : { delta: {} }), finish_reason: null }
      let isHolding = false
      for (const lane of lanes.values()) {
        if (!lane.lane.isHolding) continue
        lane.spot.put(choice, lane.lane.end())
        isHolding = true
      }
      const { usage: _usage, ...last } = this.#last
      if (isHolding) extras.push({ event: '', data: { ...last, choices: [choice] } })
    }
    this.#choices.clear()
    this.#count = 0
    return extras
  }

  #choice(choice: Json, position: number, changes: Changes): void {
    const index = numberOf(choice.index) ?? position
    const lanes = this.#choices.get(index) ?? new Map<string, ChoiceLane>()
    this.#choices.set(index, lanes)
    const said = new Set<string>()
    let isChanged = false
    for (const spot of spotsOf(choice)) {
      const lane = this.#laneOf(lanes, spot)
      if (lane === null) continue
      said.add(spot.key)
      if (changes.through(lane.lane, spot.text, ['choices', position, ...spot.path])) isChanged = true
    }
    const isFinished = typeof choice.finish_reason === 'string'
    for (const [key, { lane, spot }] of lanes) {
      const isOver = isFinished || (spot.isProse && said.size > 0 && !said.has(key))
      if (!isOver || !lane.isHolding) continue
      const held = lane.end()
      isChanged = true
      changes.mend((event) => {
        const mended: unknown = listOf(event.choices)[position]
        if (isObject(mended)) spot.put(mended, held)
      })
    }
    // What is told of tokens is told of a text that is no longer there.
    if (isChanged && isObject(choice.logprobs))
      changes.mend((event) => {
        const mended: unknown = listOf(event.choices)[position]
        if (isObject(mended)) (mended as Draft).logprobs = null
      })
    if (!isFinished) return
    this.#count -= lanes.size
    this.#choices.delete(index)
  }

  #laneOf(lanes: Map<string, ChoiceLane>, spot: Spot): ChoiceLane | null {
    const known = lanes.get(spot.key)
    if (known) return known
    if (this.#count >= maxLanes) return null
    this.#count += 1
    const made = { lane: new Lane(this.#facts, spot), spot }
    lanes.set(spot.key, made)
    return made
  }
}

interface ChoiceLane {
  readonly lane: Lane
  readonly spot: Spot
}

/** A piece of a lane in a choice. */
interface Spot {
  readonly key: string
  readonly path: readonly (string | number)[]
  readonly text: string
  readonly escape: Escape
  readonly isTool: boolean
  /** Words or thoughts: they are over when something else begins. Calls may go on side by side. */
  readonly isProse: boolean
  /** Adds a text to this lane in another choice of the same index. */
  put(choice: Draft, text: string): void
}

const proseMembers = ['content', 'reasoning_content', 'reasoning', 'refusal'] as const

function* spotsOf(choice: Json): Generator<Spot> {
  const words = textOf(choice.text)
  if (words) yield prose({ key: 'text', path: ['text'], text: words, holder: (draft) => draft, member: 'text' })
  const delta = objectOf(choice.delta)
  if (delta === null) return
  for (const member of proseMembers) {
    const text = textOf(delta[member])
    if (text) yield prose({ key: member, path: ['delta', member], text, holder: deltaOf, member })
  }
  const transcript = textOf(objectOf(delta.audio)?.transcript)
  if (transcript) {
    const path = ['delta', 'audio', 'transcript']
    const holder = (draft: Draft): Draft => objectIn(deltaOf(draft), 'audio')
    yield prose({ key: 'audio', path, text: transcript, holder, member: 'transcript' })
  }
  yield* detailSpots(delta)
  yield* callSpots(delta)
}

/** OpenRouter's form of thoughts. */
function* detailSpots(delta: Json): Generator<Spot> {
  for (const [position, detail] of listOf(delta.reasoning_details).entries()) {
    if (!isObject(detail)) continue
    const index = numberOf(detail.index) ?? position
    for (const member of ['text', 'summary']) {
      const text = textOf(detail[member])
      if (!text) continue
      const holder = (draft: Draft): Draft => entryIn(deltaOf(draft), 'reasoning_details', { type: detail.type, index })
      const path = ['delta', 'reasoning_details', position, member]
      yield prose({ key: `detail ${index} ${member}`, path, text, holder, member })
    }
  }
}

function* callSpots(delta: Json): Generator<Spot> {
  const old = textOf(objectOf(delta.function_call)?.arguments)
  if (old) {
    const holder = (draft: Draft): Draft => objectIn(deltaOf(draft), 'function_call')
    yield call({ key: 'call', path: ['delta', 'function_call', 'arguments'], text: old, holder, member: 'arguments' })
  }
  for (const [position, each] of listOf(delta.tool_calls).entries()) {
    if (!isObject(each)) continue
    const index = numberOf(each.index) ?? position
    for (const [kind, member] of callMembers) {
      const text = textOf(objectOf(each[kind])?.[member])
      if (!text) continue
      const holder = (draft: Draft): Draft => objectIn(entryIn(deltaOf(draft), 'tool_calls', { index }), kind)
      const path = ['delta', 'tool_calls', position, kind, member]
      yield call({ key: `${kind} ${index}`, path, text, holder, member })
    }
  }
}

/** Arguments are JSON; what a custom tool is given is a text. */
const callMembers = [
  ['function', 'arguments'],
  ['custom', 'input'],
] as const

interface SpotParts extends Pick<Spot, 'key' | 'path' | 'text'> {
  /** The object of a choice that has the text, made where there is none. */
  readonly holder: (choice: Draft) => Draft
  readonly member: string
}

const prose = (parts: SpotParts): Spot => spot(parts, { escape: 'auto', isTool: false, isProse: true })

const call = (parts: SpotParts): Spot =>
  spot(parts, { escape: parts.member === 'arguments' ? 'json' : 'auto', isTool: true, isProse: false })

const spot = (
  { key, path, text, holder, member }: SpotParts,
  kind: Pick<Spot, 'escape' | 'isTool' | 'isProse'>,
): Spot => ({
  key,
  path,
  text,
  ...kind,
  put(choice, more) {
    const target = holder(choice)
    const said = target[member]
    target[member] = (typeof said === 'string' ? said : '') + more
  },
})

const deltaOf = (choice: Draft): Draft => objectIn(choice, 'delta')

function objectIn(draft: Draft, name: string): Draft {
  const value = draft[name]
  if (isObject(value)) return value
  const made: Draft = {}
  draft[name] = made
  return made
}

/** The entry of a list with this index. */
function entryIn(draft: Draft, name: string, wanted: Draft): Draft {
  const list = Array.isArray(draft[name]) ? (draft[name] as unknown[]) : []
  draft[name] = list
  const found = list.find((entry, position) => isObject(entry) && (numberOf(entry.index) ?? position) === wanted.index)
  if (isObject(found)) return found
  list.push(wanted)
  return wanted
}
