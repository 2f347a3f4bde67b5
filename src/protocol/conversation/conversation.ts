import type { AppError } from '../../kernel/errors.ts'
import type { Usage } from '../../kernel/words.ts'

/**
 * What all dialects mean, in one form. Each dialect reads its requests into a Conversation and writes its answers from
 * a Reply or from Deltas; an upstream's dialect does the reverse. Three dialects and their pairs are then six small
 * translators instead of a table of nine. Where caller and upstream speak the same dialect nothing of this is used: the
 * bytes pass.
 */
export type Json = Readonly<Record<string, unknown>>

export interface Conversation {
  /** The name the caller wrote. */
  readonly model: string
  /** In the caller's order; a system turn may stand anywhere, also last. */
  readonly turns: readonly Turn[]
  readonly tools: readonly Tool[]
  readonly toolChoice: ToolChoice | null
  /** Several tool calls in one answer; null = as the model likes. */
  readonly isParallel: boolean | null
  readonly isStream: boolean
  /** The most tokens of the answer, thoughts included; null = none said. */
  readonly maxTokens: number | null
  readonly sampling: Sampling
  readonly reasoning: ReasoningWish | null
  readonly format: AnswerFormat | null
  /** The caller's name for its end user. */
  readonly user: string | null
  /**
   * Members that only engines of the chat dialect know (`min_p`, `chat_template_kwargs`, …): they go along when caller
   * and upstream both speak it, and are dropped otherwise.
   */
  readonly extras: Json
  /**
   * The first thing of it that only an upstream of the caller's own dialect can take. Where the bytes pass it is no
   * matter; who translates throws it.
   */
  readonly untranslatable?: AppError
}

export type Turn =
  | { readonly role: 'system'; readonly parts: readonly TextPart[] }
  | { readonly role: 'user'; readonly parts: readonly InputPart[]; readonly name?: string }
  /** In the order in which the model said it: thoughts, words, tool calls. */
  | { readonly role: 'assistant'; readonly parts: readonly OutputPart[] }
  | {
      readonly role: 'tool'
      readonly callId: string
      readonly parts: readonly InputPart[]
      readonly isError: boolean
    }

export interface TextPart {
  readonly kind: 'text'
  readonly text: string
  /** Anthropic's `cache_control`, kept where the upstream speaks it. */
  readonly cache?: Json
}

export type InputPart = TextPart | ImagePart | AudioPart | FilePart

export interface ImagePart {
  readonly kind: 'image'
  readonly source: Source
  readonly detail: string | null
}

/** `format` is `wav`, `mp3`, …; `data` is base64. */
export interface AudioPart {
  readonly kind: 'audio'
  readonly format: string
  readonly data: string
}

export interface FilePart {
  readonly kind: 'file'
  readonly name: string | null
  readonly source: Source
}

/** `data` is base64 without a prefix. `id` names a file at the upstream. */
export type Source =
  | { readonly kind: 'url'; readonly url: string }
  | { readonly kind: 'data'; readonly mediaType: string; readonly data: string }
  | { readonly kind: 'id'; readonly id: string }

export type OutputPart = TextPart | RefusalPart | ReasoningPart | ToolCallPart

export interface RefusalPart {
  readonly kind: 'refusal'
  readonly text: string
}

/** `signature` and `sealed` are the vendor's, opaque, and must come back to it as they were; sealed.ts tells whose. */
export interface ReasoningPart {
  readonly kind: 'reasoning'
  readonly text: string
  readonly signature: string | null
  /** Thoughts that are only there encrypted. */
  readonly sealed: string | null
}

export interface ToolCallPart {
  readonly kind: 'tool_call'
  readonly id: string
  readonly name: string
  /** JSON as the model wrote it: it may be broken. For a custom tool the free text. */
  readonly arguments: string
}

export type Tool =
  | {
      readonly kind: 'function'
      readonly name: string
      readonly description: string | null
      /** JSON Schema. */
      readonly parameters: Json
      readonly isStrict: boolean | null
    }
  /** A tool whose input is free text, as Codex edits files with. */
  | {
      readonly kind: 'custom'
      readonly name: string
      readonly description: string | null
      readonly format: Json | null
    }
  /** Run by the upstream itself (web search, …): kept where the dialect is the same, dropped elsewhere. */
  | { readonly kind: 'hosted'; readonly type: string; readonly raw: Json }

