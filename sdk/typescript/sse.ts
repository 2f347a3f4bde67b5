/** One event of a server-sent event stream. */
export interface ServerSentEvent {
  readonly id: string | null
  readonly event: string
  readonly data: string
}

export type SseItem =
  | { readonly kind: 'event'; readonly event: ServerSentEvent }
  | { readonly kind: 'comment'; readonly text: string }

/** A single line or event longer than this is a broken stream, not an event. */
export const maxEventCharacters = 16 * 1024 * 1024

/**
 * Reads a body as server-sent events (HTML standard, "Interpreting an event stream"); comments are kept, because the
 * house tells in them why a model is not answering yet. An event without its blank line at the end is dropped, as the
 * standard says.
 */
export async function* readEvents(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<SseItem> {
  const parser = createSseParser()
  const decoder = new TextDecoder()
  for await (const chunk of chunks) yield* parser.push(decoder.decode(chunk, { stream: true }))
}

export function createSseParser(): { push(text: string): SseItem[] } {
  let rest = ''
  let id: string | null = null
  let event = ''
  let data: string[] = []
  let size = 0

  function take(line: string): SseItem | null {
    if (line === '') {
      const item: SseItem | null =
        data.length === 0 ? null : { kind: 'event', event: { id, event: event || 'message', data: data.join('\n') } }
      event = ''
      data = []
      size = 0
      return item
    }
    if (line.startsWith(':')) return { kind: 'comment', text: line.slice(1).trim() }
    const colon = line.indexOf(':')
    const name = colon < 0 ? line : line.slice(0, colon)
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '')
    size += value.length
    if (size > maxEventCharacters) throw new Error(`An event is longer than ${maxEventCharacters} characters.`)
    if (name === 'data') data.push(value)
    else if (name === 'event') event = value
    else if (name === 'id' && !value.includes('\0')) id = value
    return null
  }

  return {
    push(text) {
      rest += text
      if (rest.length > maxEventCharacters) throw new Error(`A line is longer than ${maxEventCharacters} characters.`)
      const items: SseItem[] = []
      for (;;) {
        const end = /\r\n|\n|\r(?!$)/.exec(rest)
        if (!end) return items
        const item = take(rest.slice(0, end.index))
        rest = rest.slice(end.index + end[0].length)
        if (item) items.push(item)
      }
    },
  }
}
