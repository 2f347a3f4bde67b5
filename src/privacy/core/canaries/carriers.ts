import { base64Of } from '../leak/forms.ts'
import type { Random } from './random.ts'

/** A place in a request of some dialect that can carry words. */
export interface Carrier {
  /** `chat.tool-arguments`. */
  readonly id: string
  /**
   * Whether what is written there is to come back in an echo as it was: not, where it is replaced as a whole, encoded,
   * or refused.
   */
  readonly isEchoed: boolean
  /** It encodes what it carries once more: codes within codes within codes are not claimed to be read. */
  readonly isEncoding?: boolean
  /** Slow: of a hundred cases one is enough. */
  readonly isLarge?: boolean
  build(text: string, random: Random): Carried
}

export interface Carried {
  /** Below the base address, with its query. */
  readonly path: string
  readonly body: unknown
}

type Json = Readonly<Record<string, unknown>>

const encoder = new TextEncoder()
const ascii = (bytes: Uint8Array): string => {
  let text = ''
  for (const byte of bytes) text += String.fromCharCode(byte)
  return text
}
const base64 = (text: string): string => ascii(base64Of(encoder.encode(text)))
const model = { model: 'captive' }
const hello = [{ role: 'user', content: 'Hello.' }]
const emptySchema = { type: 'object', properties: {} }

/** Everything a schema of a tool or of an answer can say in words. */
const schemas: Readonly<Record<string, (text: string) => Json>> = {
  description: (text) => ({ ...emptySchema, description: text }),
  title: (text) => ({ ...emptySchema, title: text }),
  enum: (text) => ({ type: 'object', properties: { who: { type: 'string', enum: ['nobody', text] } } }),
  const: (text) => ({ type: 'object', properties: { who: { const: text } } }),
  default: (text) => ({ type: 'object', properties: { who: { type: 'string', default: text } } }),
  examples: (text) => ({ type: 'object', properties: { who: { type: 'string', examples: [text] } } }),
  'property-description': (text) => ({ type: 'object', properties: { who: { type: 'string', description: text } } }),
  'property-name': (text) => ({ type: 'object', properties: { [text]: { type: 'string' } } }),
}

/** JSON in JSON in JSON, as tools write it. */
const nested = (text: string): string =>
  JSON.stringify({ step: 1, inner: JSON.stringify({ list: [JSON.stringify({ value: text, more: { again: text } })] }) })

/** Texts of other kinds than prose. */
const documents: Readonly<Record<string, (text: string, random: Random) => string>> = {
  code: (text) => `\`\`\`python\n# config\nVALUE = ${JSON.stringify(text)}\nprint(VALUE)\n\`\`\``,
  csv: (text) => `id;value;price\n17;"${text.replaceAll('"', '""')}";3.50\n18;none;4.00`,
  log: (text) => `2026-03-01T10:00:00.123Z INFO [http-nio-8080] handler - took 12 ms ${text}\n\tat a.b.C(D.java:17)`,
  table: (text) => `| key | value |\n|---|---|\n| a | ${text} |\n`,
  yaml: (text) => `service:\n  replicas: 2\n  note: ${JSON.stringify(text)}\n`,
  html: (text) => `<p class="x">${text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')}</p>`,
  'json-keys': (text) => JSON.stringify({ [text]: true }),
  'base64-attachment': (text) => `Content-Transfer-Encoding: base64\n\n${base64(`Report\n${text}\nEnd of report.`)}`,
  'url-query': (text) => `https://intranet.example.com/search?page=2&q=${encodeURIComponent(text)}#top`,
}

/** So many characters of prose with nothing in it. */
function prose(length: number): string {
  const sentence = 'The train was late again and nobody in the hall knew when the next one would leave. '
  return sentence.repeat(Math.ceil(length / sentence.length)).slice(0, length)
}

/** Parts that readers cut texts into end at such places. */
const borders = [256, 400, 1024, 1440, 1600, 4096, 65_536] as const

const chatMessage = (id: string, message: (text: string, random: Random) => Json, isEchoed = true): Carrier => ({
  id: `chat.${id}`,
  isEchoed,
  build: (text, random) => ({
    path: '/chat/completions',
    body: { ...model, messages: [...hello, message(text, random)] },
  }),
})

const chatMember = (id: string, members: (text: string) => Json, isEchoed = true): Carrier => ({
  id: `chat.${id}`,
  isEchoed,
  build: (text) => ({ path: '/chat/completions', body: { ...model, messages: hello, ...members(text) } }),
})

const call = (args: string): Json => ({
  role: 'assistant',
  content: null,
  tool_calls: [{ id: 'call_1', type: 'function', function: { name: 'look_up', arguments: args } }],
})

