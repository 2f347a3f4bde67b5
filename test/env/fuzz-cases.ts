import { apis, type Api } from '#protocol/conversation/dialect.ts'
import { answersOf } from '../fakes/dialect-answers.ts'
import type { RawAnswer } from '../fakes/raw-http.ts'

/** Numbers in [0, 1): all that is random in a case comes from one such function. */
export type Chance = () => number

const ways = ['chat', 'responses', 'messages', 'completions', 'embeddings', 'count', 'speech', 'proxy'] as const
export type Way = (typeof ways)[number]

/** A request and what its upstream does, as one seed makes them. */
export interface FuzzCase {
  readonly way: Way
  readonly api: Api
  readonly path: string
  readonly body: Uint8Array
  /** null: the client reads to the end. */
  readonly hangUpMs: number | null
  readonly isMutated: boolean
  play(answer: RawAnswer): Promise<void>
}

export function pick<T>(chance: Chance, from: readonly T[]): T {
  const picked = from[Math.floor(chance() * from.length)]
  if (picked === undefined) throw new Error('there is nothing to pick from')
  return picked
}

const below = (chance: Chance, limit: number): number => Math.floor(chance() * limit)

/** `model` leads to the case again, as long as the request keeps it. */
export function fuzzCase(chance: Chance, model: string): FuzzCase {
  const way = pick(chance, [...ways, 'chat', 'responses', 'messages'] as const)
  const api = pick(chance, apis)
  const isStream = chance() < 0.6
  const isMutated = chance() < 0.4
  const request = recorded(chance, way, isStream)
  const path = way === 'proxy' ? `/upstreams/${api}/anything/${model}` : paths[way]
  const text = JSON.stringify({ model: `${api}/${model}`, ...request })
  const body = Buffer.from(isMutated ? mutatedJson(chance, text) : text)
  return {
    way,
    api,
    path,
    body: isMutated && chance() < 0.12 ? mutated(chance, body) : body,
    hangUpMs: chance() < 0.1 ? below(chance, 40) : null,
    isMutated,
    play: (answer) => playUpstream(chance, answer, { way, api, isStream, model }),
  }
}

const paths: Readonly<Record<Exclude<Way, 'proxy'>, string>> = {
  chat: '/v1/chat/completions',
  responses: '/v1/responses',
  messages: '/v1/messages',
  completions: '/v1/completions',
  embeddings: '/v1/embeddings',
  count: '/v1/messages/count_tokens',
  speech: '/v1/audio/speech',
}

const schema = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] }

/** Requests as clients send them: words, pictures, tools and what became of them. */
function recorded(chance: Chance, way: Way, stream: boolean): object {
  switch (way) {
    case 'chat': {
      const call = { id: 'call_1', type: 'function', function: { name: 'weather', arguments: '{"city":"Bonn"}' } }
      const picture = { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } }
      const turns = [
        { role: 'system', content: 'Be short.' },
        { role: 'user', content: [{ type: 'text', text: 'What is this?' }, picture] },
        { role: 'assistant', content: null, tool_calls: [call] },
        { role: 'tool', tool_call_id: 'call_1', content: 'Rain' },
        { role: 'user', content: 'And now?' },
      ]
      const tools = [{ type: 'function', function: { name: 'weather', parameters: schema } }]
      return { messages: turns.slice(below(chance, 2) * 4), tools, stream, stream_options: { include_usage: true } }
    }
    case 'responses': {
      const call = { type: 'function_call', call_id: 'call_1', name: 'weather', arguments: '{"city":"Bonn"}' }
      const items = [
        { role: 'user', content: [{ type: 'input_text', text: 'Hi' }] },
        { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: 'AAAA' },
        call,
        { type: 'function_call_output', call_id: 'call_1', output: 'Rain' },
      ]
      const tools = [{ type: 'function', name: 'weather', parameters: schema, strict: false }]
      return { input: chance() < 0.5 ? 'Hi' : items, instructions: 'Be short.', tools, stream, store: false }
    }
    case 'messages':
    case 'count': {
      const use = { type: 'tool_use', id: 'toolu_1', name: 'weather', input: { city: 'Bonn' } }
      const turns = [
        { role: 'user', content: [{ type: 'text', text: 'Hi', cache_control: { type: 'ephemeral' } }] },
        { role: 'assistant', content: [{ type: 'thinking', thinking: 'Hm', signature: 'AAAA' }, use] },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_1', content: 'Rain' }] },
      ]
      const tools = [{ name: 'weather', input_schema: schema }]
      const messages = chance() < 0.5 ? turns.slice(0, 1) : turns
      return { messages, tools, max_tokens: 50, system: 'Be short.', ...(way === 'count' ? {} : { stream }) }
    }
    case 'completions':
      return { prompt: chance() < 0.5 ? 'Hi' : ['Hi', 'You'], stream }
    case 'embeddings':
      return { input: ['Hi', 'You'] }
    case 'speech':
      return { input: 'Hi', voice: 'alloy', ...(stream ? { stream_format: 'sse' } : {}) }
    case 'proxy':
      return { anything: true }
  }
}

