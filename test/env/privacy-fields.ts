/** Every member of each dialect that can carry words, with `value` in it. Each body is one that the vendor takes. */
type Json = Readonly<Record<string, unknown>>

export interface Field {
  readonly name: string
  readonly path: string
  readonly body: Json
}

const parameters = { type: 'object', properties: { city: { type: 'string' } } }
const tool = (more: Json): Json => ({ type: 'function', function: { name: 'look', parameters, ...more } })
const call = (id: string, args: Json): Json => ({
  id,
  type: 'function',
  function: { name: 'look', arguments: JSON.stringify(args) },
})

export function fieldsWith(
  value: string,
  models: { readonly openai: string; readonly anthropic: string },
): readonly Field[] {
  return [
    ...chatFields(value).map(([name, body]) =>
      field('chat', '/v1/chat/completions', name, { model: models.openai, ...body }),
    ),
    ...responsesFields(value).map(([name, body]) =>
      field('responses', '/v1/responses', name, { model: models.openai, input: 'Hi', store: false, ...body }),
    ),
    ...messagesFields(value).map(([name, body]) =>
      field('messages', '/v1/messages', name, {
        model: models.anthropic,
        max_tokens: 100,
        messages: user('Hi'),
        ...body,
      }),
    ),
    ...plainFields(value).map(([name, path, body]) => field('plain', path, name, { model: models.openai, ...body })),
  ]
}

const field = (dialect: string, path: string, name: string, body: Json): Field => ({
  name: `${dialect} ${name}`,
  path,
  body,
})

const user = (content: unknown): readonly Json[] => [{ role: 'user', content }]

/** What a tool's schema can say. */
const schemas = (value: string): Readonly<Record<string, Json>> => ({
  'schema description': { ...parameters, description: `Ask ${value}` },
  'schema enum': { type: 'object', properties: { who: { type: 'string', enum: [value, 'nobody'] } } },
  'schema default': { type: 'object', properties: { who: { type: 'string', default: value } } },
  'schema examples': { type: 'object', properties: { who: { type: 'string', examples: [`to ${value}`] } } },
  'schema const': { type: 'object', properties: { who: { const: value } } },
  'schema title': { type: 'object', title: value, properties: {} },
})

const nested = (value: string): Json => ({ a: { b: [{ c: value }] }, packed: JSON.stringify({ inner: value }) })

function chatFields(value: string): readonly (readonly [string, Json])[] {
  const messages = user(`Hi`)
  const turns = (...more: readonly Json[]): Json => ({ messages: [...messages, ...more] })
  return [
    ['content', { messages: user(`Say ${value}.`) }],
    ['content part', { messages: user([{ type: 'text', text: `Say ${value}.` }]) }],
    ['system', { messages: [{ role: 'system', content: `You serve ${value}.` }, ...messages] }],
    ['developer', { messages: [{ role: 'developer', content: `You serve ${value}.` }, ...messages] }],
    ['assistant', turns({ role: 'assistant', content: `I know ${value}.` }, ...messages)],
    ['refusal', turns({ role: 'assistant', content: 'no', refusal: `Not ${value}.` }, ...messages)],
    ['name', { messages: [{ role: 'user', name: 'alice_brenner', content: `${value}` }] }],
    [
      'tool arguments',
      turns(
        { role: 'assistant', content: null, tool_calls: [call('call_1', nested(value))] },
        { role: 'tool', tool_call_id: 'call_1', content: 'done' },
      ),
    ],
    [
      'tool result',
      turns(
        { role: 'assistant', content: null, tool_calls: [call('call_1', { city: 'Bonn' })] },
        { role: 'tool', tool_call_id: 'call_1', content: JSON.stringify(nested(value)) },
      ),
    ],
    ['tool description', { messages, tools: [tool({ description: `Looks for ${value}.` })] }],
    ...Object.entries(schemas(value)).map(
      ([name, schema]) => [name, { messages, tools: [tool({ parameters: schema })] }] as const,
    ),
    ['user', { messages, user: value }],
    ['metadata value', { messages, metadata: { ticket: `of ${value}` } }],
    ['metadata name', { messages, metadata: { [value]: 'x' } }],
    ['stop', { messages, stop: [value] }],
    [
      'response_format',
      {
        messages,
        response_format: {
          type: 'json_schema',
          json_schema: { name: 'x', schema: { ...parameters, description: value } },
        },
      },
    ],
    ['prompt_cache_key', { messages, prompt_cache_key: value }],
    ['code', { messages: user(`\`\`\`ts\nconst to = "${value}"\n\`\`\``) }],
    ['csv', { messages: user(`id;to;when\n1;${value};today\n`) }],
    ['table', { messages: user(`| who | what |\n|---|---|\n| ${value} | x |`) }],
    ['json in text', { messages: user(JSON.stringify({ to: [value] })) }],
    ['escaped json in text', { messages: user(JSON.stringify(JSON.stringify({ to: value }))) }],
    ['long text', { messages: user(`${'All is well. '.repeat(8000)}${value} ${'So it is. '.repeat(8000)}`) }],
  ]
}

