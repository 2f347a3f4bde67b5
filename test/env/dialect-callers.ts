/** What callers of every dialect ask, and how their clients take what comes back. */
export const callers = {
  chat: { path: '/v1/chat/completions', body: { messages: [{ role: 'user', content: 'Hi' }] } },
  responses: { path: '/v1/responses', body: { input: 'Hi', store: false } },
  messages: { path: '/v1/messages', body: { messages: [{ role: 'user', content: 'Hi' }], max_tokens: 50 } },
} as const
export type CallerName = keyof typeof callers

export type Ending = 'complete' | 'error' | `malformed: ${string}`

type Json = Readonly<Record<string, unknown>>

/** How a client of the dialect sees the end of what it got. Every event must be one that it can read. */
export function endingOf(
  caller: CallerName,
  got: { readonly isStream: boolean; readonly status: number; readonly text: string; readonly words?: string },
): Ending {
  if (got.status !== 200) return isErrorBody(caller, json(got.text)) ? 'error' : `malformed: ${got.text.slice(0, 200)}`
  if (!got.isStream)
    return hasWords(caller, json(got.text), got.words) ? 'complete' : `malformed: ${got.text.slice(0, 200)}`
  const text = got.text.replaceAll(/\r\n|\r/g, '\n')
  if (!text.endsWith('\n\n')) return `malformed: ends in ${JSON.stringify(text.slice(-40))}`
  const events = text
    .slice(0, -2)
    .split('\n\n')
    .filter((event) => !event.startsWith(':'))
  const read = events.map(readEvent)
  if (read.some((event) => event === null)) return `malformed: ${events[read.indexOf(null)]?.slice(0, 200) ?? ''}`
  return streamEnding(caller, read as readonly Read[])
}

/** The same for streams whose middle nobody vouches for: only how the last of it ends. */
export function lastEndingOf(caller: CallerName, text: string): Ending {
  const lines = text.replaceAll(/\r\n|\r/g, '\n')
  const events = lines.split('\n\n').filter((event) => /^data:/m.test(event))
  // What is named wrongly is the upstream's own, and clients look at the data.
  const read = readEvent((events.at(-1) ?? '').replace(/^event:.*\n/m, ''))
  if (read === null || !lines.endsWith('\n\n')) return `malformed: ends in ${JSON.stringify(lines.slice(-200))}`
  if (terminals[caller](read)) return 'complete'
  return errors[caller](read) ? 'error' : `malformed: last ${JSON.stringify(read).slice(0, 200)}`
}

interface Read {
  readonly name: string | null
  readonly data: 'done' | Json
}

function readEvent(event: string): Read | null {
  const lines = event.split('\n')
  const name = lines.find((line) => line.startsWith('event: '))?.slice(7) ?? null
  const data = lines.filter((line) => line.startsWith('data:')).map((line) => line.slice(5).trimStart())
  if (data.join('\n') === '[DONE]') return { name, data: 'done' }
  const parsed = json(data.join('\n'))
  return parsed === null || (name !== null && parsed['type'] !== name) ? null : { name, data: parsed }
}

const terminals: Readonly<Record<CallerName, (last: Read) => boolean>> = {
  chat: ({ data }) => data === 'done',
  responses: ({ data }) =>
    data !== 'done' && (data['type'] === 'response.completed' || data['type'] === 'response.incomplete'),
  messages: ({ data }) => data !== 'done' && data['type'] === 'message_stop',
}

const errors: Readonly<Record<CallerName, (last: Read) => boolean>> = {
  chat: ({ data }) => data !== 'done' && typeof data['error'] === 'object',
  responses: ({ data }) => data !== 'done' && (data['type'] === 'error' || data['type'] === 'response.failed'),
  messages: ({ data }) => data !== 'done' && data['type'] === 'error',
}

/** The end is where it belongs, once, and nothing comes behind it. */
function streamEnding(caller: CallerName, events: readonly Read[]): Ending {
  const ends = events.filter(terminals[caller]).length
  const faults = events.filter(errors[caller]).length
  const last = events.at(-1)
  if (last !== undefined && terminals[caller](last) && ends === 1 && faults === 0) return 'complete'
  if (last !== undefined && errors[caller](last) && ends === 0) return 'error'
  return `malformed: ${ends} ends, ${faults} errors, last ${JSON.stringify(last).slice(0, 200)}`
}

function isErrorBody(caller: CallerName, body: Json | null): boolean {
  const error = body?.['error'] as Json | undefined
  return typeof error?.['message'] === 'string' && (caller !== 'messages' || body?.['type'] === 'error')
}

function hasWords(caller: CallerName, body: Json | null, words = 'Hello there'): boolean {
  const text = JSON.stringify(body ?? {})
  const mark = { chat: '"choices"', responses: '"output"', messages: '"content"' }[caller]
  return text.includes(mark) && text.includes(words)
}

function json(text: string): Json | null {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Json) : null
  } catch {
    return null
  }
}
