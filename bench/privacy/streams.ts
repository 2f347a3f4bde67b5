import type { Delta } from '../../src/protocol/conversation/conversation.ts'
import type { Api } from '../../src/protocol/conversation/dialect.ts'
import type { ScopeVault } from '../../src/privacy/contract.ts'
import { agentConversation } from '../agent-conversation.ts'
import { seeded } from '../chance.ts'
import { factsOf, streamOf } from '../mock-answers.ts'
import { firstNames, lastNames } from './sentences.ts'
import { textOf } from './texts.ts'

export interface StreamWish {
  readonly api: Api
  /** Characters of the words that it says. */
  readonly size: number
  readonly seed: number
  /** Whose placeholders stand in it, about one in two hundred characters; null: none. */
  readonly scope: ScopeVault | null
}

/** Of a delta: about a token. */
const deltaCharacters = 5

/** A stream as a cloud sends it, one event for each token, each in a chunk of its own. */
export function streamChunks({ api, size, seed, scope }: StreamWish): readonly Uint8Array[] {
  const text = scope === null ? textOf('English prose', size, seed) : hidden(textOf('English prose', size, seed), scope)
  const deltas: Delta[] = [{ kind: 'start', id: 'answer-1', model: 'm' }]
  for (let at = 0; at < text.length; at += deltaCharacters)
    deltas.push({ kind: 'text', text: text.slice(at, at + deltaCharacters) })
  deltas.push({ kind: 'finish', finish: { reason: 'stop', sequence: null } })
  const events = streamOf(api, deltas, factsOf(agentConversation(1000))).filter((event) => event !== '')
  return events.map((event) => new TextEncoder().encode(event))
}

/** Somebody behind every second sentence. */
function hidden(text: string, scope: ScopeVault): string {
  const chance = seeded(text.length)
  const someOf = (names: readonly string[]) => names[Math.floor(chance() * names.length)] ?? ''
  let sentences = 0
  return text.replaceAll('. ', () => {
    if (sentences++ % 2 === 0) return '. '
    const value = `${someOf(firstNames)} ${someOf(lastNames)}`
    const canonical = value.toLowerCase()
    const name = scope.assign({ type: 'PERSON', value, canonical, origin: 'user', isRestorable: true })
    return ` (as ${name} says). `
  })
}
