/**
 * A deterministic model over one of the three APIs. What it does depends on what it is asked (model.ts), what it
 * refuses on the API. The last words of the user may ask for a failure: "fail with 429", "fail once with 529 (some
 * name)", "break off" (in the middle of a stream), "too long" (for its context).
 */
import type { Json } from '../scripted-turn.ts'
import type { AnswerFacts, Fault, PlayedApi } from './api.ts'
import { chatApi } from './chat.ts'
import { messagesApi } from './messages.ts'
import { play, type Said } from './model.ts'
import { responsesApi } from './responses.ts'
import { Threads } from './threads.ts'

export type PlayedApiName = 'chat' | 'vendor-chat' | 'responses' | 'messages'

export interface ModelUpstreamOptions {
  readonly api: PlayedApiName
  readonly models: readonly string[]
}

export interface ModelUpstream extends AsyncDisposable {
  /** As the config takes it. */
  readonly url: string
  readonly key: string
  /** Every request for an answer, in order, answered or refused. */
  readonly requests: readonly { readonly headers: Headers; readonly body: Json }[]
  /** Why requests were refused, those that asked for it not among them. */
  readonly refusals: readonly string[]
  /** Answers that nobody waited for. */
  readonly hangUps: number
  readonly inFlight: number
}

const played: Readonly<Record<PlayedApiName, PlayedApi>> = {
  chat: chatApi({ isVendor: false }),
  'vendor-chat': chatApi({ isVendor: true }),
  responses: responsesApi,
  messages: messagesApi,
}

export function startModelUpstream({ api: name, models }: ModelUpstreamOptions): ModelUpstream {
  const api = played[name]
  const key = `sk-model-${name}`
  const requests: { headers: Headers; body: Json }[] = []
  const refusals: string[] = []
  const state = { hangUps: 0, inFlight: 0 }
  const failedOnce = new Set<string>()
  const threads = new Threads()
  const told = (fault: Fault): Response => Response.json(api.errorBody(fault), { status: fault.status })
  const refuse = (fault: Fault): Response => {
    refusals.push(fault.message)
    return told(fault)
  }
  const server = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    development: false,
    idleTimeout: 60,
    async fetch(request) {
      const { pathname } = new URL(request.url)
      const entrance = api.entrance(request.headers, key)
      if (entrance !== null) return refuse(entrance)
      if (pathname === '/v1/models') return Response.json({ object: 'list', data: models.map((id) => ({ id })) })
      const isCount = pathname === `/v1/messages/count_tokens` && name === 'messages'
      if (pathname !== `/v1${api.path}` && !isCount) return refuse(notFound(`Not found: ${pathname}`))
      const asked = (await request.json()) as Json
      requests.push({ headers: request.headers, body: asked })
      const threaded = name === 'messages' ? threads.whole(asked) : { body: asked }
      if ('fault' in threaded) return refuse(threaded.fault)
      const { body } = threaded
      const fault = faultOf(api, isCount ? { ...body, max_tokens: 1 } : body, { headers: request.headers, models })
      if (fault !== null) return refuse(fault)
      if (isCount) return Response.json({ input_tokens: play(api.promptOf(body)).usage.prompt })
      const wished = wishedFault(lastWords(api, body), failedOnce)
      if (wished !== null) return told(wished)
      const facts = { body, count: requests.length, model: String(body['model']) }
      threads.keep(asked, body, api.whole(play(api.promptOf(body)), facts))
      return answer(api, facts, request.signal, state)
    },
  })
  return {
    url: `http://127.0.0.1:${server.port}${name === 'messages' ? '' : '/v1'}`,
    key,
    requests,
    refusals,
    get hangUps() {
      return state.hangUps
    },
    get inFlight() {
      return state.inFlight
    },
    [Symbol.asyncDispose]: () => server.stop(true),
  }
}

const notFound = (message: string): Fault => ({ status: 404, code: 'not_found', message })

interface Asking {
  readonly headers: Headers
  readonly models: readonly string[]
}

function faultOf(api: PlayedApi, body: Json, { headers, models }: Asking): Fault | null {
  const { model, stream } = body
  if (typeof model !== 'string' || model === '')
    return { status: 400, code: null, message: 'you must provide a model parameter', param: 'model' }
  if (!models.includes(model))
    return { status: 404, code: 'model_not_found', message: `The model \`${model}\` does not exist.`, param: 'model' }
  if (stream !== undefined && stream !== null && typeof stream !== 'boolean')
    return { status: 400, code: null, message: "Invalid type for 'stream'.", param: 'stream' }
  return api.fault(body, headers)
}

const lastWords = (api: PlayedApi, body: Json): string => api.promptOf(body).asked.at(-1) ?? ''

function wishedFault(words: string, failedOnce: Set<string>): Fault | null {
  if (/\btoo long\b/.test(words))
    return { status: 400, code: 'context_length_exceeded', message: "This model's maximum context length is 8 tokens." }
  const [, once, status] = /\bfail (once )?with (\d{3})\b/.exec(words) ?? []
  if (status === undefined) return null
  if (once !== undefined && failedOnce.has(words)) return null
  failedOnce.add(words)
  return { status: Number(status), code: null, message: `It failed with ${status}, as it was asked to.` }
}

const pauseMs = 5

function answer(
  api: PlayedApi,
  facts: AnswerFacts,
  signal: AbortSignal,
  state: { hangUps: number; inFlight: number },
): Response | Promise<Response> {
  const said = play(api.promptOf(facts.body))
  if (facts.body['stream'] === true) return stream(api, said, { facts, signal, state })
  if (!said.isEndless) return Response.json(api.whole(said, facts))
  state.inFlight++
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => {
      state.inFlight--
      state.hangUps++
      resolve(new Response(null, { status: 499 }))
    })
  })
}

interface Streaming {
  readonly facts: AnswerFacts
  readonly signal: AbortSignal
  readonly state: { hangUps: number; inFlight: number }
}

function stream(api: PlayedApi, said: Said, { facts, signal, state }: Streaming): Response {
  const events = api.events(said, facts)
  const breaks = /\bbreak off\b/.test(lastWords(api, facts.body))
  const shown = breaks ? events.slice(0, Math.ceil(events.length / 2)) : events
  const encoder = new TextEncoder()
  let isOver = false
  const over = (isHangUp: boolean): void => {
    if (isOver) return
    isOver = true
    state.inFlight--
    if (isHangUp) state.hangUps++
  }
  state.inFlight++
  signal.addEventListener('abort', () => over(true))
  let at = 0
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      if (said.isEndless) await Bun.sleep(pauseMs)
      const event = shown[at++]
      if (event !== undefined && !isOver) return controller.enqueue(encoder.encode(event))
      over(false)
      controller.close()
    },
    cancel: () => over(true),
  })
  return new Response(body, { headers: { 'content-type': 'text/event-stream' } })
}
