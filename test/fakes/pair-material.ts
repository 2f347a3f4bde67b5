import type { Json } from '#protocol/conversation/conversation.ts'

/** One turn of work in each caller's words: a system prompt, a picture, a tool that was called, and its result. */
const schema = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] }
const pixel = 'iVBORw0KGgo='
const call = '{"city":"Oslo"}'

export const requests: Readonly<Record<string, Json>> = {
  chat: {
    model: 'house',
    messages: [
      { role: 'system', content: 'Be brief.' },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'How is the weather here?' },
          { type: 'image_url', image_url: { url: `data:image/png;base64,${pixel}`, detail: 'low' } },
        ],
      },
      {
        role: 'assistant',
        content: null,
        tool_calls: [{ id: 'call_1', type: 'function', function: { name: 'weather', arguments: call } }],
      },
      { role: 'tool', tool_call_id: 'call_1', content: 'Rain' },
    ],
    tools: [{ type: 'function', function: { name: 'weather', description: 'Tells it.', parameters: schema } }],
    tool_choice: 'auto',
    parallel_tool_calls: false,
    max_completion_tokens: 100,
    temperature: 0.5,
    stop: ['END'],
    reasoning_effort: 'low',
    response_format: { type: 'json_schema', json_schema: { name: 'answer', schema, strict: true } },
    user: 'someone',
  },
  responses: {
    model: 'house',
    instructions: 'Be brief.',
    input: [
      {
        role: 'user',
        content: [
          { type: 'input_text', text: 'How is the weather here?' },
          { type: 'input_image', image_url: `data:image/png;base64,${pixel}`, detail: 'low' },
        ],
      },
      { type: 'function_call', call_id: 'call_1', name: 'weather', arguments: call },
      { type: 'function_call_output', call_id: 'call_1', output: 'Rain' },
    ],
    tools: [{ type: 'function', name: 'weather', description: 'Tells it.', parameters: schema, strict: false }],
    tool_choice: 'auto',
    parallel_tool_calls: false,
    max_output_tokens: 100,
    temperature: 0.5,
    reasoning: { effort: 'low', summary: 'auto' },
    text: { format: { type: 'json_schema', name: 'answer', schema, strict: true } },
    store: false,
  },
  messages: {
    model: 'house',
    system: [{ type: 'text', text: 'Be brief.', cache_control: { type: 'ephemeral' } }],
    messages: [
      {
        role: 'user',
        content: [
          { type: 'text', text: 'How is the weather here?' },
          { type: 'image', source: { type: 'base64', media_type: 'image/png', data: pixel } },
        ],
      },
      { role: 'assistant', content: [{ type: 'tool_use', id: 'toolu_1', name: 'weather', input: { city: 'Oslo' } }] },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_1', content: 'Rain', is_error: false }] },
    ],
    tools: [{ name: 'weather', description: 'Tells it.', input_schema: schema }],
    tool_choice: { type: 'auto', disable_parallel_tool_use: true },
    max_tokens: 2000,
    stop_sequences: ['END'],
    thinking: { type: 'enabled', budget_tokens: 1024 },
    metadata: { user_id: 'someone' },
  },
  ollama: {
    model: 'house',
    stream: true,
    messages: [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'How is the weather here?', images: [pixel] },
      { role: 'assistant', content: '', tool_calls: [{ function: { name: 'weather', arguments: { city: 'Oslo' } } }] },
      { role: 'tool', tool_name: 'weather', content: 'Rain' },
    ],
    tools: [{ type: 'function', function: { name: 'weather', description: 'Tells it.', parameters: schema } }],
    format: schema,
    think: true,
    options: { num_predict: 100, temperature: 0.5, stop: ['END'] },
  },
}

export type UpstreamName = 'chat' | 'responses' | 'messages'

interface Answer {
  readonly whole: string
  readonly stream: string
}

/** A thought, some words, a call: as each API says it, in one piece and as a stream. */
export const answers: Readonly<Record<UpstreamName, Answer>> = {
  chat: chatAnswer(),
  responses: responsesAnswer(),
  messages: messagesAnswer(),
}

function chatAnswer(): Answer {
  const usage = {
    prompt_tokens: 50,
    completion_tokens: 20,
    total_tokens: 70,
    prompt_tokens_details: { cached_tokens: 30 },
    completion_tokens_details: { reasoning_tokens: 5 },
  }
  const base = { id: 'chatcmpl-there', created: 1_700_000_000, model: 'model-there' }
  const tool = { id: 'call_9', type: 'function', function: { name: 'weather', arguments: '{"city":"Bergen"}' } }
  const message = { role: 'assistant', content: 'Let me look.', reasoning_content: 'Rain?', tool_calls: [tool] }
  const choice = { index: 0, message, finish_reason: 'tool_calls' }
  const part = (delta: object, finish: string | null = null) =>
    `data: ${JSON.stringify({ ...base, object: 'chat.completion.chunk', choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`
  const argument = (text: string) => part({ tool_calls: [{ index: 0, function: { arguments: text } }] })
  const begun = { index: 0, id: 'call_9', type: 'function', function: { name: 'weather', arguments: '' } }
  return {
    whole: JSON.stringify({ ...base, object: 'chat.completion', choices: [choice], usage }),
    stream:
      part({ role: 'assistant', content: '' }) +
      part({ reasoning_content: 'Rain?' }) +
      part({ content: 'Let me' }) +
      part({ content: ' look.' }) +
      part({ tool_calls: [begun] }) +
      argument('{"city":') +
      argument('"Bergen"}') +
      part({}, 'tool_calls') +
      `data: ${JSON.stringify({ ...base, object: 'chat.completion.chunk', choices: [], usage })}\n\n` +
      'data: [DONE]\n\n',
  }
}

