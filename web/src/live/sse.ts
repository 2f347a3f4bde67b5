/**
 * What a stream of server-sent events holds, as the HTML standard reads it; comments are kept, because Hearth speaks
 * in them.
 */
export type SseItem =
  | { readonly kind: 'event'; readonly event: string; readonly data: string; readonly id: string | null }
  | { readonly kind: 'comment'; readonly text: string }
  /** One event was longer than the limit and was left out. */
  | { readonly kind: 'overflow' }

export interface SseReader {
  /** Text as it arrived, cut anywhere. */
  push(text: string): readonly SseItem[]
  /** The stream is over. An event whose blank line never came is still given: upstreams forget it after `[DONE]`. */
  end(): readonly SseItem[]
}

const longestEvent = 4 * 1024 * 1024

/** One reader reads one stream. Lines end with LF, CRLF or CR, also when a chunk ends between the two. */
export function createSseReader(limit: number = longestEvent): SseReader {
  let rest = ''
  let isFirst = true
  let endedWithCr = false
  let pending = emptyEvent()

  function takeLine(line: string, items: SseItem[]): void {
    if (line === '') {
      flush(items)
      return
    }
    if (line.startsWith(':')) {
      items.push({ kind: 'comment', text: line.slice(1).trim() })
      return
    }
    const colon = line.indexOf(':')
    const field = colon === -1 ? line : line.slice(0, colon)
    const value = colon === -1 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1)
    if (field === 'event') pending.event = value
    else if (field === 'id' && !value.includes('\0')) pending.id = value
    else if (field === 'data') {
      pending.size += value.length
      if (pending.size <= limit) pending.data.push(value)
    }
  }

  function flush(items: SseItem[]): void {
    const { data, event, id, size } = pending
    pending = emptyEvent()
    if (size > limit) items.push({ kind: 'overflow' })
    else if (data.length > 0) items.push({ kind: 'event', event: event || 'message', data: data.join('\n'), id })
  }

  return {
    push(text) {
      if (text === '') return []
      let fresh = isFirst && text.startsWith('\uFEFF') ? text.slice(1) : text
      isFirst = false
      if (endedWithCr && fresh.startsWith('\n')) fresh = fresh.slice(1)
      endedWithCr = text.endsWith('\r')
      const lines = (rest + fresh).split(/\r\n|\n|\r/)
      rest = lines.pop() ?? ''
      const items: SseItem[] = []
      for (const line of lines) takeLine(line, items)
      if (rest.length > limit) {
        rest = ''
        pending.size = limit + 1
      }
      return items
    },
    end() {
      const items: SseItem[] = []
      if (rest !== '') takeLine(rest, items)
      rest = ''
      flush(items)
      return items
    },
  }
}

function emptyEvent(): { event: string; data: string[]; id: string | null; size: number } {
  return { event: '', data: [], id: null, size: 0 }
}
