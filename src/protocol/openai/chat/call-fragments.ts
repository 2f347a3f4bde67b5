import type { Delta, Json } from '../../conversation/conversation.ts'
import { isObject, someTextOf } from '../../json/members.ts'
import { argumentsText } from './read-messages.ts'

interface Open {
  /** The upstream's own number for it; null: it counts none. */
  readonly slot: number | null
  readonly index: number
  readonly id: string | null
}

/**
 * Puts the fragments of tool calls together. OpenAI numbers them; others leave out the number, the id, or both, send
 * the number 0 for every call, send whole calls with arguments as an object, repeat the name in each fragment, or give
 * each fragment an id of its own. A fragment begins a call when
 * 1. its number was not seen before, or
 * 2. it has a name, and another id than the call of that number, or
 * 3. it has a name, and neither number nor id;
 * otherwise it goes on with the call of its number, or with the latest one.
 */
export class CallFragments {
  readonly #calls: Open[] = []
  readonly #answerId: () => string | null

  /** `answerId` makes ids for calls that come without: they must not repeat over a conversation. */
  constructor(answerId: () => string | null) {
    this.#answerId = answerId
  }

  get hasCalls(): boolean {
    return this.#calls.length > 0
  }

  read(fragment: Json): readonly Delta[] {
    const called = isObject(fragment.function) ? fragment.function : isObject(fragment.custom) ? fragment.custom : {}
    const name = someTextOf(called.name)
    const id = someTextOf(fragment.id)
    const slot = typeof fragment.index === 'number' ? fragment.index : null
    const before = slot === null ? this.#calls.at(-1) : this.#calls.findLast((call) => call.slot === slot)
    const isOther = id === null ? slot === null : id !== before?.id
    const isNew = before === undefined || (name !== null && isOther)
    const text = argumentsText(called.arguments ?? called.input)
    if (!isNew) return text === '' ? [] : [{ kind: 'arguments', index: before.index, text }]
    // Without a name there is nothing to call: a stray end of what was never begun.
    if (name === null) return []
    const call = { slot, index: this.#calls.length, id }
    this.#calls.push(call)
    const begun: Delta = { kind: 'tool_call', index: call.index, id: id ?? this.#madeId(call.index), name }
    return text === '' ? [begun] : [begun, { kind: 'arguments', index: call.index, text }]
  }

  #madeId(index: number): string {
    return madeCallId(this.#answerId(), index)
  }
}

/** Letters, digits, `_` and `-` are what every dialect takes in an id. */
export const madeCallId = (answerId: string | null, index: number): string =>
  `call_${(answerId ?? 'answer').replaceAll(/[^A-Za-z0-9_-]/g, '_').slice(-40)}_${index}`
