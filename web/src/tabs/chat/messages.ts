import { strings } from '../../strings.ts'
import { type Answer, type Conversation, openCalls, roundsOf, type Side, type ToolResult } from './conversation.ts'
import { samplingBody } from './sampling.ts'
import { toolsBody } from './tool-text.ts'

type Message = Readonly<Record<string, unknown>>

/**
 * What one side has heard: no thoughts, no answer without words, no call without its result (a model's API refuses
 * it). Where the rival said nothing, before it was compared, it hears what the first one said.
 */
export function messagesOf(conversation: Conversation, side: Side): readonly Message[] {
  const system = [conversation.system.trim()]
  const messages: Message[] = []
  for (const { head, main, rival } of roundsOf(conversation.turns)) {
    if (head?.role === 'summary') system.push(strings.chat.summary.before(head.content))
    if (head?.role === 'user') messages.push({ role: 'user', content: questionContent(head) })
    const said = side === 'rival' && rival.length > 0 ? rival : main
    for (const turn of said) messages.push(...messagesOfTurn(turn, said))
  }
  const instruction = system.filter((part) => part !== '').join('\n\n')
  return instruction === '' ? messages : [{ role: 'system', content: instruction }, ...messages]
}

/** The body of a request for the next answer of a side. */
export function requestBody(conversation: Conversation, side: Side): Message {
  return {
    model: side === 'rival' ? conversation.rival : conversation.model,
    messages: messagesOf(conversation, side),
    ...samplingBody(conversation.sampling),
    ...toolsBody(conversation.tools),
    stream: true,
    stream_options: { include_usage: true },
  }
}

/** The same request for a terminal. It holds no key: whoever runs it has one in `HEARTH_API_KEY`. */
export function curlOf(body: Message, origin: string): string {
  return [
    `curl -N ${origin}/v1/chat/completions \\`,
    `  -H "Authorization: Bearer $HEARTH_API_KEY" \\`,
    `  -H "Content-Type: application/json" \\`,
    `  --data-binary @- <<'HEARTH_BODY'`,
    // JSON has no raw line break inside of a text, so no line of it can be the end mark.
    JSON.stringify(body, null, 2),
    'HEARTH_BODY',
  ].join('\n')
}

function questionContent({ content, images }: { content: string; images: readonly string[] }): unknown {
  if (images.length === 0) return content
  const pictures = images.map((url) => ({ type: 'image_url', image_url: { url } }))
  return content === '' ? pictures : [{ type: 'text', text: content }, ...pictures]
}

function messagesOfTurn(turn: Answer | ToolResult, said: readonly (Answer | ToolResult)[]): readonly Message[] {
  if (turn.role === 'tool') return [{ role: 'tool', tool_call_id: turn.call, content: turn.content }]
  const isAnswered = turn.calls.length > 0 && openCalls(turn, said).length === 0
  if (!isAnswered) return turn.content === '' ? [] : [{ role: 'assistant', content: turn.content }]
  const calls = turn.calls.map(({ id, name, arguments: given }) => ({
    id,
    type: 'function',
    function: { name, arguments: given },
  }))
  return [{ role: 'assistant', content: turn.content === '' ? null : turn.content, tool_calls: calls }]
}
