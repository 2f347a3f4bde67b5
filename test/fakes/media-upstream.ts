/**
 * A small server with the endpoints for sound, pictures, scores and tokens. It refuses what the real ones refuse: a
 * missing key (401), an unknown model (404), a form without its file (400), a text that is too long to be spoken (400).
 * Shapes as OpenAI and vLLM 0.11 send them.
 */
import { createHash } from 'node:crypto'
import { startRawServer } from './raw-http.ts'
import type { RawAnswer, RawRequest } from './raw-http.ts'

export type MediaMode =
  | 'normal'
  /** RST in the middle of the answer. */
  | 'reset'
  /** FIN in the middle: no last chunk, no last event. */
  | 'fin'
  /** Half of the answer, then nothing. */
  | 'stall'
  /** Sound without an end. */
  | 'endless'
  /** An error event in a stream. */
  | 'error_event'
  /** A page instead of an answer. */
  | 'html'
  | 'busy'

export interface SeenMedia {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly model: string
  /** Of the whole body. */
  readonly body: Uint8Array
  /** SHA-256 of each file, by its field. */
  readonly files: Readonly<Record<string, string>>
}

export interface MediaUpstream extends AsyncDisposable {
  readonly url: string
  readonly key: string
  readonly seen: SeenMedia[]
  /** Answers that the caller did not wait for. */
  readonly aborts: number
  play(mode: MediaMode): void
  /** What the next recordings say; at first `hello there`. */
  speak(words: string): void
}

const models = ['whisper', 'tts', 'dall', 'omni', 'ranker']
/** As much as the real one speaks at once. */
const maxSpokenLength = 4096
export const speech = new Uint8Array(200_000).map((_, index) => index % 251)

export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

