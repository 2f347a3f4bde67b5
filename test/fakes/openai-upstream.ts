/**
 * A small OpenAI-compatible server that can go wrong in every phase of an answer. It refuses what the real ones refuse:
 * a missing key (401), an unknown model (404), a body that is no JSON (400). Shapes as vLLM 0.10 and llama-server send
 * them; rerank as Jina's API, which both speak.
 */
import { startRawServer } from './raw-http.ts'
import type { RawAnswer, RawRequest } from './raw-http.ts'

export type Mode =
  | 'normal'
  /** Takes the request and says nothing. */
  | 'silent'
  | 'error_500'
  | 'error_429'
  /** 200 with a page instead of JSON. */
  | 'html'
  | 'reset_before_head'
  | 'reset_after_head'
  | 'reset_mid_body'
  /** Sends half of the answer and then nothing more. */
  | 'stall'
  /** Lines that are no JSON between good events. */
  | 'broken_sse'
  /** Ends cleanly after `finish_reason`, without `[DONE]`. */
  | 'no_done'
  /** Ends cleanly in the middle: no `finish_reason`, no `[DONE]`. */
  | 'cut'
  /** Says more bytes than it sends, and closes. */
  | 'long_length'
  /** Says fewer bytes than it sends. */
  | 'short_length'
  /** An error event in the stream, as vLLM sends when its engine dies. */
  | 'error_event'
  /** Bytes that are no HTTP. */
  | 'garbage'

export interface Script {
  readonly mode: Mode
  readonly tokens: number
  readonly firstByteMs: number
  readonly tokenMs: number
  readonly cachedTokens: number
}

export interface SeenRequest {
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly text: string
  readonly body: Readonly<Record<string, unknown>>
}

export interface OpenaiUpstream extends AsyncDisposable {
  /** As an SDK takes it, with `/v1`. */
  readonly url: string
  readonly key: string
  /** From now on; what is not named goes back to normal. */
  play(script: Partial<Script>): void
  readonly requests: readonly SeenRequest[]
  /** Answers that the caller did not wait for. */
  readonly aborts: number
  readonly inFlight: number
  /** Resolves as soon as it holds; looks again whenever something happens here. */
  until(condition: (upstream: OpenaiUpstream) => boolean): Promise<void>
  forget(): void
}

const normal: Script = { mode: 'normal', tokens: 5, firstByteMs: 0, tokenMs: 0, cachedTokens: 0 }
const mostRequestsKept = 10_000

export interface UpstreamOptions {
  readonly models?: readonly string[]
  readonly key?: string
}

