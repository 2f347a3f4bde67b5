import type { Exchange } from '#passage/exchange.ts'
import type { Interruptions } from './interruptions.ts'

/** Aborted when whoever waits has to leave: the caller hung up, its key was revoked, the house closes. */
export interface Leaving extends Disposable {
  readonly signal: AbortSignal
}

export function leavingOf(
  exchange: Exchange,
  { signal, interruptions }: { readonly signal: AbortSignal; readonly interruptions: Interruptions },
): Leaving {
  const leave = new AbortController()
  const onAbort = (): void => leave.abort()
  signal.addEventListener('abort', onAbort, { once: true })
  if (signal.aborted) leave.abort()
  exchange.hold(onAbort)
  const listening = interruptions.listen(exchange.caller, onAbort)
  return {
    signal: leave.signal,
    [Symbol.dispose]() {
      signal.removeEventListener('abort', onAbort)
      listening[Symbol.dispose]()
    },
  }
}
