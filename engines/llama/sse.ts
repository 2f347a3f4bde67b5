import { errorBody, toApiError } from './errors.ts'

/** Where a running answer writes its events. */
export interface EventSink {
  send(value: unknown): void
  /** Resolves when the reader has taken enough of what was sent; undefined = now. */
  ready(): Promise<void> | undefined
}

const maxBufferedBytes = 64 * 1024
/** A reader that takes nothing for this long is gone, whatever its socket says: a slot is worth more. */
const stalledReaderMs = 60_000

/**
 * OpenAI's event stream: one `data:` line per value, `[DONE]` at the end. `produce` ends when it has sent everything;
 * `hangUp` is called when the reader goes. An error after the beginning is the last event (and there is no `[DONE]`).
 */
export function eventStream(produce: (sink: EventSink) => Promise<void>, hangUp: () => void): Response {
  const encoder = new TextEncoder()
  let wake: (() => void) | null = null
  let isOpen = true
  const stream = new ReadableStream<Uint8Array>(
    {
      start(controller) {
        const write = (text: string): void => {
          if (isOpen) controller.enqueue(encoder.encode(text))
        }
        const sink: EventSink = {
          send: (value) => write(`data: ${JSON.stringify(value)}\n\n`),
          ready() {
            if (!isOpen || (controller.desiredSize ?? 0) > 0) return undefined
            return new Promise((resolve) => {
              const timer = setTimeout(hangUp, stalledReaderMs)
              wake = () => {
                clearTimeout(timer)
                wake = null
                resolve()
              }
            })
          },
        }
        void produce(sink)
          .then(() => write('data: [DONE]\n\n'))
          .catch((thrown: unknown) => write(`data: ${JSON.stringify(errorBody(toApiError(thrown)))}\n\n`))
          .finally(() => {
            if (isOpen) controller.close()
            isOpen = false
          })
      },
      pull: () => wake?.(),
      cancel() {
        isOpen = false
        hangUp()
        wake?.()
      },
    },
    new ByteLengthQueuingStrategy({ highWaterMark: maxBufferedBytes }),
  )
  return new Response(stream, {
    headers: { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' },
  })
}