export async function startOpenaiUpstream(options: UpstreamOptions = {}): Promise<OpenaiUpstream> {
  const models = options.models ?? ['echo', 'big/echo']
  const key = options.key ?? 'sk-upstream-test'
  const state = {
    script: normal,
    requests: [] as SeenRequest[],
    aborts: 0,
    inFlight: 0,
    watchers: new Set<() => void>(),
  }
  const changed = () => {
    for (const watcher of state.watchers) watcher()
  }
  const server = await startRawServer({
    onRequest(request, raw) {
      const seen = see(request)
      if (state.requests.length < mostRequestsKept) state.requests.push(seen)
      state.inFlight++
      const over = (isAbort: boolean) => {
        state.inFlight--
        if (isAbort) state.aborts++
        changed()
      }
      const gone = new AbortController()
      raw.onHangUp(() => {
        gone.abort()
        over(true)
      })
      const answer = observed(raw, () => over(false))
      changed()
      void reply({
        request: seen,
        method: request.method,
        answer,
        gone: gone.signal,
        script: state.script,
        models,
        key,
      })
    },
  })
  const upstream: OpenaiUpstream = {
    url: `http://127.0.0.1:${server.port}/v1`,
    key,
    play: (script) => void (state.script = { ...normal, ...script }),
    get requests() {
      return state.requests
    },
    get aborts() {
      return state.aborts
    },
    get inFlight() {
      return state.inFlight
    },
    until(condition) {
      const { promise, resolve } = Promise.withResolvers<void>()
      const watcher = () => {
        if (!condition(upstream)) return
        state.watchers.delete(watcher)
        resolve()
      }
      state.watchers.add(watcher)
      watcher()
      return promise
    },
    forget() {
      state.requests.length = 0
      state.aborts = 0
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
  return upstream
}

function see(request: RawRequest): SeenRequest {
  const text = Buffer.from(request.body).toString('utf8')
  return { path: request.path, headers: request.headers, text, body: parsed(text) ?? {} }
}

function parsed(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null
  } catch {
    return null
  }
}

/** Tells when an answer is over by the fake's own will. */
function observed(raw: RawAnswer, onOver: () => void): RawAnswer {
  const ending = (act: () => void) => () => {
    if (!raw.isClosed) onOver()
    act()
  }
  return {
    get isClosed() {
      return raw.isClosed
    },
    write: raw.write,
    done: ending(raw.done),
    end: ending(raw.end),
    reset: ending(raw.reset),
    onHangUp: raw.onHangUp,
  }
}

interface Turn {
  readonly request: SeenRequest
  readonly method: string
  readonly answer: RawAnswer
  readonly gone: AbortSignal
  readonly script: Script
  readonly models: readonly string[]
  readonly key: string
}

async function reply(turn: Turn): Promise<void> {
  const { request, answer, script } = turn
  if (request.headers['authorization'] !== `Bearer ${turn.key}`)
    return refuse(answer, 401, 'invalid_api_key', 'Incorrect API key provided.')
  if (request.path === '/v1/models') return sendJson(answer, 200, modelList(turn.models))
  const make = endpoints[request.path]
  if (turn.method !== 'POST' || !make)
    return refuse(answer, 404, 'not_found', `No route for ${turn.method} ${request.path}.`)
  if (parsed(request.text) === null) return refuse(answer, 400, 'invalid_json', 'The body is not valid JSON.')
  if (!turn.models.includes(String(request.body['model']))) {
    return refuse(answer, 404, 'model_not_found', `The model \`${String(request.body['model'])}\` does not exist.`)
  }
  await pause(script.firstByteMs, turn.gone)
  if (answer.isClosed) return
  if (failsBeforeBody(turn)) return
  if (request.body['stream'] === true) return stream(turn)
  await pause(script.tokens * script.tokenMs, turn.gone) // a whole answer takes as long as its tokens do
  if (answer.isClosed) return
  return sendWhole(turn, JSON.stringify(make(request, script)))
}

/** 1 to 5 of the ways to fail; true when the answer is over or will never come. */
function failsBeforeBody({ answer, script }: Turn): boolean {
  switch (script.mode) {
    case 'silent':
      return true
    case 'error_500':
      refuse(answer, 500, 'internal_error', 'The engine died.')
      return true
    case 'error_429':
      refuse(answer, 429, 'rate_limit_exceeded', 'Too many requests here.')
      return true
    case 'html':
      answer.write(head(200, 'text/html', '<html>hello</html>'.length))
      answer.write('<html>hello</html>')
      answer.done()
      return true
    case 'garbage':
      answer.write('\u0000\u0001 this is no HTTP \r\n\r\n')
      answer.end()
      return true
    case 'reset_before_head':
      answer.reset()
      return true
    default:
      return false
  }
}

function sendWhole({ answer, script }: Turn, text: string): void {
  const bytes = Buffer.from(text)
  const half = bytes.subarray(0, bytes.length >> 1)
  switch (script.mode) {
    case 'reset_after_head':
      answer.write(head(200, 'application/json', bytes.length))
      return flushThen(answer, answer.reset)
    case 'reset_mid_body':
      answer.write(head(200, 'application/json', bytes.length))
      answer.write(half)
      return flushThen(answer, answer.reset)
    case 'stall':
      answer.write(head(200, 'application/json', bytes.length))
      return answer.write(half)
    case 'long_length':
      answer.write(head(200, 'application/json', bytes.length + 50))
      answer.write(bytes)
      return answer.end()
    case 'short_length':
      answer.write(head(200, 'application/json', bytes.length - 10))
      answer.write(bytes)
      return answer.done()
    default:
      answer.write(head(200, 'application/json', bytes.length))
      answer.write(bytes)
      return answer.done()
  }
}

/** A reset right after a write may overtake it: the other side must have had the chance to read. */
function flushThen(answer: RawAnswer, act: () => void): void {
  setTimeout(() => {
    if (!answer.isClosed) act()
  }, 20)
}

async function stream(turn: Turn): Promise<void> {
  const { answer, script, request } = turn
  const half = script.tokens >> 1
  answer.write(streamHead)
  if (script.mode === 'reset_after_head') return flushThen(answer, answer.reset)
  let index = 0
  for (const event of streamEvents(request, script)) {
    if (index > 0) await pause(script.tokenMs, turn.gone)
    if (answer.isClosed) return
    if (index === half) {
      if (script.mode === 'stall') return
      if (script.mode === 'reset_mid_body') return flushThen(answer, answer.reset)
      if (script.mode === 'cut') break
      if (script.mode === 'broken_sse') answer.write(chunk('data: {"id": not json\n\n'))
      if (script.mode === 'error_event') answer.write(chunk(`data: ${engineDied}\n\n`))
    }
    answer.write(chunk(`data: ${event}\n\n`))
    index++
  }
  answer.write('0\r\n\r\n')
  answer.done()
}

const streamHead =
  'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\ntransfer-encoding: chunked\r\n\r\n'
const engineDied = '{"error":{"message":"EngineDeadError","type":"InternalServerError","code":500}}'

function chunk(text: string): string {
  return `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`
}

function* streamEvents(request: SeenRequest, script: Script): Generator<string> {
  const isChat = request.path === '/v1/chat/completions'
  const object = isChat ? 'chat.completion.chunk' : 'text_completion'
  const base = { id: 'chatcmpl-fake', object, created: 1, model: request.body['model'] }
  const event = (said: Readonly<Record<string, unknown>>, finish: string | null) =>
    JSON.stringify({ ...base, choices: [{ index: 0, ...said, finish_reason: finish }] })
  if (isChat) yield event({ delta: { role: 'assistant', content: '' } }, null)
  for (let index = 0; index < script.tokens; index++) {
    yield event(isChat ? { delta: { content: `w${index} ` } } : { text: `w${index} ` }, null)
  }
  yield event(isChat ? { delta: {} } : { text: '' }, 'stop')
  const options = request.body['stream_options'] as { readonly include_usage?: boolean } | undefined
  if (options?.include_usage) yield JSON.stringify({ ...base, choices: [], usage: usage(script) })
  if (script.mode !== 'no_done') yield '[DONE]'
}

function usage(script: Script) {
  return {
    prompt_tokens: 7,
    completion_tokens: script.tokens,
    total_tokens: 7 + script.tokens,
    prompt_tokens_details: { cached_tokens: script.cachedTokens },
  }
}

const endpoints: Readonly<Record<string, (request: SeenRequest, script: Script) => unknown>> = {
  '/v1/chat/completions': ({ body }, script) => ({
    id: 'chatcmpl-fake',
    object: 'chat.completion',
    created: 1,
    model: body['model'],
    choices: [{ index: 0, message: { role: 'assistant', content: words(script) }, finish_reason: 'stop' }],
    usage: usage(script),
  }),
  '/v1/completions': ({ body }, script) => ({
    id: 'cmpl-fake',
    object: 'text_completion',
    created: 1,
    model: body['model'],
    choices: [{ index: 0, text: words(script), finish_reason: 'stop' }],
    usage: usage(script),
  }),
  '/v1/embeddings': ({ body }) => {
    const inputs = Array.isArray(body['input']) ? body['input'] : [body['input']]
    const vector = (index: number) => [0.5, -0.25, index]
    const encoded = (index: number) => Buffer.from(new Float32Array(vector(index)).buffer).toString('base64')
    const data = inputs.map((_, index) => ({
      object: 'embedding',
      index,
      embedding: body['encoding_format'] === 'base64' ? encoded(index) : vector(index),
    }))
    return { object: 'list', model: body['model'], data, usage: { prompt_tokens: 3, total_tokens: 3 } }
  },
  '/v1/rerank': ({ body }) => {
    const documents = Array.isArray(body['documents']) ? body['documents'] : []
    const results = documents.map((document, index) => ({
      index,
      document: { text: String(document) },
      relevance_score: 1 / (index + 1),
    }))
    return { id: 'rerank-fake', model: body['model'], usage: { total_tokens: 9 }, results }
  },
}

function words(script: Script): string {
  return Array.from({ length: script.tokens }, (_, index) => `w${index} `).join('')
}

function modelList(models: readonly string[]) {
  return { object: 'list', data: models.map((id) => ({ id, object: 'model', created: 1, owned_by: 'fake' })) }
}

function refuse(answer: RawAnswer, status: number, code: string, message: string): void {
  sendJson(answer, status, { error: { message, type: 'invalid_request_error', param: null, code } })
}

function sendJson(answer: RawAnswer, status: number, value: unknown): void {
  const text = JSON.stringify(value)
  answer.write(head(status, 'application/json', Buffer.byteLength(text)))
  answer.write(text)
  answer.done()
}

function head(status: number, type: string, length: number): string {
  return `HTTP/1.1 ${status} Status\r\ncontent-type: ${type}\r\ncontent-length: ${length}\r\n\r\n`
}

/** Over at once when the caller goes: no timer stays behind. */
function pause(ms: number, gone: AbortSignal): Promise<void> {
  if (ms <= 0 || gone.aborted) return Promise.resolve()
  const { promise, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, ms)
  gone.addEventListener('abort', () => {
    clearTimeout(timer)
    resolve()
  })
  return promise
}
