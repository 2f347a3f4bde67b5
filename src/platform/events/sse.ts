import type { BusEvent, EventBus } from './contract.ts'

export interface FeedOptions {
  readonly bus: EventBus
  /** The listener's last id, or null for one that comes for the first time. */
  readonly lastId: string | null
  /** The first event of every feed. */
  readonly hello: unknown
  /** A listener that leaves more than this unread is dropped; it comes back with its last id. */
  readonly maxUnreadBytes: number
  readonly heartbeatMs: number
  readonly signal: AbortSignal
  /** Called when the listener's key is revoked: the feed ends. */
  readonly onRevoke: (listener: () => void) => Disposable
  readonly filter: (event: BusEvent) => boolean
  /** Called once, when the feed has ended for whatever reason. */
  readonly onEnd?: () => void
}

const encoder = new TextEncoder()

/**
 * The bus as Server-Sent Events. Every feed begins with `hello`; a feed whose `lastId` is too old or of an earlier
 * process gets `reset`, which means: read the state anew, then follow. Comments keep proxies from closing a quiet feed.
 * `hello` and the comments carry the id up to which the listener has seen all that it wants: one that is told little,
 * or that is lost before its first event, comes back without a gap and without a `reset`.
 */
export function eventFeed(options: FeedOptions): Response {
  let close = (): void => {}
  const body = new ReadableStream<Uint8Array>(
    {
      start(controller) {
        const send = (text: string): void => {
          if ((controller.desiredSize ?? 0) <= 0) return close()
          controller.enqueue(encoder.encode(text))
        }
        const { bus } = options
        // A line `id:` without data moves the listener's place and is no event.
        const heartbeat = setInterval(() => send(`id: ${bus.lastId}\n: still here\n\n`), options.heartbeatMs)
        const subscription = bus.subscribe((event) => {
          if (options.filter(event)) send(formatEvent(event))
        })
        close = () => {
          close = () => {}
          clearInterval(heartbeat)
          subscription[Symbol.dispose]()
          // A key that is revoked already calls back at once, before there is anything to dispose.
          queueMicrotask(() => revocation[Symbol.dispose]())
          options.signal.removeEventListener('abort', onAbort)
          try {
            controller.close()
          } catch {
            // The listener has gone already; there is nobody left to tell.
          }
          options.onEnd?.()
        }
        const onAbort = (): void => close()
        options.signal.addEventListener('abort', onAbort)
        const revocation = options.onRevoke(onAbort)
        const missed = options.lastId === null ? [] : bus.since(options.lastId)
        const place = options.lastId !== null && missed !== null ? options.lastId : bus.lastId
        send(`retry: 1000\nid: ${place}\nevent: hello\ndata: ${JSON.stringify(options.hello)}\n\n`)
        if (missed === null) send('event: reset\ndata: {}\n\n')
        else for (const event of missed) if (options.filter(event)) send(formatEvent(event))
        if (options.signal.aborted) close()
      },
      cancel: () => close(),
    },
    new ByteLengthQueuingStrategy({ highWaterMark: options.maxUnreadBytes }),
  )
  return new Response(body, {
    headers: {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    },
  })
}

export function formatEvent(event: BusEvent): string {
  return `id: ${event.id}\nevent: ${event.type}\ndata: ${JSON.stringify(event.data)}\n\n`
}