const chatCarriers: readonly Carrier[] = [
  chatMessage('user', (text) => ({ role: 'user', content: text })),
  chatMessage('system', (text) => ({ role: 'system', content: text })),
  chatMessage('developer', (text) => ({ role: 'developer', content: text })),
  chatMessage('assistant', (text) => ({ role: 'assistant', content: text })),
  chatMessage('parts', (text) => ({
    role: 'user',
    content: [
      { type: 'text', text: 'Look:' },
      { type: 'text', text },
    ],
  })),
  chatMessage('refusal', (text) => ({ role: 'assistant', content: [{ type: 'refusal', refusal: text }] })),
  chatMessage('reasoning', (text) => ({ role: 'assistant', content: 'Yes.', reasoning_content: text })),
  chatMessage('tool-arguments', (text) => call(JSON.stringify({ query: text }))),
  chatMessage('tool-arguments-nested', (text) => call(nested(text))),
  chatMessage('tool-arguments-text', (text) => call(text)),
  chatMessage('tool-result', (text) => ({ role: 'tool', tool_call_id: 'call_1', content: text })),
  chatMessage('tool-result-json', (text) => ({ role: 'tool', tool_call_id: 'call_1', content: nested(text) })),
  chatMessage('name', (text) => ({ role: 'user', name: text, content: 'Hi.' }), false),
  chatMessage(
    'image-url',
    (text) => ({
      role: 'user',
      content: [
        { type: 'image_url', image_url: { url: `https://img.example.com/a.png?t=${encodeURIComponent(text)}` } },
      ],
    }),
    false,
  ),
  chatMessage(
    'file-name',
    (text) => ({
      role: 'user',
      content: [{ type: 'file', file: { filename: `Note (${text}).txt`, file_id: 'file-1' } }],
    }),
    false,
  ),
  chatMessage('unknown-part', (text) => ({
    role: 'user',
    content: [{ type: 'hologram', hologram: { caption: text } }],
  })),
  ...Object.entries(documents).map(([id, write]) =>
    chatMessage(id, (text, random) => ({ role: 'user', content: write(text, random) }), false),
  ),
  chatMember('user-id', (text) => ({ user: text }), false),
  chatMember('metadata-value', (text) => ({ metadata: { note: text } })),
  chatMember('metadata-key', (text) => ({ metadata: { [text]: 'x' } }), false),
  chatMember('stop', (text) => ({ stop: ['END', text] })),
  chatMember('prediction', (text) => ({ prediction: { type: 'content', content: text } })),
  chatMember('prediction-parts', (text) => ({ prediction: { type: 'content', content: [{ type: 'text', text }] } })),
  chatMember('tool-description', (text) => ({
    tools: [{ type: 'function', function: { name: 'f', description: text, parameters: emptySchema } }],
  })),
  chatMember('unknown-member', (text) => ({ provider_options: { deep: { list: [{ note: text }] } } })),
  ...Object.entries(schemas).flatMap(([id, schema]) => [
    chatMember(
      `tool-schema-${id}`,
      (text) => ({ tools: [{ type: 'function', function: { name: 'f', parameters: schema(text) } }] }),
      id !== 'property-name',
    ),
    chatMember(
      `answer-schema-${id}`,
      (text) => ({ response_format: { type: 'json_schema', json_schema: { name: 'answer', schema: schema(text) } } }),
      id !== 'property-name',
    ),
  ]),
  ...borders.map((border) =>
    chatMessage(`at-${border}`, (text, random) => {
      const before = Math.max(0, border - random.below(text.length + 1))
      return { role: 'user', content: `${prose(before)} ${text} ${prose(200)}` }
    }),
  ),
  {
    ...chatMessage('long', (text) => ({ role: 'user', content: `${prose(400_000)} ${text} ${prose(400_000)}` })),
    isLarge: true,
  },
]

const completions = (
  id: string,
  prompt: (text: string) => unknown,
  more: (text: string) => Json = () => ({}),
): Carrier => ({
  id: `completions.${id}`,
  isEchoed: true,
  build: (text) => ({ path: '/completions', body: { ...model, prompt: prompt(text), ...more(text) } }),
})

const responses = (id: string, members: (text: string) => Json, isEchoed = true): Carrier => ({
  id: `responses.${id}`,
  isEchoed,
  build: (text) => ({ path: '/responses', body: { ...model, input: 'Hello.', store: false, ...members(text) } }),
})

const responsesCarriers: readonly Carrier[] = [
  responses('input', (text) => ({ input: text })),
  responses('instructions', (text) => ({ instructions: text })),
  responses('message', (text) => ({ input: [{ role: 'user', content: [{ type: 'input_text', text }] }] })),
  responses('output-message', (text) => ({
    input: [{ type: 'message', role: 'assistant', content: [{ type: 'output_text', text, annotations: [] }] }],
  })),
  responses('call-arguments', (text) => ({
    input: [{ type: 'function_call', call_id: 'c', name: 'f', arguments: nested(text) }],
  })),
  responses('call-output', (text) => ({ input: [{ type: 'function_call_output', call_id: 'c', output: text }] })),
  responses('reasoning-summary', (text) => ({
    input: [{ type: 'reasoning', id: 'rs_1', summary: [{ type: 'summary_text', text }] }],
  })),
  responses('tool-description', (text) => ({
    tools: [{ type: 'function', name: 'f', description: text, parameters: emptySchema, strict: false }],
  })),
  responses('answer-schema', (text) => ({
    text: { format: { type: 'json_schema', name: 'a', schema: { ...emptySchema, description: text } } },
  })),
  responses('metadata', (text) => ({ metadata: { note: text } })),
  responses('prompt-variables', (text) => ({ prompt: { id: 'pmpt_1', variables: { who: text } } })),
  responses('safety-identifier', (text) => ({ safety_identifier: text }), false),
]