export type ToolChoice =
  | { readonly kind: 'auto' }
  | { readonly kind: 'none' }
  | { readonly kind: 'required' }
  | { readonly kind: 'tool'; readonly name: string }

export interface Sampling {
  readonly temperature: number | null
  readonly topP: number | null
  readonly topK: number | null
  readonly stop: readonly string[]
  readonly seed: number | null
  readonly presencePenalty: number | null
  readonly frequencyPenalty: number | null
}

/** How much the model should think. `isOn: null` = as the model likes (Anthropic's `adaptive`). */
export interface ReasoningWish {
  readonly isOn: boolean | null
  /** `minimal`, `low`, `medium`, `high`, `xhigh`, `max`; null = not said. */
  readonly effort: string | null
  readonly budgetTokens: number | null
  /** Whether a summary of the thoughts is wanted in the answer, as OpenAI's `reasoning.summary` says it. */
  readonly summary: string | null
}

export type AnswerFormat =
  | { readonly kind: 'text' }
  | { readonly kind: 'json' }
  | {
      readonly kind: 'schema'
      readonly name: string
      readonly description: string | null
      readonly schema: Json
      readonly isStrict: boolean | null
    }

/** A whole answer. Only one choice: `n` above 1 passes where the dialects are the same and is refused elsewhere. */
export interface Reply {
  readonly id: string | null
  /** The name the upstream gave itself. */
  readonly model: string | null
  readonly parts: readonly OutputPart[]
  /** null: the upstream did not say why it ended, so the answer is not known to be whole. */
  readonly finish: Finish | null
  readonly usage: TokenCounts
}

export interface Finish {
  readonly reason: 'stop' | 'length' | 'tool_calls' | 'content_filter' | 'refusal' | 'stop_sequence' | 'pause'
  /** The stop sequence that was met, where the upstream tells it. */
  readonly sequence: string | null
}

/** Usage with what some vendors tell beyond it; `promptTokens` holds the cached ones, in every dialect. */
export interface TokenCounts extends Usage {
  readonly cacheWriteTokens: number | null
  /** Part of `completionTokens`. */
  readonly reasoningTokens: number | null
}

/** What one event of a stream means. Order: `start`, then content, then `finish`, `usage`, `end`. */
export type Delta =
  /** Once, first. Anthropic tells the prompt's tokens here. */
  | { readonly kind: 'start'; readonly id: string | null; readonly model: string | null }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'refusal'; readonly text: string }
  | { readonly kind: 'reasoning'; readonly text: string }
  /** Ends a thought; what of it is opaque. */
  | { readonly kind: 'reasoning_end'; readonly signature: string | null; readonly sealed: string | null }
  /** A tool call begins; `index` counts the calls of the answer from 0. */
  | { readonly kind: 'tool_call'; readonly index: number; readonly id: string; readonly name: string }
  | { readonly kind: 'arguments'; readonly index: number; readonly text: string }
  | { readonly kind: 'finish'; readonly finish: Finish }
  /** The whole count so far; members that are null were not said this time and do not unsay earlier ones. */
  | { readonly kind: 'usage'; readonly usage: TokenCounts }
  /** The upstream's own error within its stream. */
  | { readonly kind: 'error'; readonly message: string; readonly code: string | null }
  /** The terminal event: `[DONE]`, `message_stop`, `response.completed|incomplete`. */
  | { readonly kind: 'end' }

export const noCounts: TokenCounts = {
  promptTokens: null,
  completionTokens: null,
  cachedTokens: null,
  cacheWriteTokens: null,
  reasoningTokens: null,
}

/** A member that is not said this time does not unsay what was said before. */
export function mergedCounts(before: TokenCounts, now: TokenCounts): TokenCounts {
  return {
    promptTokens: now.promptTokens ?? before.promptTokens,
    completionTokens: now.completionTokens ?? before.completionTokens,
    cachedTokens: now.cachedTokens ?? before.cachedTokens,
    cacheWriteTokens: now.cacheWriteTokens ?? before.cacheWriteTokens,
    reasoningTokens: now.reasoningTokens ?? before.reasoningTokens,
  }
}
