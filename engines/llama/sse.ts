import { errorBody, toApiError } from './errors.ts'

/** Where a running answer writes its events. */
export interface EventSink {
  send(value: unknown): void
  /** Resolves when the reader has taken enough of what was sent, or is gone; undefined = now. */
  ready(): Promise<void> | undefined
}

const maxBufferedBytes = 64 * 1024
/** A reader that takes nothing for this long is gone, whatever its socket says: a slot is worth more. */
const defaultStallMs = 60_000

/**
 * OpenAI's event stream: one `data:` line per value, `[DONE]` at the end. An error after the beginning is the last
 * event, and there is no `[DONE]` then. `abort` is aborted when the reader goes or stalls, and whoever waits for it
 * goes on.
 */
export function eventStream(
  produce: (sink: EventSink) => Promise<void>,
  abort: AbortController,
  stallMs = defaultStallMs,
): Response {
  const encoder = new TextEncoder()
  let wake: (() => void) | null = null
  let isOpen = true
  const hangUp = (why: string): void => abort.abort(new DOMException(why, 'AbortError'))
  abort.signal.addEventListener('abort', () => wake?.(), { once: true })
  const waitForReader = (): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(() => hangUp('The client stopped reading.'), stallMs)
      wake = () => {
        clearTimeout(timer)
        wake = null
        resolve()
      }
    })
  const stream = new ReadableStream<Uint8Array>(
    {
      start(controller) {
        const write = (text: string): void => {
          if (isOpen) controller.enqueue(encoder.encode(text))
        }
        const isFull = (): boolean => isOpen && !abort.signal.aborted && (controller.desiredSize ?? 0) <= 0
        const end = (): void => {
          if (isOpen) controller.close()
          isOpen = false
        }
        void produce({
          send: (value) => write(`data: ${JSON.stringify(value)}\n\n`),
          ready: () => (isFull() ? waitForReader() : undefined),
        })
          .then(() => write('data: [DONE]\n\n'))
          .catch((thrown: unknown) => write(`data: ${JSON.stringify(errorBody(toApiError(thrown)))}\n\n`))
          .finally(end)
      },
      pull: () => wake?.(),
      cancel() {
        isOpen = false
        hangUp('The client hung up.')
      },
    },
    new ByteLengthQueuingStrategy({ highWaterMark: maxBufferedBytes }),
  )
  return new Response(stream, {
    headers: { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' },
  })
}
