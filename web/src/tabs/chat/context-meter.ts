import { type Answer, type Conversation, type Turn } from './conversation.ts'

/** How full a model's context is. */
export interface ContextUse {
  readonly tokens: number
  /** false: told by the model for all but what was written since; true: guessed from the length of the text. */
  readonly isGuess: boolean
  /** null: nobody knows how much the model takes in. */
  readonly limit: number | null
  readonly level: 'calm' | 'watch' | 'over'
}

/** Of Latin text; of others it is too few. Good enough for a warning, never for a bill. */
const charactersPerToken = 4
const watchFrom = 0.7

/** What the next request would hold: what the model counted last, and a guess of what was written since. */
export function contextUse(
  conversation: Conversation,
  given: { readonly draft: string; readonly limit: number | null },
): ContextUse {
  const { turns, system, tools } = conversation
  // Ids only grow: what was counted before the newest summary was made was counted with the turns it replaced.
  const summarised = Math.max(0, ...turns.flatMap((turn) => (turn.role === 'summary' ? [turn.id] : [])))
  const at = turns.findLastIndex((turn) => turn.id > summarised && isCounted(turn))
  const counted = at === -1 ? null : countOf(turns[at])
  const since = counted === null ? turns : turns.slice(at + 1)
  const setup = counted === null ? guess(system) + guess(tools) : 0
  const guessed = setup + guess(given.draft) + since.reduce((sum, turn) => sum + guessTurn(turn), 0)
  const tokens = (counted ?? 0) + guessed
  const { limit } = given
  const share = limit === null || limit === 0 ? 0 : tokens / limit
  return { tokens, isGuess: guessed > 0, limit, level: share >= 1 ? 'over' : share >= watchFrom ? 'watch' : 'calm' }
}

function isCounted(turn: Turn): boolean {
  return turn.role === 'assistant' && turn.side === 'main' && countOf(turn) !== null
}

function countOf(turn: Turn | undefined): number | null {
  const usage = (turn as Answer | undefined)?.usage
  return usage?.promptTokens == null || usage.completionTokens === null
    ? null
    : usage.promptTokens + usage.completionTokens
}

function guessTurn(turn: Turn): number {
  if (turn.role === 'assistant') {
    if (turn.side === 'rival') return 0
    return guess(turn.content) + turn.calls.reduce((sum, call) => sum + guess(call.arguments), 0)
  }
  return turn.role === 'tool' && turn.side === 'rival' ? 0 : guess(turn.content)
}

function guess(text: string): number {
  return Math.ceil(text.length / charactersPerToken)
}
