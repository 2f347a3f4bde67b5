import { type Conversation, emptyConversation, isRunning, type Turn } from './conversation.ts'
import { unpackSampling } from './sampling.ts'

/** Browsers give a page about 5 MB of it. */
const largestKept = 2_000_000
/** One picture of a phone is larger than a long conversation: it lasts as long as the page. */
const largestImage = 200_000

/** For the browser's storage; when it is too long, pictures are left out and then its beginning. */
export function pack(conversation: Conversation): string {
  let turns = conversation.turns.map(withoutLargeImages)
  let packed = JSON.stringify({ ...conversation, turns })
  while (packed.length > largestKept && turns.length > 1) {
    turns = turns.slice(Math.ceil(turns.length / 4))
    packed = JSON.stringify({ ...conversation, turns })
  }
  return packed.length > largestKept ? JSON.stringify({ ...conversation, turns: [] }) : packed
}

/** What was kept; an answer that was being streamed when the page went away broke off. */
export function unpack(packed: string | null): Conversation {
  const kept = parse(packed)
  if (!kept || !Array.isArray(kept.turns)) return emptyConversation
  return {
    turns: kept.turns.filter(isTurn).map(unpackTurn),
    model: typeof kept.model === 'string' ? kept.model : null,
    rival: typeof kept.rival === 'string' ? kept.rival : null,
    system: typeof kept.system === 'string' ? kept.system : '',
    tools: typeof kept.tools === 'string' ? kept.tools : '',
    sampling: unpackSampling(kept.sampling),
  }
}

function withoutLargeImages(turn: Turn): Turn {
  if (turn.role !== 'user' || turn.images.every((image) => image.length <= largestImage)) return turn
  return { ...turn, images: turn.images.filter((image) => image.length <= largestImage) }
}

/** Turns of an earlier version of the page lack members: they get the plain ones. */
function unpackTurn(turn: Turn): Turn {
  if (turn.role === 'user') return { ...turn, images: texts(turn.images) }
  if (turn.role === 'summary') {
    const replaced: unknown = turn.replaced
    return { ...turn, replaced: Array.isArray(replaced) ? replaced.filter(isTurn).map(unpackTurn) : [] }
  }
  if (turn.role === 'tool') return turn
  const whole = {
    ...turn,
    side: turn.side ?? 'main',
    calls: turn.calls ?? [],
    request: turn.request ?? null,
    route: turn.route ?? null,
  }
  return isRunning(whole) ? { ...whole, state: { kind: 'incomplete' } } : whole
}

function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((entry) => typeof entry === 'string') : []
}

function isTurn(value: unknown): value is Turn {
  if (typeof value !== 'object' || value === null) return false
  const turn = value as { role?: unknown; content?: unknown; id?: unknown; state?: { kind?: unknown } | null }
  if (typeof turn.content !== 'string' || typeof turn.id !== 'number') return false
  if (turn.role === 'assistant') return typeof turn.state?.kind === 'string'
  return turn.role === 'user' || turn.role === 'tool' || turn.role === 'summary'
}

function parse(packed: string | null): Partial<Record<keyof Conversation, unknown>> | null {
  try {
    const value: unknown = JSON.parse(packed ?? 'null')
    return typeof value === 'object' ? value : null
  } catch {
    return null
  }
}
