import { errorOf } from '../../api/client.ts'
import type { Waiting } from '../../api/types.ts'
import { createSseReader } from '../../live/sse.ts'
import { type ChatStep, readItem, readWaiting } from './chat-reader.ts'

/** How long a 503 that says "loading" is answered by asking again. */
const longestWaitMs = 15 * 60_000
const shortestRetryMs = 1_000
const longestRetryMs = 15_000

interface Asking {
  readonly signal: AbortSignal
  onWaiting(waiting: Waiting): void
  onSignedOut(): void
}

/** Asks until the model is there, a refusal is final, or somebody stops it. */
export async function openChat(body: string, asking: Asking): Promise<Response> {
  const giveUpAt = Date.now() + longestWaitMs
  const { signal } = asking
  for (;;) {
    const init = { method: 'POST', body, signal, headers: { 'content-type': 'application/json' } }
    const response = await fetch('/v1/chat/completions', init)
    if (response.ok) return response
    const error = await errorOf(response)
    const waiting = readWaiting(error.body.loading)
    if (response.status !== 503 || !waiting || Date.now() > giveUpAt) {
      if (response.status === 401) asking.onSignedOut()
      throw error
    }
    asking.onWaiting(waiting)
    await pause(Math.min(longestRetryMs, Math.max(shortestRetryMs, error.retryAfterMs ?? 0)), signal)
  }
}

export async function readAnswer(response: Response, note: (step: ChatStep) => void): Promise<void> {
  if (!response.body) return
  const events = createSseReader()
  const decoder = new TextDecoder()
  const reader = response.body.getReader()
  for (;;) {
    const { done, value } = await reader.read()
    if (done) break
    for (const item of events.push(decoder.decode(value, { stream: true })))
      for (const step of readItem(item)) note(step)
  }
  for (const item of events.end()) for (const step of readItem(item)) note(step)
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms)
    signal.addEventListener('abort', () => {
      clearTimeout(timer)
      reject(new DOMException('Stopped', 'AbortError'))
    })
  })
}
