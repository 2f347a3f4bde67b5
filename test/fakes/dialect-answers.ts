/** Answers of the three APIs as their real servers write them: events of a stream, and the same in one piece. */
export type ApiName = 'chat' | 'responses' | 'messages'

export interface DialectAnswer {
  /** Appended to `/v1`. */
  readonly path: string
  /** Events in order; the first word is in the one at `firstWord`. */
  readonly events: readonly string[]
  readonly firstWord: number
  /** The event that ends it. */
  readonly terminal: string
  readonly whole: string
}

const named = (event: { readonly type: string; readonly [member: string]: unknown }): string =>
  `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`
const plain = (event: unknown): string => `data: ${JSON.stringify(event)}\n\n`

export function answersOf(model: string): Readonly<Record<ApiName, DialectAnswer>> {
  return { chat: chat(model), responses: responses(model), messages: messages(model) }
}

function chat(model: string): DialectAnswer {
  const base = { id: 'chatcmpl-1', created: 1, model }
  const chunk = (delta: object, finish: string | null = null) =>
    plain({ ...base, object: 'chat.completion.chunk', choices: [{ index: 0, delta, finish_reason: finish }] })
  const usage = { prompt_tokens: 7, completion_tokens: 2, total_tokens: 9 }
  const message = { role: 'assistant', content: 'Hello there' }
  return {
    path: '/chat/completions',
    events: [
      chunk({ role: 'assistant', content: '' }),
      chunk({ content: 'Hello' }),
      chunk({ content: ' there' }),
      chunk({}, 'stop'),
      plain({ ...base, object: 'chat.completion.chunk', choices: [], usage }),
    ],
    firstWord: 1,
    terminal: 'data: [DONE]\n\n',
    whole: JSON.stringify({
      ...base,
      object: 'chat.completion',
      choices: [{ index: 0, message, finish_reason: 'stop' }],
      usage,
    }),
  }
}

function messages(model: string): DialectAnswer {
  const usage = { input_tokens: 7, output_tokens: 2 }
  const head = { id: 'msg_1', type: 'message', role: 'assistant', model }
  const block = { type: 'text', text: '' }
  const delta = (text: string) => named({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } })
  return {
    path: '/messages',
    events: [
      named({ type: 'message_start', message: { ...head, content: [], stop_reason: null, usage } }),
      named({ type: 'content_block_start', index: 0, content_block: block }),
      delta('Hello'),
      delta(' there'),
      named({ type: 'content_block_stop', index: 0 }),
      named({ type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage }),
    ],
    firstWord: 2,
    terminal: named({ type: 'message_stop' }),
    whole: JSON.stringify({
      ...head,
      content: [{ type: 'text', text: 'Hello there' }],
      stop_reason: 'end_turn',
      stop_sequence: null,
      usage,
    }),
  }
}

function responses(model: string): DialectAnswer {
  const part = { type: 'output_text', text: 'Hello there', annotations: [] }
  const item = { id: 'msg_1', type: 'message', role: 'assistant', status: 'completed', content: [part] }
  const usage = { input_tokens: 7, output_tokens: 2, total_tokens: 9 }
  const at = { item_id: 'msg_1', output_index: 0, content_index: 0 }
  const response = (status: string, output: readonly unknown[]) => ({
    id: 'resp_1',
    object: 'response',
    created_at: 1,
    model,
    status,
    output,
    usage: status === 'completed' ? usage : null,
    error: null,
  })
  let sequence = 0
  const event = (type: string, more: object) => named({ type, sequence_number: sequence++, ...more })
  return {
    path: '/responses',
    events: [
      event('response.created', { response: response('in_progress', []) }),
      event('response.output_item.added', { output_index: 0, item: { ...item, status: 'in_progress', content: [] } }),
      event('response.content_part.added', { ...at, part: { ...part, text: '' } }),
      event('response.output_text.delta', { ...at, delta: 'Hello' }),
      event('response.output_text.delta', { ...at, delta: ' there' }),
      event('response.output_text.done', { ...at, text: 'Hello there' }),
      event('response.output_item.done', { output_index: 0, item }),
    ],
    firstWord: 3,
    terminal: event('response.completed', { response: response('completed', [item]) }),
    whole: JSON.stringify(response('completed', [item])),
  }
}
