import type { Random } from './random.ts'

/** What the captive upstream answers. */
export interface Echo {
  readonly contentType: string
  readonly body: string
}

/** All texts of a request said back, in the dialect that its path is of: what was hidden comes back hidden. */
export function echoOf(path: string, body: unknown): Echo {
  const text = textsOf(body).join('\n')
  const plain = path.split('?')[0] ?? path
  const json = (value: unknown): Echo => ({ contentType: 'application/json', body: JSON.stringify(value) })
  if (plain.endsWith('/chat/completions')) return isStreamed(body) ? streamed(text) : json(chatAnswer(text))
  if (plain.endsWith('/completions'))
    return json({
      id: 'cmpl-1',
      object: 'text_completion',
      model: 'captive',
      choices: [{ index: 0, text, finish_reason: 'stop' }],
      usage,
    })
  if (plain.endsWith('/responses')) return json(responsesAnswer(text))
  if (plain.endsWith('/messages')) return json(messagesAnswer(text))
  return json({ object: 'list', data: [], text })
}

/** The text of such an answer, as a client reads it; null: it is none. */
export function echoedText(contentType: string, body: string): string | null {
  if (contentType.startsWith('text/event-stream')) return streamedText(body)
  const answer = parsed(body)
  const [choice, output, content] = ['choices', 'output', 'content'].map((name) => first(member(answer, name)))
  const found = [
    member(member(choice, 'message'), 'content'),
    member(choice, 'text'),
    member(first(member(output, 'content')), 'text'),
    member(content, 'text'),
    member(answer, 'text'),
  ]
  return found.find((text): text is string => typeof text === 'string') ?? null
}

const usage = { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 }

const chatAnswer = (content: string): unknown => ({
  id: 'chatcmpl-1',
  object: 'chat.completion',
  created: 1,
  model: 'captive',
  choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }],
  usage,
})

const responsesAnswer = (text: string): unknown => ({
  id: 'resp_1',
  object: 'response',
  created_at: 1,
  status: 'completed',
  model: 'captive',
  output: [
    {
      type: 'message',
      id: 'msg_1',
      role: 'assistant',
      status: 'completed',
      content: [{ type: 'output_text', text, annotations: [] }],
    },
  ],
  usage: { input_tokens: 1, output_tokens: 1, total_tokens: 2 },
})

const messagesAnswer = (text: string): unknown => ({
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  model: 'captive',
  content: [{ type: 'text', text }],
  stop_reason: 'end_turn',
  stop_sequence: null,
  usage: { input_tokens: 1, output_tokens: 1 },
})

const isStreamed = (body: unknown): boolean => member(body, 'stream') === true

/** Pieces of a few letters, so that placeholders are cut at every place sooner or later. */
function streamed(text: string): Echo {
  const piece = (delta: unknown, reason: string | null): string =>
    `data: ${JSON.stringify({
      id: 'chatcmpl-1',
      object: 'chat.completion.chunk',
      created: 1,
      model: 'captive',
      choices: [{ index: 0, delta, finish_reason: reason }],
    })}\n\n`
  let body = piece({ role: 'assistant', content: '' }, null)
  const letters = [...text]
  const length = Math.max(3, Math.ceil(letters.length / mostPieces))
  for (let at = 0; at < letters.length; at += length)
    body += piece({ content: letters.slice(at, at + length).join('') }, null)
  return { contentType: 'text/event-stream', body: `${body}${piece({}, 'stop')}data: [DONE]\n\n` }
}

const mostPieces = 2000

function streamedText(body: string): string | null {
  let text = ''
  for (const line of body.split('\n')) {
    if (!line.startsWith('data: {')) continue
    const delta = member(first(member(parsed(line.slice(6)), 'choices')), 'delta')
    const content = member(delta, 'content')
    if (typeof content === 'string') text += content
  }
  return text
}

function textsOf(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value]
  if (Array.isArray(value)) return value.flatMap(textsOf)
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, each]) => [name, ...textsOf(each)])
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined
}

const first = (value: unknown): unknown => (Array.isArray(value) ? value[0] : undefined)

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

/** A text as it stands in JSON, and in JSON in JSON: an echo says members back as they were sent. */
export function asEchoed(text: string): readonly string[] {
  const inside = (each: string): string => JSON.stringify(each).slice(1, -1)
  const once = inside(text)
  const twice = inside(once)
  return [text, once, twice, inside(twice)]
}

/** Whether a case asks for a stream: some do, where the dialect of the echo has one. */
export function withStream(path: string, body: unknown, random: Random): unknown {
  const isObject = typeof body === 'object' && body !== null
  return isObject && path === '/chat/completions' && random.below(4) === 0 ? { ...body, stream: true } : body
}
