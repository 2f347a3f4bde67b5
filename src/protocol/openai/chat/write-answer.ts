import type { Conversation, Json, OutputPart, Reply, ToolCallPart } from '../../conversation/conversation.ts'
import type { AnswerFacts } from '../../conversation/dialect.ts'
import { freeTextOf } from '../../conversation/free-text.ts'
import { writeCounts } from './counts.ts'
import { isCustom } from './custom-tools.ts'
import { finishWord } from './finish.ts'

/** A whole answer in OpenAI's shape; thoughts are told as `reasoning_content`, as vLLM and DeepSeek tell them. */
export function writeAnswer(reply: Reply, facts: AnswerFacts): Json {
  const { conversation } = facts
  const counts = writeCounts(reply.usage)
  const reason = reply.finish === null ? null : finishWord(reply.finish)
  return {
    id: answerId(reply.id, facts),
    object: 'chat.completion',
    created: facts.createdAt,
    model: reply.model ?? conversation.model,
    choices: [
      {
        index: 0,
        message: messageOf(reply.parts, conversation),
        logprobs: null,
        finish_reason: reason === 'tool_calls' && isLegacy(conversation) ? 'function_call' : reason,
      },
    ],
    ...(counts === null ? {} : { usage: counts }),
  }
}

/** An id of another dialect would look odd to clients of this one. */
export const answerId = (id: string | null, { newId }: AnswerFacts): string =>
  id?.startsWith('chatcmpl-') ? id : newId('chatcmpl-')

/** Who asked with `functions` looks for `function_call` in the answer. */
export const isLegacy = ({ extras }: Conversation): boolean => Array.isArray(extras['functions'])

function messageOf(parts: readonly OutputPart[], conversation: Conversation): Json {
  const content = joined(parts, 'text')
  const refusal = joined(parts, 'refusal')
  const reasoning = joined(parts, 'reasoning')
  const calls = parts.filter((part) => part.kind === 'tool_call')
  const first = calls[0]
  const isSilent = content === '' && (calls.length > 0 || refusal !== '')
  return {
    role: 'assistant',
    content: isSilent ? null : content,
    refusal: refusal === '' ? null : refusal,
    ...(reasoning === '' ? {} : { reasoning_content: reasoning }),
    ...(first === undefined
      ? {}
      : isLegacy(conversation)
        ? { function_call: { name: first.name, arguments: first.arguments } }
        : { tool_calls: calls.map((call) => writeCall(call, conversation)) }),
  }
}

export function writeCall(call: ToolCallPart, conversation: Conversation): Json {
  const { id, name } = call
  return isCustom(conversation, name)
    ? { id, type: 'custom', custom: { name, input: freeTextOf(call.arguments) } }
    : { id, type: 'function', function: { name, arguments: call.arguments } }
}

function joined(parts: readonly OutputPart[], kind: 'text' | 'refusal' | 'reasoning'): string {
  return parts.map((part) => (part.kind === kind ? part.text : '')).join('')
}
