/** Streams as clouds send them, and what a client makes of them. */

const encoder = new TextEncoder()
const decoder = new TextDecoder()

export const bytesOf = (text: string): Uint8Array => encoder.encode(text)
export const textOf = (bytes: Uint8Array): string => decoder.decode(bytes)

export interface SentEvent {
  readonly event?: string
  readonly data: unknown
}

/** The events on the wire; a text as data stands as it is. */
export const wireOf = (events: readonly SentEvent[], eol = '\n'): string =>
  events
    .map(({ event, data }) => {
      const text = typeof data === 'string' ? data : JSON.stringify(data)
      return `${event === undefined ? '' : `event: ${event}${eol}`}data: ${text}${eol}${eol}`
    })
    .join('')

/** The data of every event, read without the code under test. */
export const datasOf = (wire: string): readonly unknown[] =>
  wire
    .split(/(?:\r\n|\n|\r){2}/)
    .map((event) =>
      event
        .split(/\r\n|\n|\r/)
        .filter((line) => line.startsWith('data:'))
        .map((line) => line.slice(5))
        .join('\n')
        .trim(),
    )
    .filter((data) => data !== '' && data !== '[DONE]')
    .map((data) => JSON.parse(data) as unknown)

type Json = Readonly<Record<string, unknown>>

/** Puts the pieces of a chat's stream together, as clients do: by choice, and by call. */
export function chatOf(wire: string): Readonly<Record<string, string>> {
  const texts: Record<string, string> = {}
  const add = (key: string, text: unknown): void => {
    if (typeof text === 'string') texts[key] = (texts[key] ?? '') + text
  }
  for (const event of datasOf(wire) as readonly { readonly choices?: readonly Json[] }[])
    for (const { index, delta, text } of event.choices ?? []) {
      add(`${index} text`, text)
      const { content, reasoning_content, refusal, audio, tool_calls, function_call } = (delta ?? {}) as Json
      add(`${index} content`, content)
      add(`${index} reasoning`, reasoning_content)
      add(`${index} refusal`, refusal)
      add(`${index} audio`, (audio as Json | undefined)?.transcript)
      add(`${index} call`, (function_call as Json | undefined)?.arguments)
      for (const call of (tool_calls ?? []) as readonly { readonly index: number; readonly function?: Json }[]) {
        add(`${index} name ${call.index}`, call.function?.name)
        add(`${index} arguments ${call.index}`, call.function?.arguments)
      }
    }
  return texts
}

/** The same of Messages: by block. */
export function messagesOf(wire: string): Readonly<Record<string, string>> {
  const texts: Record<string, string> = {}
  for (const event of datasOf(wire) as readonly Json[]) {
    const { type, text, thinking, partial_json, signature } = (event.delta ?? event.content_block ?? {}) as Json
    if (typeof event.index !== 'number') continue
    const key = String(event.index)
    for (const piece of [text, thinking, partial_json])
      if (typeof piece === 'string') texts[key] = (texts[key] ?? '') + piece
    if (type === 'signature_delta' && typeof signature === 'string') texts[`${key} signature`] = signature
  }
  return texts
}

/** The same of Responses: what the deltas say, by their type and place, and what is told whole. */
export function responsesOf(wire: string): {
  readonly said: Readonly<Record<string, string>>
  readonly whole: readonly string[]
  readonly numbers: readonly unknown[]
} {
  const said: Record<string, string> = {}
  const whole: string[] = []
  const numbers: unknown[] = []
  for (const event of datasOf(wire) as readonly Json[]) {
    numbers.push(event.sequence_number)
    const type = String(event.type)
    const key = `${event.output_index} ${type.replace(/^response\.|\.delta$/g, '')}`
    if (type.endsWith('.delta')) said[key] = (said[key] ?? '') + String(event.delta)
    else whole.push(JSON.stringify(event))
  }
  return { said, whole, numbers }
}
