import { ApiError } from './errors.ts'
import type { Metrics } from './metrics.ts'
import type { Model, Token } from './llama.ts'
import type { Slot, Slots } from './slots.ts'

/** What every endpoint gets once the model is loaded. */
export interface Engine {
  readonly model: Model
  /** The name it answers with. */
  readonly id: string
  /** Seconds since 1970. */
  readonly created: number
  /** Tokens of one sequence. */
  readonly context: number
  readonly slots: Slots
  readonly metrics: Metrics
}

export const maxBodyBytes = 64 * 2 ** 20
/** The library needs a token of room after the prompt and keeps one cell free. */
const roomAfterPrompt = 2
/**
 * A prompt is evaluated in pieces, so that a hang-up is noticed between two of them. On a processor 128 tokens of a
 * real model take a second and lose nothing; a GPU wants whole batches, and is through with one at once.
 */
const promptPiece = { processor: 128, gpu: 512 } as const

/** For endpoints that write text: a model that was made for vectors or ranks has no slots. */
export function requireText(engine: Engine): void {
  if (engine.model.sequences.length > 0) return
  const message = `The model "${engine.id}" is made for embeddings or ranking: it writes no text.`
  throw new ApiError(400, message, { code: 'unsupported_operation', param: 'model' })
}

/** How many tokens may follow this prompt; refuses one that does not fit, as OpenAI does. */
export function roomFor(engine: Engine, prompt: readonly Token[], wanted: number | null): number {
  const room = engine.context - prompt.length - roomAfterPrompt
  if (room < 1) {
    const message = `This model's maximum context length is ${engine.context} tokens. However, your prompt has \
${prompt.length} tokens. Please reduce the length of the messages.`
    throw new ApiError(400, message, { code: 'context_length_exceeded', param: 'messages' })
  }
  return Math.min(room, wanted ?? room)
}

export interface Usage {
  readonly promptTokens: number
  readonly cachedTokens: number
  readonly completionTokens: number
}

export const usageObject = (usage: Usage): object => ({
  prompt_tokens: usage.promptTokens,
  completion_tokens: usage.completionTokens,
  total_tokens: usage.promptTokens + usage.completionTokens,
  prompt_tokens_details: { cached_tokens: usage.cachedTokens },
})

/**
 * Brings the prompt, all but its last token, into the slot; rejects soon after `signal` aborts.
 * Returns how many tokens of it were there already.
 */
export async function loadPrompt(
  engine: Engine,
  slot: Slot,
  prompt: readonly Token[],
  signal: AbortSignal,
): Promise<number> {
  const startedAt = performance.now()
  const { sequence } = slot
  await sequence.adaptStateToTokens(prompt.slice(0, -1), false)
  const cached = sequence.nextTokenIndex
  const piece = engine.model.facts.isOnGpu ? promptPiece.gpu : promptPiece.processor
  for (let at = cached; at < prompt.length - 1; at += piece) {
    signal.throwIfAborted()
    await sequence.evaluateWithoutGeneratingNewTokens(prompt.slice(at, Math.min(at + piece, prompt.length - 1)))
  }
  signal.throwIfAborted()
  engine.metrics.promptTokens += prompt.length - cached
  engine.metrics.promptMs += performance.now() - startedAt
  return cached
}

/** A slot whose work broke has a cache nobody vouches for: it begins anew. */
export async function giveBack(engine: Engine, slot: Slot, hasFailed: boolean): Promise<void> {
  try {
    if (hasFailed) await slot.sequence.clearHistory()
  } finally {
    engine.slots.release(slot)
  }
}

/** An abort that follows the request's, and that the endpoint can cause too. */
export function linkedAbort(request: Request): AbortController {
  const controller = new AbortController()
  const abort = (): void => controller.abort(new DOMException('The client hung up.', 'AbortError'))
  if (request.signal.aborted) abort()
  else request.signal.addEventListener('abort', abort, { once: true })
  return controller
}

export const newId = (prefix: string): string => `${prefix}-${crypto.randomUUID().replaceAll('-', '').slice(0, 24)}`
