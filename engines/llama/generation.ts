/** What chats and plain completions have in common: a prompt goes into a slot, tokens come out, the slot goes back. */
import { type Body, optionalBoolean, optionalObject } from './body.ts'
import type { Engine } from './engine.ts'
import { ApiError } from './errors.ts'
import type { Token } from './model.ts'
import type { Slot } from './slots.ts'

/** The library needs a token of room after the prompt and keeps one cell free. */
const roomAfterPrompt = 2
/**
 * A prompt is evaluated in pieces, so that a hang-up is noticed between two of them. On a processor 128 tokens of a
 * real model take a second and lose nothing; a GPU wants whole batches, and is through with one at once.
 */
const promptPiece = { processor: 128, gpu: 512 } as const

/** Whether the answer is a stream, and whether its last chunk tells the usage. */
export function parseStreaming(body: Body): { readonly isStream: boolean; readonly withUsage: boolean } {
  const options = optionalObject(body, 'stream_options') ?? {}
  return {
    isStream: optionalBoolean(body, 'stream') ?? false,
    withUsage: optionalBoolean(options, 'include_usage') ?? false,
  }
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

export interface Run {
  readonly slot: Slot
  readonly signal: AbortSignal
}

/** How a sampling ended. */
export interface Written<Finish> {
  readonly finish: Finish
  readonly completionTokens: number
}

/** Brings the prompt into the slot, lets `sample` write, and gives the slot back, whatever happens. */
export async function generateOn<Finish>(
  engine: Engine,
  run: Run & { readonly prompt: readonly Token[] },
  sample: () => Promise<Written<Finish>>,
): Promise<{ readonly finish: Finish; readonly usage: Usage }> {
  const { slot, signal, prompt } = run
  let hasFailed = true
  try {
    const cachedTokens = await loadPrompt(engine, slot, prompt, signal)
    const startedAt = performance.now()
    const { finish, completionTokens } = await sample()
    engine.metrics.predictedMs += performance.now() - startedAt
    hasFailed = false
    return { finish, usage: { promptTokens: prompt.length, cachedTokens, completionTokens } }
  } finally {
    await giveBack(engine, slot, hasFailed)
  }
}

/**
 * Brings the prompt, all but its last token, into the slot; rejects soon after `signal` aborts.
 * Returns how many tokens of it were there already.
 */
async function loadPrompt(engine: Engine, slot: Slot, prompt: readonly Token[], signal: AbortSignal): Promise<number> {
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
async function giveBack(engine: Engine, slot: Slot, hasFailed: boolean): Promise<void> {
  try {
    if (hasFailed) await slot.sequence.clearHistory()
  } finally {
    engine.slots.release(slot)
  }
}
