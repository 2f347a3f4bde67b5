import type { Ending } from './dialect-callers.ts'

/** What clients of Ollama ask on the listener that is theirs; without `stream` it would be a stream. */
export const ollamaCallers = {
  'ollama/chat': { path: '/api/chat', body: { messages: [{ role: 'user', content: 'Hi' }] }, mark: '"message"' },
  'ollama/generate': { path: '/api/generate', body: { prompt: 'Hi' }, mark: '"response"' },
} as const
export type OllamaCallerName = keyof typeof ollamaCallers

type Json = Readonly<Record<string, unknown>>

/** How Ollama's client sees the end: lines of JSON, the last of which is done or says what went wrong. */
export function ollamaEndingOf(
  caller: OllamaCallerName,
  got: { readonly isStream: boolean; readonly status: number; readonly text: string },
): Ending {
  const { isStream, status, text } = got
  const malformed = (why: string): Ending => `malformed: ${why}: ${text.slice(0, 200)}`
  if (status !== 200) return isErrorBody(json(text)) ? 'error' : malformed(`status ${status}`)
  if (!text.includes('"done":true') && !text.includes('"error"')) return malformed('no end')
  if (!isStream)
    return text.includes(ollamaCallers[caller].mark) && text.includes('Hello there')
      ? 'complete'
      : malformed('no words')
  if (!text.endsWith('\n')) return malformed('no line feed')
  const lines = text.slice(0, -1).split('\n').map(json)
  if (lines.includes(null)) return malformed('no JSON')
  const last = lines.at(-1) ?? null
  const ends = lines.filter((line) => line?.['done'] === true).length
  const faults = lines.filter((line) => line !== null && 'error' in line).length
  if (last?.['done'] === true && ends === 1 && faults === 0) return 'complete'
  return isErrorBody(last) && ends === 0 && faults === 1 ? 'error' : malformed(`${ends} ends, ${faults} errors`)
}

/** `{"error": "text"}` and nothing else. */
const isErrorBody = (body: Json | null): boolean =>
  body !== null && typeof body['error'] === 'string' && Object.keys(body).length === 1

function json(text: string): Json | null {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Json) : null
  } catch {
    return null
  }
}