function responsesFields(value: string): readonly (readonly [string, Json])[] {
  const said = { type: 'function_call', call_id: 'call_1', name: 'look', arguments: JSON.stringify(nested(value)) }
  const tool_ = { type: 'function', name: 'look', parameters, strict: false }
  return [
    ['input', { input: `Say ${value}.` }],
    ['input part', { input: user([{ type: 'input_text', text: value }]) }],
    ['instructions', { instructions: `You serve ${value}.` }],
    [
      'function_call',
      { input: [...user('Hi'), said, { type: 'function_call_output', call_id: 'call_1', output: 'x' }] },
    ],
    [
      'function_call_output',
      {
        input: [
          ...user('Hi'),
          { ...said, arguments: '{}' },
          { type: 'function_call_output', call_id: 'call_1', output: JSON.stringify(nested(value)) },
        ],
      },
    ],
    ['tool description', { tools: [{ ...tool_, description: value }] }],
    ['metadata', { metadata: { who: value } }],
    ['user', { user: value }],
    ['safety_identifier', { safety_identifier: value }],
  ]
}

function messagesFields(value: string): readonly (readonly [string, Json])[] {
  const use = (input: Json): Json => ({
    role: 'assistant',
    content: [{ type: 'tool_use', id: 'toolu_1', name: 'look', input }],
  })
  const result = (content: unknown): Json => ({
    role: 'user',
    content: [{ type: 'tool_result', tool_use_id: 'toolu_1', content }],
  })
  const tools = [{ name: 'look', input_schema: parameters }]
  return [
    ['content', { messages: user(`Say ${value}.`) }],
    ['content block', { messages: user([{ type: 'text', text: value }]) }],
    ['system', { system: `You serve ${value}.` }],
    ['system block', { system: [{ type: 'text', text: `You serve ${value}.`, cache_control: { type: 'ephemeral' } }] }],
    ['tool_use input', { tools, messages: [...user('Hi'), use(nested(value)), result('done')] }],
    ['tool_result', { tools, messages: [...user('Hi'), use({ city: 'Bonn' }), result(`It is ${value}.`)] }],
    ['tool_result block', { tools, messages: [...user('Hi'), use({}), result([{ type: 'text', text: value }])] }],
    ['tool description', { tools: [{ ...tools[0], description: `Looks for ${value}.` }] }],
    ...Object.entries(schemas(value)).map(
      ([name, input_schema]) => [name, { tools: [{ name: 'look', input_schema }] }] as const,
    ),
    ['metadata user_id', { metadata: { user_id: value } }],
    ['stop_sequences', { stop_sequences: [value] }],
  ]
}

function plainFields(value: string): readonly (readonly [string, string, Json])[] {
  return [
    ['prompt', '/v1/completions', { prompt: `Say ${value}.` }],
    ['prompts', '/v1/completions', { prompt: ['Hi', value] }],
    ['input', '/v1/embeddings', { input: `Say ${value}.` }],
    ['inputs', '/v1/embeddings', { input: ['Hi', value] }],
    ['query', '/v1/rerank', { query: value, documents: ['x', 'y'] }],
    ['documents', '/v1/rerank', { query: 'x', documents: ['y', `of ${value}`] }],
  ]
}
