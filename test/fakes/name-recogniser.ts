/** How it behaves; `garbage` and what follows are ways of being wrong that a client must not take for an answer. */
export type RecogniserMode =
  | 'well'
  | 'slow'
  | '500'
  | 'garbage'
  | 'not a list'
  | 'offsets outside'
  | 'offsets of bytes'
  | 'no scores'
  | 'too many'

export interface FakeNameRecogniser extends AsyncDisposable {
  readonly url: string
  readonly requests: { readonly path: string; readonly body: unknown }[]
  mode: RecogniserMode
  /** An analyzer from before lists were taken answers 500 to one. */
  takesLists: boolean
  /** Nobody listens any more, until it is started again. */
  stop(): Promise<void>
  start(): void
}

/**
 * A small recogniser of names that knows people and places from two lists, with the addresses of Presidio's analyzer
 * (`POST /analyze`, `GET /health`; presidio-analyzer/app.py) and of the usual GLiNER server (`POST /predict`). Offsets
 * count code points, as Python does; texts beyond the window of its model are not read, as with real models; what the
 * real ones refuse is refused in their words.
 */
export function startNameRecogniser(known: {
  readonly people: readonly string[]
  readonly places?: readonly string[]
  /** How many characters its model sees of a text. */
  readonly window?: number
}): FakeNameRecogniser {
  const requests: FakeNameRecogniser['requests'] = []
  const serve = (port: number) =>
    Bun.serve({ hostname: '127.0.0.1', port, development: false, idleTimeout: 0, fetch: (request) => answer(request) })
  let server: ReturnType<typeof serve> | null = serve(0)
  const port = server.port ?? 0
  const fake: FakeNameRecogniser = {
    url: `http://127.0.0.1:${port}`,
    requests,
    mode: 'well',
    takesLists: true,
    async stop() {
      await server?.stop(true)
      server = null
    },
    start: () => void (server ??= serve(port)),
    [Symbol.asyncDispose]: () => fake.stop(),
  }

  async function answer(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url)
    if (request.method === 'GET' && pathname === '/health') return new Response('Presidio Analyzer service is up')
    if (pathname !== '/analyze' && pathname !== '/predict') return error(404, 'The requested URL was not found.')
    if (request.method !== 'POST') return error(405, 'The method is not allowed for the requested URL.')
    const body = (await request.json().catch(() => null)) as Record<string, unknown> | null
    if (body === null) return error(400, 'The browser (or proxy) sent a request that this server could not understand.')
    requests.push({ path: pathname, body })
    // For as long as whoever asks can bear it.
    if (fake.mode === 'slow')
      await new Promise((resolve) => request.signal.addEventListener('abort', resolve, { once: true }))
    if (fake.mode === '500') return error(500, 'CUDA out of memory')
    if (fake.mode === 'garbage') return new Response('<html>nginx</html>', { headers: { 'content-type': 'text/html' } })
    if (fake.mode === 'not a list') return Response.json({ result: 'ok' })
    return pathname === '/analyze' ? analyze(body) : predict(body)
  }

  function analyze(body: Record<string, unknown>): Response {
    const { text, language, score_threshold: threshold = 0, entities } = body
    const isList = Array.isArray(text)
    if (!text || (isList && !fake.takesLists)) return error(500, isList ? 'expected string' : 'No text provided')
    if (!language) return error(500, 'No language provided')
    if (language !== 'en') return error(500, 'No matching recognizers were found to serve the request.')
    const results = (isList ? (text as string[]) : [text as string]).map((each) =>
      spoiled(each, find(each))
        .map(({ label, ...place }) => ({ analysis_explanation: null, entity_type: label, ...place }))
        .filter(({ score }) => score === undefined || score >= Number(threshold))
        .filter(({ entity_type: type }) => !Array.isArray(entities) || entities.includes(type)),
    )
    return Response.json(isList ? results : results[0])
  }

  function predict(body: Record<string, unknown>): Response {
    const { text, labels, threshold = 0.5 } = body
    if (typeof text !== 'string' || !Array.isArray(labels))
      return Response.json(
        { detail: [{ type: 'missing', loc: ['body', 'text'], msg: 'Field required' }] },
        { status: 422 },
      )
    const found = spoiled(text, find(text))
      .map((each) => ({ ...each, label: each.label === 'LOCATION' ? 'address' : 'person' }))
      .filter(({ label, score }) => labels.includes(label) && (score === undefined || score >= Number(threshold)))
      .map((each) => ({ ...each, text: [...text].slice(each.start, each.end).join('') }))
    return Response.json(labels.length > 3 ? { entities: found } : found)
  }

  function find(text: string): readonly Entity[] {
    const seen = text.slice(0, known.window ?? Infinity)
    const points = (unit: number) => [...seen.slice(0, unit)].length
    const all = [
      ...known.people.map((value) => ({ value, label: 'PERSON', score: 0.85 })),
      ...(known.places ?? []).map((value) => ({ value, label: 'LOCATION', score: 0.6 })),
    ]
    return all.flatMap(({ value, label, score }) => {
      const found: Entity[] = []
      for (let at = seen.indexOf(value); at !== -1; at = seen.indexOf(value, at + 1)) {
        const isWord = !/[\p{L}\p{N}]/u.test(seen.charAt(at - 1) + seen.charAt(at + value.length))
        if (isWord) found.push({ label, score, start: points(at), end: points(at + value.length) })
      }
      return found
    })
  }

  function spoiled(text: string, found: readonly Entity[]): readonly (Omit<Entity, 'score'> & { score?: number })[] {
    switch (fake.mode) {
      case 'offsets outside':
        return [{ label: 'PERSON', score: 1, start: 0, end: [...text].length + 1 }]
      case 'offsets of bytes': {
        const bytes = (point: number) => Buffer.byteLength([...text].slice(0, point).join(''))
        return found.map((each) => ({ ...each, start: bytes(each.start), end: bytes(each.end) }))
      }
      case 'no scores':
        return found.map(({ label, start, end }) => ({ label, start, end }))
      case 'too many':
        return Array.from({ length: 50 }, () => ({ label: 'PERSON', score: 1, start: 0, end: 1 }))
      default:
        return found
    }
  }

  return fake
}

interface Entity {
  readonly label: string
  readonly score: number
  readonly start: number
  readonly end: number
}

const error = (status: number, message: string): Response => Response.json({ error: message }, { status })
