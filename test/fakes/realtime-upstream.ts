/**
 * A small realtime server, as OpenAI's: it speaks first (`session.created`), answers `response.create` with sound and
 * `response.done` with the usage, and refuses what the real one refuses: a missing key (401), an unknown model (404),
 * another model for a session that runs, an event that is no JSON.
 */
export interface RealtimeUpstream extends AsyncDisposable {
  readonly url: string
  readonly key: string
  /** Queries and headers of those who came. */
  readonly seen: { readonly query: Readonly<Record<string, string>>; readonly headers: Headers }[]
  /** Events of clients, in order. */
  readonly events: Readonly<Record<string, unknown>>[]
  /** Codes with which sessions ended. */
  readonly closed: number[]
  readonly open: number
  /** Bytes of floods that went into sockets. */
  readonly flooded: number
  /** What the next one meets. */
  play(mode: RealtimeMode): void
}

export type RealtimeMode =
  | 'normal'
  /** An HTTP answer instead of a WebSocket. */
  | 'refuse'
  | 'busy'
  /** Breaks off without a word at the first `response.create`. */
  | 'cut'
  /** Closes with 4321 at the first `response.create`. */
  | 'close'
  /** Opens, and closes with 4400 at once. */
  | 'hello_goodbye'
  /** Sends 64 MiB of sound at the first `response.create`. */
  | 'flood'

export const floodBytes = 64 * 2 ** 20
const floodFrameBytes = 64 * 1024

interface Session {
  readonly model: string
  readonly mode: RealtimeMode
  left: number
  readonly onFlood: (bytes: number) => void
}

export async function startRealtimeUpstream(models: readonly string[] = ['gpt-realtime']): Promise<RealtimeUpstream> {
  const key = 'sk-realtime'
  const state = { mode: 'normal' as RealtimeMode, open: 0, flooded: 0 }
  const seen: RealtimeUpstream['seen'] = []
  const events: RealtimeUpstream['events'] = []
  const closed: number[] = []
  const server = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    fetch(request, self) {
      const { pathname, searchParams } = new URL(request.url)
      if (pathname === '/v1/models') return Response.json({ object: 'list', data: models.map((id) => ({ id })) })
      seen.push({ query: Object.fromEntries(searchParams), headers: request.headers })
      if (pathname !== '/v1/realtime') return new Response('not here', { status: 404 })
      if (request.headers.get('authorization') !== `Bearer ${key}`) return new Response('no key', { status: 401 })
      const model = searchParams.get('model') ?? ''
      if (!models.includes(model)) return new Response('no such model', { status: 404 })
      if (state.mode === 'refuse') return new Response('no', { status: 400 })
      if (state.mode === 'busy') return new Response('busy', { status: 503 })
      const onFlood = (bytes: number): void => void (state.flooded += bytes)
      const data: Session = { model, mode: state.mode, left: floodBytes, onFlood }
      return self.upgrade(request, { data }) ? undefined : new Response('upgrade', { status: 426 })
    },
    websocket: {
      data: {} as Session,
      backpressureLimit: 2 * floodBytes,
      open(socket) {
        state.open += 1
        if (socket.data.mode === 'hello_goodbye') return socket.close(4400, 'not today')
        say(socket, { type: 'session.created', session: { model: socket.data.model } })
      },
      message(socket, text) {
        const event = parsed(String(text))
        if (event === null) return say(socket, { type: 'error', error: { code: 'invalid_json', message: 'no JSON' } })
        events.push(event)
        take(socket, event)
      },
      drain: (socket) => pump(socket),
      close(_, code) {
        state.open -= 1
        closed.push(code)
      },
    },
  })
  return {
    url: `http://127.0.0.1:${server.port}/v1`,
    key,
    seen,
    events,
    closed,
    get flooded() {
      return state.flooded
    },
    get open() {
      return state.open
    },
    play: (mode) => void (state.mode = mode),
    [Symbol.asyncDispose]: () => server.stop(true),
  }
}

type Socket = Bun.ServerWebSocket<Session>

function take(socket: Socket, event: Readonly<Record<string, unknown>>): void {
  if (event['type'] === 'session.update') {
    const { model } = (event['session'] ?? {}) as { readonly model?: string }
    if (model !== undefined && model !== socket.data.model)
      return say(socket, { type: 'error', error: { code: 'model_change', message: 'model cannot be changed' } })
    return say(socket, { type: 'session.updated', session: event['session'] })
  }
  if (event['type'] === 'response.create') respond(socket)
}

function respond(socket: Socket): void {
  const { mode } = socket.data
  if (mode === 'cut') return socket.terminate()
  if (mode === 'close') return socket.close(4321, 'go away')
  if (mode === 'flood') return pump(socket)
  say(socket, { type: 'response.created', response: { id: 'resp_1' } })
  say(socket, { type: 'response.output_audio.delta', delta: 'AAAA' })
  const usage = {
    total_tokens: 30,
    input_tokens: 20,
    output_tokens: 10,
    input_token_details: { cached_tokens: 4, audio_tokens: 16, text_tokens: 4 },
  }
  say(socket, { type: 'response.done', response: { id: 'resp_1', status: 'completed', usage } })
}

function pump(socket: Socket): void {
  if (socket.data.mode !== 'flood') return
  while (socket.data.left > 0) {
    socket.data.left -= floodFrameBytes
    socket.data.onFlood(floodFrameBytes)
    if (socket.send(new Uint8Array(floodFrameBytes)) <= 0) return
  }
}

function say(socket: Socket, event: object): void {
  socket.send(JSON.stringify({ event_id: 'event_1', ...event }))
}

function parsed(text: string): Record<string, unknown> | null {
  try {
    return JSON.parse(text) as Record<string, unknown>
  } catch {
    return null
  }
}
