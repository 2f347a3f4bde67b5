import type { Delta, OutputPart } from '../../conversation/conversation.ts'

/** A whole part as the deltas that it would have streamed as. */
export function deltasOf(part: OutputPart, nextCall: () => number): readonly Delta[] {
  switch (part.kind) {
    case 'text':
    case 'refusal':
      return [{ kind: part.kind, text: part.text }]
    case 'reasoning':
      return [
        { kind: 'reasoning', text: part.text },
        { kind: 'reasoning_end', signature: part.signature, sealed: part.sealed },
      ]
    case 'tool_call': {
      const index = nextCall()
      return [
        { kind: 'tool_call', index, id: part.id, name: part.name },
        { kind: 'arguments', index, text: part.arguments },
      ]
    }
  }
}