const oddities = ['null', '-1', '1e999', '""', '{}', '[]', 'true', '"\\ud800"', '123456789012345678901', '"x\\u0000y"']
  .concat(['{"__proto__":{"model":"x"}}', `"${'x'.repeat(2000)}"`, '[[[[[[]]]]]]', '"tool"', '"assistant"', '0.5'])
  .concat(['["a",1,null]', `${'['.repeat(4000)}${']'.repeat(4000)}`])

/** JSON with some of its values and names changed; still JSON. */
function mutatedJson(chance: Chance, text: string): string {
  const marks: string[] = []
  const change = (value: unknown): unknown => {
    if (chance() < 0.025) {
      marks.push(pick(chance, oddities))
      return `#${marks.length - 1}#`
    }
    if (Array.isArray(value)) {
      const list = value.map(change)
      return chance() < 0.05 ? [...list, ...list] : list
    }
    if (typeof value !== 'object' || value === null) return value
    const members = Object.entries(value).filter(() => chance() > 0.02)
    return Object.fromEntries(members.map(([name, each]) => [name, name === 'model' ? each : change(each)]))
  }
  const changed = JSON.stringify(change(JSON.parse(text)))
  return changed.replaceAll(/"#(\d+)#"/g, (_, index: string) => marks[Number(index)] ?? '')
}

const snippets = [
  '\n',
  '\r',
  '\n\n',
  '\r\n\r\n',
  'data: ',
  'data: [DONE]\n\n',
  'event: error\n',
  ': x\n\n',
  '\ufeff',
  '\0',
  '"',
]
  .concat([
    '}',
    '{',
    '\\',
    '[DONE]',
    '"finish_reason":"stop"',
    '"error":{"message":"no"}',
    'event: message_stop\n',
    'null',
  ])
  .concat([
    'data: {"type":"message_stop"}\n\n',
    'data: {"error":{"message":"oh"}}\n\n',
    'data: null\n\n',
    'data: 1\n\n',
  ])
  .concat([`data: ${'['.repeat(9000)}${']'.repeat(9000)}\n\n`, `${'{"a":'.repeat(9000)}1${'}'.repeat(9000)}`])
  .concat(['event: response.completed\ndata: {"type":"response.completed","response":{}}\n\n', '<think>', '\ud800'])

/** Bytes with a few of them changed, lost, doubled or put in. */
function mutated(chance: Chance, bytes: Uint8Array): Buffer {
  let now = Buffer.from(bytes)
  for (let times = 1 + below(chance, 4); times > 0; times--) {
    const at = below(chance, now.length + 1)
    const to = Math.min(now.length, at + below(chance, 60))
    const before = now.subarray(0, at)
    const act = below(chance, 5)
    if (act === 0) now = Buffer.concat([before, now.subarray(to)])
    else if (act === 1) now = Buffer.concat([before, now.subarray(at, to), now.subarray(at)])
    else if (act === 2) now = Buffer.concat([before, Buffer.from(pick(chance, snippets)), now.subarray(at)])
    else if (act === 3) now = Buffer.concat([before, Buffer.from([below(chance, 256)]), now.subarray(at + 1)])
    else now = before.length > 0 && chance() < 0.3 ? Buffer.from(before) : now
  }
  return now
}

const soon = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 2))
const frames = ['length', 'chunked', 'close', 'too_long', 'bad_chunks'] as const
const types = [
  'application/json',
  'text/event-stream',
  'text/plain',
  'text/html',
  'audio/mpeg',
  'application/json; x=\x7f',
]
const statuses = [
  201, 202, 204, 205, 206, 301, 304, 400, 401, 404, 413, 422, 429, 500, 503, 529, 599, 600, 999, 101, 99,
]
const oddHeaders = [
  'content-encoding: gzip',
  'content-encoding: identity',
  'retry-after: -5',
  'retry-after: soon',
].concat([
  'x-odd: \xff\xfe',
  'set-cookie: a=b',
  'content-disposition: attachment; filename="\xe4"',
  'connection: close',
])

interface Scene {
  readonly way: Way
  readonly api: Api
  readonly isStream: boolean
  readonly model: string
}

interface Said {
  readonly events: readonly string[]
  readonly whole: string
}