const messages = (id: string, members: (text: string) => Json, isEchoed = true): Carrier => ({
  id: `messages.${id}`,
  isEchoed,
  build: (text) => ({ path: '/messages', body: { ...model, max_tokens: 64, messages: hello, ...members(text) } }),
})

const block = (role: string, content: Json): Json => ({ messages: [...hello, { role, content: [content] }] })

const messagesCarriers: readonly Carrier[] = [
  messages('user', (text) => ({ messages: [{ role: 'user', content: text }] })),
  messages('system', (text) => ({ system: text })),
  messages('system-blocks', (text) => ({ system: [{ type: 'text', text, cache_control: { type: 'ephemeral' } }] })),
  messages('text-block', (text) => block('user', { type: 'text', text })),
  messages('tool-use', (text) =>
    block('assistant', { type: 'tool_use', id: 'toolu_1', name: 'f', input: { a: { b: [text] } } }),
  ),
  messages('tool-use-nested', (text) =>
    block('assistant', { type: 'tool_use', id: 'toolu_1', name: 'f', input: { raw: nested(text) } }),
  ),
  messages('tool-result', (text) => block('user', { type: 'tool_result', tool_use_id: 'toolu_1', content: text })),
  messages('tool-result-blocks', (text) =>
    block('user', { type: 'tool_result', tool_use_id: 'toolu_1', content: [{ type: 'text', text }] }),
  ),
  messages('document-title', (text) =>
    block('user', { type: 'document', title: text, source: { type: 'text', media_type: 'text/plain', data: 'x' } }),
  ),
  messages('document-text', (text) =>
    block('user', { type: 'document', source: { type: 'text', media_type: 'text/plain', data: text } }),
  ),
  messages('tool-description', (text) => ({ tools: [{ name: 'f', description: text, input_schema: emptySchema }] })),
  messages('tool-schema', (text) => ({ tools: [{ name: 'f', input_schema: { ...emptySchema, description: text } }] })),
  messages('stop', (text) => ({ stop_sequences: [text] })),
  messages('user-id', (text) => ({ metadata: { user_id: text } }), false),
]

const otherCarriers: readonly Carrier[] = [
  completions('prompt', (text) => text),
  completions('prompt-list', (text) => ['Hello', text]),
  completions(
    'suffix',
    () => 'Hello',
    (text) => ({ suffix: text }),
  ),
  {
    id: 'embeddings.input',
    isEchoed: false,
    build: (text) => ({ path: '/embeddings', body: { ...model, input: text } }),
  },
  {
    id: 'embeddings.inputs',
    isEchoed: false,
    build: (text) => ({ path: '/embeddings', body: { ...model, input: ['a', text] } }),
  },
  {
    id: 'rerank.query',
    isEchoed: false,
    build: (text) => ({ path: '/rerank', body: { ...model, query: text, documents: ['a'] } }),
  },
  {
    id: 'rerank.documents',
    isEchoed: false,
    build: (text) => ({ path: '/rerank', body: { ...model, query: 'a', documents: [text] } }),
  },
  {
    id: 'rerank.document-objects',
    isEchoed: false,
    build: (text) => ({ path: '/rerank', body: { ...model, query: 'a', documents: [{ text }] } }),
  },
  {
    id: 'other.member',
    isEchoed: false,
    build: (text) => ({ path: '/moderations', body: { ...model, input: [{ b: text }] } }),
  },
  {
    id: 'other.key',
    isEchoed: false,
    build: (text) => ({ path: '/moderations', body: { ...model, input: { [text]: 1 } } }),
  },
  {
    id: 'url.query',
    isEchoed: false,
    build: (text) => ({ path: `/files?name=${encodeURIComponent(text)}`, body: null }),
  },
  { id: 'url.path', isEchoed: false, build: (text) => ({ path: `/files/${encodeURIComponent(text)}`, body: null }) },
]

const encoding: ReadonlySet<string> = new Set(
  ['base64-attachment', 'url-query', 'html', 'image-url'].map((id) => `chat.${id}`).concat('url.query', 'url.path'),
)

export const carriers: readonly Carrier[] = [
  ...chatCarriers,
  ...responsesCarriers,
  ...messagesCarriers,
  ...otherCarriers,
].map((carrier) => (encoding.has(carrier.id) ? { ...carrier, isEncoding: true } : carrier))