function messagesAnswer(): Answer {
  const usage = { input_tokens: 20, cache_read_input_tokens: 30, cache_creation_input_tokens: 0, output_tokens: 20 }
  const head = { id: 'msg_there', type: 'message', role: 'assistant', model: 'model-there' }
  const content = [
    { type: 'thinking', thinking: 'Rain?', signature: 'c2ln' },
    { type: 'text', text: 'Let me look.' },
    { type: 'tool_use', id: 'toolu_9', name: 'weather', input: { city: 'Bergen' } },
  ]
  const event = (type: string, more: object) => `event: ${type}\ndata: ${JSON.stringify({ type, ...more })}\n\n`
  const start = (index: number, block: object) => event('content_block_start', { index, content_block: block })
  const delta = (index: number, part: object) => event('content_block_delta', { index, delta: part })
  const stop = (index: number) => event('content_block_stop', { index })
  return {
    whole: JSON.stringify({ ...head, content, stop_reason: 'tool_use', stop_sequence: null, usage }),
    stream:
      event('message_start', {
        message: { ...head, content: [], stop_reason: null, usage: { ...usage, output_tokens: 1 } },
      }) +
      start(0, { type: 'thinking', thinking: '', signature: '' }) +
      delta(0, { type: 'thinking_delta', thinking: 'Rain?' }) +
      delta(0, { type: 'signature_delta', signature: 'c2ln' }) +
      stop(0) +
      start(1, { type: 'text', text: '' }) +
      delta(1, { type: 'text_delta', text: 'Let me' }) +
      delta(1, { type: 'text_delta', text: ' look.' }) +
      stop(1) +
      start(2, { type: 'tool_use', id: 'toolu_9', name: 'weather', input: {} }) +
      delta(2, { type: 'input_json_delta', partial_json: '{"city":' }) +
      delta(2, { type: 'input_json_delta', partial_json: '"Bergen"}' }) +
      stop(2) +
      event('message_delta', {
        delta: { stop_reason: 'tool_use', stop_sequence: null },
        usage: { output_tokens: 20 },
      }) +
      event('message_stop', {}),
  }
}

function responsesAnswer(): Answer {
  const usage = {
    input_tokens: 50,
    input_tokens_details: { cached_tokens: 30 },
    output_tokens: 20,
    output_tokens_details: { reasoning_tokens: 5 },
    total_tokens: 70,
  }
  const thought = { id: 'rs_1', type: 'reasoning', summary: [{ type: 'summary_text', text: 'Rain?' }] }
  const words = { type: 'output_text', text: 'Let me look.', annotations: [] }
  const message = { id: 'msg_1', type: 'message', role: 'assistant', status: 'completed', content: [words] }
  const tool = {
    id: 'fc_1',
    type: 'function_call',
    status: 'completed',
    call_id: 'call_9',
    name: 'weather',
    arguments: '{"city":"Bergen"}',
  }
  const output = [thought, message, tool]
  const response = (status: string, more: object) => ({
    id: 'resp_there',
    object: 'response',
    created_at: 1_700_000_000,
    model: 'model-there',
    status,
    error: null,
    incomplete_details: null,
    ...more,
  })
  let sequence = 0
  const event = (type: string, more: object) =>
    `event: ${type}\ndata: ${JSON.stringify({ type, sequence_number: sequence++, ...more })}\n\n`
  const part = { item_id: 'msg_1', output_index: 1, content_index: 0 }
  const summary = { item_id: 'rs_1', output_index: 0, summary_index: 0 }
  const argument = { item_id: 'fc_1', output_index: 2 }
  return {
    whole: JSON.stringify(response('completed', { output, usage })),
    stream:
      event('response.created', { response: response('in_progress', { output: [] }) }) +
      event('response.output_item.added', { output_index: 0, item: { ...thought, summary: [] } }) +
      event('response.reasoning_summary_text.delta', { ...summary, delta: 'Rain?' }) +
      event('response.output_item.done', { output_index: 0, item: thought }) +
      event('response.output_item.added', {
        output_index: 1,
        item: { ...message, status: 'in_progress', content: [] },
      }) +
      event('response.content_part.added', { ...part, part: { ...words, text: '' } }) +
      event('response.output_text.delta', { ...part, delta: 'Let me' }) +
      event('response.output_text.delta', { ...part, delta: ' look.' }) +
      event('response.output_text.done', { ...part, text: 'Let me look.' }) +
      event('response.output_item.done', { output_index: 1, item: message }) +
      event('response.output_item.added', {
        output_index: 2,
        item: { ...tool, status: 'in_progress', arguments: '' },
      }) +
      event('response.function_call_arguments.delta', { ...argument, delta: '{"city":' }) +
      event('response.function_call_arguments.delta', { ...argument, delta: '"Bergen"}' }) +
      event('response.function_call_arguments.done', { ...argument, arguments: '{"city":"Bergen"}' }) +
      event('response.output_item.done', { output_index: 2, item: tool }) +
      event('response.completed', { response: response('completed', { output, usage }) }),
  }
}
