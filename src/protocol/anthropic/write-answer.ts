import type { Json, OutputPart, Reply } from '../conversation/conversation.ts'
import type { AnswerFacts } from '../conversation/dialect.ts'
import { dataOfSealed } from '../conversation/sealed.ts'
import { parsedObject } from '../json/members.ts'
import { writeCounts } from './counts.ts'
import { stopReason } from './finish.ts'

/** A whole answer of `POST /v1/messages`. */
export function writeAnswer(reply: Reply, facts: AnswerFacts): Json {
  const said = {
    hasCalls: reply.parts.some((part) => part.kind === 'tool_call'),
    hasRefusal: reply.parts.some((part) => part.kind === 'refusal'),
  }
  return {
    ...messageHead(reply.id, facts),
    content: reply.parts.flatMap((part) => blocks(part, facts)),
    stop_reason: stopReason(reply.finish, said),
    stop_sequence: reply.finish?.sequence ?? null,
    usage: writeCounts(reply.usage),
  }
}

/** The name is the one the caller wrote: clients reckon prices and limits by it. */
export function messageHead(id: string | null, facts: AnswerFacts): Json {
  return {
    id: id?.startsWith('msg_') ? id : facts.newId('msg_'),
    type: 'message',
    role: 'assistant',
    model: facts.conversation.model,
  }
}

function blocks(part: OutputPart, facts: AnswerFacts): readonly Json[] {
  switch (part.kind) {
    case 'text':
    case 'refusal':
      return part.text === '' ? [] : [{ type: 'text', text: part.text }]
    case 'reasoning':
      if (part.sealed !== null) return [{ type: 'redacted_thinking', data: dataOfSealed(part.sealed) }]
      return part.text === '' && part.signature === null
        ? []
        : [{ type: 'thinking', thinking: part.text, signature: part.signature ?? '' }]
    case 'tool_call':
      return [
        {
          type: 'tool_use',
          id: part.id || facts.newId('toolu_'),
          name: part.name,
          input: toolInput(part.arguments),
        },
      ]
  }
}

/** The dialect wants an object. What a model wrote instead is kept under a name that says so; the tool refuses it. */
export function toolInput(text: string): Json {
  if (text.trim() === '') return {}
  return parsedObject(text) ?? { malformed_arguments: text }
}
