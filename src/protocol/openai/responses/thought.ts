import type { Json, ReasoningPart } from '../../conversation/conversation.ts'
import { objectsOf, textOf, textOrEmpty } from '../../json/members.ts'

/**
 * A thought's opaque part. This dialect has one member for it, `encrypted_content`; the signature of a vendor that has
 * both goes in there with a mark, so that it comes back to that vendor with the next request.
 */
interface Opaque {
  readonly signature: string | null
  readonly sealed: string | null
}

const mark = 'hearth-signature:'

export function seal({ signature, sealed }: Opaque): string | null {
  // A vendor that gives a signature gives the thought in clear beside it: there is nothing sealed to lose.
  return sealed ?? (signature === null || signature === '' ? null : mark + signature)
}

export function openSealed(content: string | null): Opaque {
  if (content === null || content === '') return { signature: null, sealed: null }
  return content.startsWith(mark)
    ? { signature: content.slice(mark.length), sealed: null }
    : { signature: null, sealed: content }
}

export const readThought = (item: Json): ReasoningPart => ({
  kind: 'reasoning',
  text: thoughtOf(item),
  ...openSealed(textOf(item.encrypted_content)),
})

/** The thought in clear where it is given, its summary elsewhere: the summary says less. */
export const thoughtOf = (item: Json): string => textsOf(item.content) || textsOf(item.summary)

const textsOf = (member: unknown): string =>
  objectsOf(member)
    .map((part) => textOrEmpty(part.text))
    .filter((text) => text !== '')
    .join('\n\n')
