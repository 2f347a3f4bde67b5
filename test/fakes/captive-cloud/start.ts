/**
 * A cloud that is held captive: a vendor of chat completions, Responses, Messages, completions, embeddings and rerank
 * on one bare socket. It keeps every byte that reaches it; refuses what vendors refuse; and says
 * what a test wants said, in the shapes of each API, cut as the test wants it cut.
 */
import type { Json } from '../scripted-turn.ts'
import { isObject, openaiError, bearer, type AnswerFacts, type Fault, type PlayedApi } from '../model-upstream/api.ts'
import { chatApi } from '../model-upstream/chat.ts'
import { messagesApi } from '../model-upstream/messages.ts'
import { responsesApi } from '../model-upstream/responses.ts'
import { startRawServer, type RawAnswer, type RawRequest } from '../raw-http.ts'
import { allText, sayings, type Behaviour } from './behaviours.ts'
export type { Behaviour } from './behaviours.ts'
import { Captured } from './captured.ts'
import { plainEndpoints } from './plain-endpoints.ts'

export interface Play {
  readonly behaviour?: Behaviour
  /** So many characters in each delta; not said: 3. */
  readonly delta?: number
  /** How the bytes of a stream are cut on the wire: at every so many, or by chance from a seed. Not said: by event. */
  readonly cut?: number | string
  /** How lines end in streams. */
  readonly lineEnd?: '\n' | '\r\n'
  /** After its first `after` events a stream waits for `until`. */
  readonly pause?: { readonly after: number; readonly until: Promise<void> }
}

export interface CaptiveCloud extends AsyncDisposable {
  /** As the config takes it for the dialect of OpenAI; Anthropic's is asked at `origin`. */
  readonly url: string
  readonly origin: string
  readonly key: string
  readonly captured: Captured
  /** Why requests were refused, except where a test wanted it. */
  readonly refusals: readonly string[]
  /** What it said last, in its first choice. */
  readonly said: string
  /** How many events each stream had, in order. */
  readonly streams: readonly number[]
  play(play: Play): void
}

/** `gpt-captive` is as strict as OpenAI, `open-captive` thinks aloud as engines do, the last one signs its thoughts. */
export const captiveModels = { openai: 'gpt-captive', engine: 'open-captive', anthropic: 'claude-sonnet-4-5' } as const

const key = 'sk-captive-0123456789'
const vendorChat = chatApi({ isVendor: true })
const engineChat = chatApi({ isVendor: false })

interface State {
  play: Play
  count: number
  said: string
  readonly refusals: string[]
  readonly streams: number[]
}

