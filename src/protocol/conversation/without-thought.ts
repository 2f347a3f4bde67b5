import type { OutputPart, Reply } from './conversation.ts'
import { createThinkSplitter } from './think-split.ts'

/** A reply whose `<think>…</think>` stands apart from its words. */
export function withoutThought(reply: Reply): Reply {
  const splitter = createThinkSplitter()
  const parts = reply.parts.flatMap((part): readonly OutputPart[] =>
    part.kind === 'text' ? apart(splitter.push(part.text)) : [part],
  )
  return { ...reply, parts: [...parts, ...apart(splitter.flush())] }
}

function apart({ reasoning, content }: { readonly reasoning: string; readonly content: string }): OutputPart[] {
  const parts: OutputPart[] = []
  if (reasoning !== '') parts.push({ kind: 'reasoning', text: reasoning, signature: null, sealed: null })
  if (content !== '') parts.push({ kind: 'text', text: content })
  return parts
}
