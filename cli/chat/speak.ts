import type { ChatMessage, ChatRequest, ChatUsage } from '../../sdk/typescript/index.ts'
import type { Call } from '../command.ts'
import { jsonLine } from '../output.ts'

export interface Spoken {
  /** Without the reasoning: what a following request takes as the assistant's words. */
  readonly text: string
  readonly finishReason: string | null
  readonly usage: ChatUsage | null
}

/** Asks, and shows the answer as it is made: reasoning dimmed, remarks of the house on the line that goes away. */
export async function speak(
  call: Call,
  ask: { readonly model: string; readonly messages: readonly ChatMessage[]; readonly signal: AbortSignal },
): Promise<Spoken> {
  const { terminal } = call
  let text = ''
  let isReasoning = false
  let hasEnded = true
  let finishReason: string | null = null
  let usage: ChatUsage | null = null
  const onComment = (comment: string): void => terminal.transient(comment)
  try {
    for await (const chunk of call.hearth().chat.stream(requestOf(call, ask), { signal: ask.signal, onComment })) {
      if (call.isJson) terminal.out(jsonLine(chunk))
      usage = chunk.usage ?? usage
      const choice = chunk.choices[0]
      finishReason = choice?.finish_reason ?? finishReason
      const reasoning = choice?.delta.reasoning_content ?? ''
      const content = choice?.delta.content ?? ''
      text += content
      if (call.isJson || (reasoning === '' && content === '')) continue
      if (isReasoning && content !== '') terminal.write(hasEnded ? '\n' : '\n\n')
      isReasoning = content === ''
      const piece = visible(content === '' ? reasoning : content)
      terminal.write(isReasoning ? terminal.paint('dim', piece) : piece)
      hasEnded = piece.endsWith('\n')
    }
  } finally {
    terminal.transient(null)
    if (!hasEnded) terminal.write('\n')
  }
  return { text, finishReason, usage }
}

function requestOf(
  call: Call,
  ask: { readonly model: string; readonly messages: readonly ChatMessage[] },
): ChatRequest {
  const system = call.flags.text('system')
  const temperature = call.flags.number('temperature')
  const maxTokens = call.flags.number('max-tokens')
  return {
    model: ask.model,
    messages: [...(system === null ? [] : [{ role: 'system' as const, content: system }]), ...ask.messages],
    ...(temperature === null ? {} : { temperature }),
    ...(maxTokens === null ? {} : { max_tokens: maxTokens }),
  }
}

/**
 * A model's words must not move the cursor, change the title or recolour the terminal: control characters are left
 * out.
 */
export const visible = (text: string): string => text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '')
