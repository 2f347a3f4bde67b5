/** The fake's event stream: ids count up, old ones are kept, an unknown id is answered by `reset`. */
export interface Feed {
  emit(type: string, data: unknown): void
  open(request: Request): Response
  /** Cuts all streams; new ones may be opened. */
  cut(): void
  close(): void
  readonly listeners: number
}

export function createFeed(hello: unknown): Feed {
  const encoder = new TextEncoder()
  const past: { readonly id: number; readonly text: string }[] = []
  const open = new Set<ReadableStreamDefaultController<Uint8Array>>()

  function cut(): void {
    for (const controller of open) {
      try {
        controller.close()
      } catch {
        // its reader has gone already
      }
    }
    open.clear()
  }

  return {
    get listeners() {
      return open.size
    },
    emit(type, data) {
      const id = past.length + 1
      const text = `id: fake-${id}\nevent: ${type}\ndata: ${JSON.stringify(data)}\n\n`
      past.push({ id, text })
      for (const controller of open) controller.enqueue(encoder.encode(text))
    },
    open(request) {
      const last = request.headers.get('last-event-id')
      const after = last === null ? past.length : Number(/^fake-(\d+)$/.exec(last)?.[1] ?? Number.NaN)
      let mine: ReadableStreamDefaultController<Uint8Array> | null = null
      const body = new ReadableStream<Uint8Array>({
        start(controller) {
          mine = controller
          open.add(controller)
          const first = `:\n\nevent: hello\ndata: ${JSON.stringify(hello)}\n\n`
          controller.enqueue(encoder.encode(first))
          if (Number.isNaN(after)) controller.enqueue(encoder.encode('event: reset\ndata: {}\n\n'))
          for (const event of past) if (event.id > after) controller.enqueue(encoder.encode(event.text))
        },
        cancel() {
          if (mine) open.delete(mine)
        },
      })
      return new Response(body, { headers: { 'content-type': 'text/event-stream' } })
    },
    cut,
    close: cut,
  }
}
