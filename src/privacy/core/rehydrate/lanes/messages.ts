import type { Json } from '#protocol/conversation/conversation.ts'
import { isObject, numberOf, objectOf, textOf, textOrEmpty } from '#protocol/json/members.ts'
import type { Escape } from '../text.ts'
import { Changes, Lane, maxLanes, type Extra, type LaneFacts, type StreamLanes, type Taken } from './lane.ts'

/**
 * Events of Anthropic's Messages. A block ends with an event that can carry no text: what is held goes into one more
 * delta before it. Thoughts are noted as they came, by their signature (see thinking-echo.ts).
 */
export class MessagesLanes implements StreamLanes {
  readonly #facts: LaneFacts
  readonly #blocks = new Map<number, Block>()

  constructor(facts: LaneFacts) {
    this.#facts = facts
  }

  take(event: Json, name: string): Taken {
    const changes = new Changes()
    const index = numberOf(event.index) ?? 0
    switch (event.type) {
      case 'content_block_start':
        changes.before.push(...this.#end(index))
        this.#start(index, objectOf(event.content_block) ?? {}, changes)
        break
      case 'content_block_delta':
        this.#delta(index, objectOf(event.delta) ?? {}, { changes, name })
        break
      case 'content_block_stop':
        changes.before.push(...this.#end(index))
        break
      case 'message_delta':
      case 'message_stop':
      case 'error':
        changes.before.push(...this.drain())
        break
      default:
    }
    return changes
  }

  drain(): readonly Extra[] {
    return [...this.#blocks.keys()].flatMap((index) => this.#end(index))
  }

  #start(index: number, content: Json, changes: Changes): void {
    const block = this.#block(index)
    if (block === null) return
    block.signature = textOrEmpty(content.signature)
    for (const [type, { member }] of laneKinds) {
      const text = textOf(content[member])
      if (!text || `${textOrEmpty(content.type)}_delta` !== type) continue
      this.#note(block, type, text)
      changes.through(this.#lane(block, type), text, ['content_block', member])
    }
  }

  #delta(index: number, delta: Json, { changes, name }: { readonly changes: Changes; readonly name: string }): void {
    const block = this.#block(index)
    if (block === null) return
    block.name = name
    const type = textOrEmpty(delta.type)
    const kind = laneKinds.get(type)
    if (kind === undefined) {
      // A signature tells that the thought is whole.
      if (type !== 'signature_delta') return
      block.signature = textOrEmpty(delta.signature)
      changes.before.push(...heldOf(index, block))
      return
    }
    const text = textOf(delta[kind.member])
    if (!text) return
    this.#note(block, type, text)
    changes.through(this.#lane(block, type), text, ['delta', kind.member])
  }

  #note(block: Block, type: string, text: string): void {
    if (type !== 'thinking_delta' || this.#facts.thinkingEcho === null || block.thinking === null) return
    block.thinking = block.thinking.length + text.length > maxThoughtLength ? null : block.thinking + text
  }

  #end(index: number): readonly Extra[] {
    const block = this.#blocks.get(index)
    if (block === undefined) return []
    this.#blocks.delete(index)
    const held = heldOf(index, block)
    const isChanged = block.lanes.get('thinking_delta')?.hasReplaced === true
    if (isChanged && block.thinking && block.signature !== '')
      this.#facts.thinkingEcho?.put(block.signature, block.thinking)
    return held
  }

  #lane(block: Block, type: string): Lane {
    const known = block.lanes.get(type)
    if (known) return known
    const lane = new Lane(this.#facts, laneKinds.get(type) ?? { escape: 'auto', isTool: false })
    block.lanes.set(type, lane)
    return lane
  }

  #block(index: number): Block | null {
    const known = this.#blocks.get(index)
    if (known) return known
    if (this.#blocks.size >= maxLanes) return null
    const made: Block = { lanes: new Map(), name: '', signature: '', thinking: '' }
    this.#blocks.set(index, made)
    return made
  }
}

/** Characters of one thought; a longer one is not noted. */
const maxThoughtLength = 1024 * 1024

interface Block {
  /** By the type of their deltas. */
  readonly lanes: Map<string, Lane>
  /** Of its events. */
  name: string
  signature: string
  /** As the vendor wrote it; null: it is too long. */
  thinking: string | null
}

const laneKinds: ReadonlyMap<string, { readonly member: string; readonly escape: Escape; readonly isTool: boolean }> =
  new Map([
    ['text_delta', { member: 'text', escape: 'auto', isTool: false }],
    ['thinking_delta', { member: 'thinking', escape: 'auto', isTool: false }],
    ['input_json_delta', { member: 'partial_json', escape: 'json', isTool: true }],
  ])

function heldOf(index: number, block: Block): readonly Extra[] {
  const extras: Extra[] = []
  for (const [type, lane] of block.lanes) {
    if (!lane.isHolding) continue
    const member = laneKinds.get(type)?.member ?? 'text'
    const data = { type: 'content_block_delta', index, delta: { type, [member]: lane.end() } }
    extras.push({ event: block.name === '' ? 'content_block_delta' : block.name, data })
  }
  return extras
}

/** The same of a whole answer: `before` as the vendor wrote it, `after` with values put back. */
export function noteThoughts(before: unknown, after: unknown, facts: Pick<LaneFacts, 'thinkingEcho'>): void {
  const [written, shown] = [contentOf(before), contentOf(after)]
  for (const [index, block] of written.entries()) {
    const signature = textOf(block.signature)
    const thinking = textOf(block.thinking)
    if (block.type !== 'thinking' || !signature || !thinking || shown[index]?.thinking === thinking) continue
    facts.thinkingEcho?.put(signature, thinking)
  }
}

const contentOf = (answer: unknown): readonly Json[] => {
  const content = objectOf(answer)?.content
  return Array.isArray(content) ? content.map((block) => (isObject(block) ? block : {})) : []
}