/** What a real server says there. */
function saidAt({ way, api, model }: Scene): Said {
  const usage = { prompt_tokens: 2, completion_tokens: 1, total_tokens: 3 }
  const plain = (event: object) => `data: ${JSON.stringify(event)}\n\n`
  switch (way) {
    case 'completions': {
      const choice = { index: 0, text: 'Hello there', finish_reason: 'stop' }
      const answer = { id: 'cmpl-1', object: 'text_completion', choices: [choice, { ...choice, index: 1 }], usage }
      return { events: [plain(answer), 'data: [DONE]\n\n'], whole: JSON.stringify(answer) }
    }
    case 'embeddings': {
      const data = [{ object: 'embedding', index: 0, embedding: [0.25, -1] }]
      return { events: [], whole: JSON.stringify({ object: 'list', data, usage }) }
    }
    case 'count':
      return { events: [], whole: '{"input_tokens":7,"count":7}' }
    case 'speech': {
      const done = { type: 'speech.audio.done', usage: { input_tokens: 2, output_tokens: 1, total_tokens: 3 } }
      return {
        events: [plain({ type: 'speech.audio.delta', audio: 'AAAA' }), plain(done)],
        whole: 'ID3 no sound at all',
      }
    }
    default: {
      const { events, terminal, whole } = answersOf(model)[api]
      return { events: [...events, terminal], whole }
    }
  }
}

/** Says what it should, or nearly. */
async function playUpstream(chance: Chance, answer: RawAnswer, scene: Scene): Promise<void> {
  const { events, whole } = saidAt(scene)
  const isStream = scene.isStream && events.length > 0
  const told = [...events]
  if (chance() < 0.2) told.splice(below(chance, told.length), 1 + below(chance, 2))
  if (chance() < 0.1 && told.length > 0) told.splice(below(chance, told.length), 0, pick(chance, told))
  const isSwapped = chance() < 0.05
  const said = Buffer.from(isStream !== isSwapped ? told.join('') : whole)
  const body = chance() < 0.5 ? said : mutated(chance, chance() < 0.5 ? said : Buffer.from(lineEnds(chance, said)))
  const frame = chance() < 0.6 ? pick(chance, ['length', 'chunked'] as const) : pick(chance, frames)
  const status = chance() < 0.85 ? 200 : pick(chance, statuses)
  const type = chance() < 0.85 ? (isStream ? 'text/event-stream' : wholeType(scene)) : pick(chance, types)
  const more = chance() < 0.2 ? `${pick(chance, oddHeaders)}\r\n` : ''
  const head = `HTTP/1.1 ${status} X\r\ncontent-type: ${type}\r\n${more}${framing(frame, body)}\r\n`
  answer.write(
    Buffer.from(chance() < 0.03 ? mutated(chance, Buffer.from(head, 'latin1')) : Buffer.from(head, 'latin1')),
  )
  for (const piece of cut(chance, body)) {
    if (answer.isClosed) return
    answer.write(frame === 'chunked' || frame === 'bad_chunks' ? chunkOf(piece, frame === 'bad_chunks') : piece)
    if (chance() < 0.2) await soon()
  }
  const ending = chance()
  // Silence, until a deadline or the client ends it.
  if (ending < 0.01) return
  if (ending < 0.06) return answer.reset()
  if (ending < 0.12 || frame === 'close' || frame === 'too_long') return answer.end()
  if (frame === 'chunked') answer.write('0\r\n\r\n')
  if (frame === 'bad_chunks') return answer.end()
  answer.done()
}

const wholeType = ({ way }: Scene): string => (way === 'speech' ? 'audio/mpeg' : 'application/json')

function lineEnds(chance: Chance, bytes: Buffer): string {
  const end = pick(chance, ['\r\n', '\r', '\n'])
  return bytes.toString().replaceAll('\n', () => (chance() < 0.9 ? end : '\n'))
}

function framing(frame: (typeof frames)[number], body: Buffer): string {
  if (frame === 'close') return 'connection: close\r\n'
  if (frame === 'chunked' || frame === 'bad_chunks') return 'transfer-encoding: chunked\r\n'
  return `content-length: ${body.length + (frame === 'too_long' ? 7 : 0)}\r\n`
}

function chunkOf(piece: Buffer, isBad: boolean): Buffer {
  const size = (piece.length + (isBad && piece.length % 3 === 0 ? 1 : 0)).toString(16)
  return Buffer.concat([Buffer.from(`${size}\r\n`), piece, Buffer.from(isBad ? '\n' : '\r\n')])
}

function cut(chance: Chance, body: Buffer): readonly Buffer[] {
  const pieces: Buffer[] = []
  const longest = pick(chance, [5, 60, 100_000])
  for (let at = 0; at < body.length;) {
    const length = 1 + below(chance, longest)
    pieces.push(body.subarray(at, at + length))
    at += length
  }
  return pieces
}