export async function startMediaUpstream(key = 'sk-media'): Promise<MediaUpstream> {
  const state = { mode: 'normal' as MediaMode, words: 'hello there', seen: [] as SeenMedia[], aborts: 0 }
  const server = await startRawServer({
    onRequest(request, answer) {
      answer.onHangUp(() => (state.aborts += 1))
      void reply(request, answer, {
        key,
        mode: state.mode,
        words: state.words,
        see: (seen) => void state.seen.push(seen),
      })
    },
  })
  return {
    url: `http://127.0.0.1:${server.port}/v1`,
    key,
    seen: state.seen,
    get aborts() {
      return state.aborts
    },
    play: (mode) => void (state.mode = mode),
    speak: (words) => void (state.words = words),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
}

interface Turn {
  readonly key: string
  readonly mode: MediaMode
  readonly words: string
  readonly see: (seen: SeenMedia) => void
}

type Fields = ReadonlyMap<string, unknown>

async function reply(request: RawRequest, answer: RawAnswer, { key, mode, words, see }: Turn): Promise<void> {
  const path = request.path.split('?')[0] ?? ''
  if (path === '/v1/models') return sendJson(answer, { object: 'list', data: models.map((id) => ({ id })) })
  const fields = await fieldsOf(request)
  const model = String(fields.get('model') ?? '')
  const files = [...fields].flatMap(([name, value]) => (value instanceof Uint8Array ? [[name, sha256(value)]] : []))
  see({ ...request, path: request.path, model, files: Object.fromEntries(files) })
  if (request.headers['authorization'] !== `Bearer ${key}`)
    return refuse(answer, 401, 'invalid_api_key', 'Incorrect API key')
  if (mode === 'busy') return refuse(answer, 503, 'overloaded', 'try later')
  if (mode === 'html') return send(answer, 'text/html', '<h1>It works!</h1>')
  if (path.startsWith('/v1/files')) return fileApi(request, answer)
  const endpoint = endpoints[path]
  if (endpoint === undefined) return refuse(answer, 404, 'unknown_url', `Unknown request URL: ${path}`)
  if (!models.includes(model)) return refuse(answer, 404, 'model_not_found', `The model ${model} does not exist`)
  endpoint(fields, answer, mode, words)
}

async function fieldsOf({ headers, body }: RawRequest): Promise<Fields> {
  const type = headers['content-type'] ?? ''
  if (type.startsWith('multipart/form-data')) {
    const form = await new Response(body as Uint8Array<ArrayBuffer>, { headers: { 'content-type': type } }).formData()
    const entries = [...form.entries()].map(async ([name, value]) => {
      return [name, typeof value === 'string' ? value : new Uint8Array(await value.arrayBuffer())] as const
    })
    return new Map(await Promise.all(entries))
  }
  try {
    return new Map(Object.entries(JSON.parse(Buffer.from(body).toString()) as Record<string, unknown>))
  } catch {
    return new Map()
  }
}

const usage = { type: 'tokens', input_tokens: 14, output_tokens: 5, total_tokens: 19 }

type Endpoint = (fields: Fields, answer: RawAnswer, mode: MediaMode, words: string) => void

const endpoints: Readonly<Record<string, Endpoint>> = {
  '/v1/audio/speech'(fields, answer, mode) {
    const input = String(fields.get('input') ?? '')
    if (input.length > maxSpokenLength) return refuse(answer, 400, 'string_too_long', 'input is too long')
    if (fields.get('stream_format') !== 'sse') return pieces(answer, 'audio/mpeg', mode, cut(speech, 20))
    const audio = Buffer.from(speech.subarray(0, 300)).toString('base64')
    events(answer, mode, [
      { type: 'speech.audio.delta', audio },
      { type: 'speech.audio.delta', audio },
      { type: 'speech.audio.done', usage },
    ])
  },
  '/v1/audio/transcriptions': transcribe,
  '/v1/audio/translations': transcribe,
  '/v1/images/generations'(fields, answer, mode) {
    const image = { b64_json: Buffer.from('picture').toString('base64') }
    if (fields.get('stream') !== true) return sendJson(answer, { created: 1, data: [image], usage })
    events(answer, mode, [
      { type: 'image_generation.partial_image', ...image },
      { type: 'image_generation.completed', ...image, usage },
    ])
  },
  '/v1/images/edits': picture,
  '/v1/images/variations': picture,
  '/v1/moderations': (_, answer) =>
    sendJson(answer, {
      id: 'modr-1',
      model: 'omni',
      results: [{ flagged: false, categories: {}, category_scores: {} }],
    }),
  '/v1/rerank': (fields, answer) =>
    sendJson(answer, {
      id: 'rerank-1',
      model: fields.get('model'),
      usage: { total_tokens: 9 },
      results: (fields.get('documents') as readonly string[]).map((text, index) => ({
        index,
        document: { text },
        relevance_score: 1 / (index + 1),
      })),
    }),
  '/score': (_, answer) =>
    sendJson(answer, {
      id: 'score-1',
      object: 'list',
      data: [{ index: 0, object: 'score', score: 0.5 }],
      usage: { prompt_tokens: 6, total_tokens: 6 },
    }),
  '/tokenize': (_, answer) => sendJson(answer, { count: 2, max_model_len: 512, tokens: [1, 2] }),
  '/detokenize': (_, answer) => sendJson(answer, { prompt: 'hi' }),
}

function transcribe(fields: Fields, answer: RawAnswer, mode: MediaMode, text: string): void {
  const file = fields.get('file')
  if (!(file instanceof Uint8Array) || file.length === 0)
    return refuse(answer, 400, 'invalid_file', 'Audio file might be corrupted or unsupported')
  if (fields.get('stream') === 'true') {
    return events(answer, mode, [
      ...text.split(/(?<= )/).map((delta) => ({ type: 'transcript.text.delta', delta })),
      { type: 'transcript.text.done', text, usage },
    ])
  }
  switch (fields.get('response_format') ?? 'json') {
    case 'json':
      return sendJson(answer, { text, usage })
    case 'verbose_json':
      return sendJson(answer, { text, language: 'en', duration: 1.5, segments: [] })
    case 'text':
      return send(answer, 'text/plain; charset=utf-8', `${text}\n`)
    case 'srt':
      return send(answer, 'text/plain', `1\n00:00:00,000 --> 00:00:01,500\n${text}\n\n`)
    case 'vtt':
      return send(answer, 'text/vtt', `WEBVTT\n\n00:00.000 --> 00:01.500\n${text}\n\n`)
    default:
      return refuse(answer, 400, 'invalid_value', 'response_format is not known')
  }
}

function picture(fields: Fields, answer: RawAnswer): void {
  if (!(fields.get('image') ?? fields.get('image[]'))) return refuse(answer, 400, 'missing', 'image is missing')
  sendJson(answer, { created: 1, data: [{ b64_json: 'cGljdHVyZQ==' }], usage })
}

/** What stands for all that Hearth has no endpoint for. */
function fileApi(request: RawRequest, answer: RawAnswer): void {
  if (request.path.startsWith('/v1/files/moved')) {
    answer.write('HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:9/\r\ncontent-length: 0\r\n\r\n')
    return answer.done()
  }
  if (request.path.startsWith('/v1/files/gone')) return refuse(answer, 404, 'not_found', 'No such File object')
  if (request.path.endsWith('/content'))
    return send(answer, 'text/html', '<script>alert(1)</script>', 'set-cookie: a=b')
  if (request.method === 'DELETE') {
    answer.write('HTTP/1.1 204 No Content\r\n\r\n')
    return answer.done()
  }
  sendJson(answer, { method: request.method, path: request.path, bytes: request.body.length })
}

function cut(bytes: Uint8Array, count: number): readonly Uint8Array[] {
  const size = Math.ceil(bytes.length / count)
  return Array.from({ length: count }, (_, index) => bytes.subarray(index * size, (index + 1) * size))
}

function events(answer: RawAnswer, mode: MediaMode, all: readonly object[]): void {
  const encoded = all.map((event) => Buffer.from(`data: ${JSON.stringify(event)}\n\n`))
  const failed = Buffer.from('data: {"error":{"message":"EngineDeadError","type":"server_error"}}\n\n')
  pieces(answer, 'text/event-stream', mode, mode === 'error_event' ? [...encoded.slice(0, 1), failed] : encoded)
}

function pieces(answer: RawAnswer, type: string, mode: MediaMode, all: readonly Uint8Array[]): void {
  answer.write(`HTTP/1.1 200 OK\r\ncontent-type: ${type}\r\ntransfer-encoding: chunked\r\n\r\n`)
  if (mode === 'endless') return endless(answer, all[0] ?? new Uint8Array(1))
  const isWhole = mode === 'normal' || mode === 'error_event'
  for (const piece of isWhole ? all : all.slice(0, Math.ceil(all.length / 2))) {
    answer.write(`${piece.length.toString(16)}\r\n`)
    answer.write(piece)
    answer.write('\r\n')
  }
  // What was written must have left before the connection breaks.
  if (mode === 'reset') setTimeout(() => answer.reset(), 50)
  else if (mode === 'fin') setTimeout(() => answer.end(), 50)
  else if (mode !== 'stall') {
    answer.write('0\r\n\r\n')
    answer.done()
  }
}

/** As fast as it is taken, or faster: until the caller goes. */
function endless(answer: RawAnswer, piece: Uint8Array): void {
  if (answer.isClosed) return
  answer.write(`${piece.length.toString(16)}\r\n`)
  answer.write(piece)
  answer.write('\r\n')
  setImmediate(() => endless(answer, piece))
}

function sendJson(answer: RawAnswer, value: unknown): void {
  send(answer, 'application/json', JSON.stringify(value))
}

function send(answer: RawAnswer, type: string, text: string, ...more: readonly string[]): void {
  const lines = [`content-type: ${type}`, `content-length: ${Buffer.byteLength(text)}`, ...more]
  answer.write(`HTTP/1.1 200 OK\r\n${lines.join('\r\n')}\r\n\r\n${text}`)
  answer.done()
}

function refuse(answer: RawAnswer, status: number, code: string, message: string): void {
  const text = JSON.stringify({ error: { message, type: 'invalid_request_error', param: null, code } })
  answer.write(
    `HTTP/1.1 ${status} No\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(text)}\r\n\r\n${text}`,
  )
  answer.done()
}