export async function startCaptiveCloud(): Promise<CaptiveCloud> {
  const captured = new Captured()
  const state: State = { play: {}, count: 0, said: '', refusals: [], streams: [] }
  const server = await startRawServer({
    onBytes: (connection, bytes) => captured.bytes(connection, bytes),
    onRequest(request, answer) {
      captured.request(request)
      void reply(request, answer, state)
    },
  })
  const origin = `http://127.0.0.1:${server.port}`
  return {
    url: `${origin}/v1`,
    origin,
    key,
    captured,
    refusals: state.refusals,
    get said() {
      return state.said
    },
    streams: state.streams,
    play: (play) => void (state.play = play),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
}

async function reply(request: RawRequest, answer: RawAnswer, state: State): Promise<void> {
  const headers = new Headers(Object.entries(request.headers))
  const path = request.path.split('?')[0] ?? ''
  const api = apiOf(path, request)
  const isMessages = path.startsWith('/v1/messages') || 'anthropic-version' in request.headers
  const refuse = (fault: Fault): void => {
    state.refusals.push(fault.message)
    sendJson(answer, fault.status, isMessages ? messagesApi.errorBody(fault) : openaiError(fault))
  }
  const entrance = isMessages ? messagesApi.entrance(headers, key) : bearer(headers, key)
  if (entrance !== null) return refuse(entrance)
  if (path === '/v1/models') return sendJson(answer, 200, modelList('anthropic-version' in request.headers))
  const body = bodyOf(request)
  if (body === null) return refuse({ status: 400, code: null, message: 'We could not parse the JSON body.' })
  if (!Object.values<unknown>(captiveModels).includes(body['model']))
    return refuse({
      status: 404,
      code: 'model_not_found',
      message: `The model \`${String(body['model'])}\` is not here.`,
    })
  const plain = plainEndpoints[path]
  const isCount = path === '/v1/messages/count_tokens'
  if (api === null && plain === undefined && !isCount)
    return refuse({ status: 404, code: 'not_found', message: `Not found: ${path}` })
  const counted = isCount ? { ...body, max_tokens: 1 } : body
  const fault = plain === undefined ? (api ?? messagesApi).fault(counted, headers) : plain.fault(body)
  if (fault !== null) return refuse(fault)
  if (isCount) return sendJson(answer, 200, { input_tokens: allText(body).length })
  const { behaviour = { kind: 'echo' } } = state.play
  if (behaviour.kind === 'refuse') {
    const message = `Your request was rejected: "${allText(body)}" is against our rules.`
    const wanted = { status: behaviour.status, code: 'content_policy_violation', message }
    return sendJson(answer, wanted.status, (api ?? vendorChat).errorBody(wanted))
  }
  state.count++
  const said = plain === undefined && api !== null ? conversation(api, body, state) : plainAnswer(path, body, state)
  if (body['stream'] !== true || said.events === null) return sendJson(answer, 200, said.whole)
  state.streams.push(said.events.length)
  await sendStream(answer, said.events, state.play)
}

function modelList(isAnthropic: boolean): object {
  const { anthropic, ...others } = captiveModels
  if (isAnthropic) return { data: [{ type: 'model', id: anthropic }], has_more: false }
  return { object: 'list', data: Object.values(others).map((id) => ({ id, object: 'model' })) }
}

interface Told {
  readonly whole: Json
  readonly events: readonly string[] | null
}

function conversation(api: PlayedApi, body: Json, state: State): Told {
  const { play, count } = state
  const [first, ...others] = sayings(play.behaviour ?? { kind: 'echo' }, { prompt: api.promptOf(body), body })
  state.said = first.text
  const facts: AnswerFacts = { model: String(body['model']), count, body, others, split: splitter(play) }
  return { whole: api.whole(first, facts), events: body['stream'] === true ? api.events(first, facts) : null }
}

function plainAnswer(path: string, body: Json, { play, count }: State): Told {
  const empty = { system: '', results: [], media: [], tools: [], choice: 'auto', isParallel: true } as const
  const more = { format: 'text', thinks: false, maxTokens: null, stop: [] } as const
  const say = (text: string): string => {
    const prompt = { ...empty, ...more, asked: [text] }
    return sayings(play.behaviour ?? { kind: 'echo' }, { prompt, body: { prompt: text } })[0].text
  }
  const told = plainEndpoints[path]?.answer({ body, count, say, split: splitter(play) })
  return told ?? { whole: {}, events: null }
}

function apiOf(path: string, request: RawRequest): PlayedApi | null {
  if (request.method !== 'POST') return null
  switch (path) {
    case '/v1/chat/completions':
      return bodyOf(request)?.['model'] === captiveModels.engine ? engineChat : vendorChat
    case '/v1/responses':
      return responsesApi
    case '/v1/messages':
      return messagesApi
    default:
      return null
  }
}

function bodyOf(request: RawRequest): Json | null {
  try {
    const body: unknown = JSON.parse(Buffer.from(request.body).toString())
    return isObject(body) ? body : null
  } catch {
    return null
  }
}

/** By code points: a stream never cuts one in a delta, only on the wire. */
const splitter =
  ({ delta = 3 }: Play) =>
  (text: string): readonly string[] => {
    const points = [...text]
    return Array.from({ length: Math.ceil(points.length / delta) }, (_, index) =>
      points.slice(index * delta, (index + 1) * delta).join(''),
    )
  }

function sendJson(answer: RawAnswer, status: number, value: unknown): void {
  const text = JSON.stringify(value)
  const head = `HTTP/1.1 ${status} X\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(text)}`
  answer.write(`${head}\r\n\r\n${text}`)
  answer.done()
}

async function sendStream(answer: RawAnswer, events: readonly string[], play: Play): Promise<void> {
  const lines = events.map((event) => (play.lineEnd === '\r\n' ? event.replaceAll('\n', '\r\n') : event))
  answer.write('HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n')
  const { pause } = play
  const before = pause === undefined ? lines.length : pause.after
  await sendPieces(answer, cut(lines.slice(0, before), play.cut))
  if (pause !== undefined) {
    await pause.until
    await sendPieces(answer, cut(lines.slice(before), play.cut))
  }
  answer.write('0\r\n\r\n')
  answer.done()
}

async function sendPieces(answer: RawAnswer, pieces: readonly Buffer[]): Promise<void> {
  for (const piece of pieces) {
    if (answer.isClosed) return
    answer.write(Buffer.concat([Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from('\r\n')]))
    // Otherwise the pieces of one turn of the loop are sent as one.
    await new Promise<void>((resolve) => setImmediate(resolve))
  }
}

/** Longest piece of those cut by chance. */
const longestPiece = 40

function cut(lines: readonly string[], how: Play['cut']): readonly Buffer[] {
  if (how === undefined) return lines.map((line) => Buffer.from(line))
  const bytes = Buffer.from(lines.join(''))
  const next = typeof how === 'number' ? () => how : lengths(how)
  const pieces: Buffer[] = []
  for (let at = 0; at < bytes.length;) {
    const length = next()
    pieces.push(bytes.subarray(at, at + length))
    at += length
  }
  return pieces
}

function lengths(seed: string): () => number {
  let state = Bun.hash.crc32(seed)
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return 1 + ((state >>> 8) % longestPiece)
  }
}
