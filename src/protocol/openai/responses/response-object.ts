import type { AppError } from '../../../kernel/errors.ts'
import type { Conversation, Json } from '../../conversation/conversation.ts'
import { isObject } from '../../json/members.ts'
import { isAsked } from './read-request.ts'

export type Status = 'queued' | 'in_progress' | 'completed' | 'incomplete' | 'failed' | 'cancelled'

/** What changes of a Response object while it is made. */
export interface Head {
  readonly id: string
  readonly createdAt: number
  readonly status: Status
  readonly completedAt: number | null
  readonly output: readonly Json[]
  readonly error: Json | null
  readonly incomplete: string | null
  readonly usage: Json | null
}

/** A Response object, whole. */
export function responseObject(head: Head, echo: Json): Json {
  return { ...headOf(head), ...echo }
}

/** The same as text. `echo` is as long as all tools together and is only written once. */
export function responseText(head: Head, echoText: string): string {
  return `${JSON.stringify(headOf(head)).slice(0, -1)},${echoText.slice(1)}`
}

function headOf(head: Head): Json {
  return {
    id: head.id,
    object: 'response',
    created_at: head.createdAt,
    status: head.status,
    completed_at: head.completedAt,
    error: head.error,
    incomplete_details: head.incomplete === null ? null : { reason: head.incomplete },
    output: head.output,
    usage: head.usage,
  }
}

/** What a Response object repeats of its request, with OpenAI's defaults for what was not said. */
export function echoOf(conversation: Conversation): Json {
  const asked = isAsked(conversation) ? conversation.asked : {}
  const text = isObject(asked.text) ? asked.text : {}
  const reasoning = isObject(asked.reasoning) ? asked.reasoning : {}
  return {
    model: conversation.model,
    background: asked.background ?? false,
    instructions: asked.instructions ?? null,
    max_output_tokens: asked.max_output_tokens ?? null,
    max_tool_calls: asked.max_tool_calls ?? null,
    metadata: asked.metadata ?? {},
    parallel_tool_calls: asked.parallel_tool_calls ?? true,
    previous_response_id: asked.previous_response_id ?? null,
    prompt_cache_key: asked.prompt_cache_key ?? null,
    reasoning: { ...reasoning, effort: reasoning.effort ?? null, summary: reasoning.summary ?? null },
    safety_identifier: asked.safety_identifier ?? null,
    service_tier: asked.service_tier ?? 'default',
    store: asked.store ?? true,
    temperature: asked.temperature ?? null,
    text: { ...text, format: text.format ?? { type: 'text' } },
    tool_choice: asked.tool_choice ?? 'auto',
    tools: asked.tools ?? [],
    top_logprobs: asked.top_logprobs ?? 0,
    top_p: asked.top_p ?? null,
    truncation: asked.truncation ?? 'disabled',
    user: asked.user ?? null,
  }
}

/** Clients know these codes: Codex gives up at some of them and tries again at the others. */
export function failureOf(error: AppError): Json {
  return { code: codeOf(error), message: error.message }
}

function codeOf({ kind, reason }: AppError): string {
  if (reason.includes('context_length')) return 'context_length_exceeded'
  if (kind === 'limited') return 'rate_limit_exceeded'
  if (kind === 'invalid' || kind === 'too_large') return 'invalid_prompt'
  return 'server_error'
}
