/**
 * A small receiver of OTLP over HTTP: it takes `ExportTraceServiceRequest` in its JSON form and is as strict as a
 * collector: another path is 404, another method 405, another type 415, too much 413, and what does not decode as the
 * message is 400 with a `google.rpc.Status`. Unknown members are ignored, as the specification wants it.
 */
export interface OtlpReceiver extends AsyncDisposable {
  /** As a person configures it, without `/v1/traces`. */
  readonly url: string
  readonly spans: readonly DecodedSpan[]
  readonly resources: readonly Readonly<Record<string, unknown>>[]
  readonly requests: readonly { readonly headers: Readonly<Record<string, string>>; readonly status: number }[]
  /** What the next requests are answered, one after the other; then 200 again. */
  answerNext(...answers: readonly Planned[]): void
}

export interface Planned {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  /** With 200: so many spans were not taken. */
  readonly rejected?: number
}

export interface DecodedSpan {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId: string
  readonly name: string
  readonly kind: number
  readonly startNano: bigint
  readonly endNano: bigint
  readonly attributes: Readonly<Record<string, unknown>>
  readonly events: readonly { readonly name: string; readonly nano: bigint }[]
  readonly isError: boolean
}

const maxBodyBytes = 20 * 2 ** 20

export function startOtlpReceiver(): OtlpReceiver {
  const spans: DecodedSpan[] = []
  const resources: Readonly<Record<string, unknown>>[] = []
  const requests: { headers: Record<string, string>; status: number }[] = []
  const planned: Planned[] = []
  const server = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    maxRequestBodySize: maxBodyBytes,
    async fetch(request) {
      const response = await answer(request)
      requests.push({ headers: Object.fromEntries(request.headers), status: response.status })
      return response
    },
  })
  async function answer(request: Request): Promise<Response> {
    if (new URL(request.url).pathname !== '/v1/traces') return refusal(404, 'no such path')
    if (request.method !== 'POST') return refusal(405, 'POST only')
    if (request.headers.get('content-type') !== 'application/json') return refusal(415, 'JSON only')
    const body = await request.text()
    const plan = planned.shift() ?? { status: 200 }
    if (plan.status !== 200) return refusal(plan.status, 'as planned', plan.headers)
    try {
      const decoded = decodeRequest(JSON.parse(body))
      spans.push(...decoded.spans)
      resources.push(...decoded.resources)
    } catch (error) {
      return refusal(400, error instanceof Error ? error.message : 'not decodable')
    }
    const rejected = plan.rejected ?? 0
    return Response.json(
      rejected === 0 ? {} : { partialSuccess: { rejectedSpans: String(rejected), errorMessage: 'as planned' } },
    )
  }
  return {
    url: `http://127.0.0.1:${server.port}`,
    spans,
    resources,
    requests,
    answerNext: (...answers) => void planned.push(...answers),
    [Symbol.asyncDispose]: () => server.stop(true),
  }
}

const refusal = (status: number, message: string, headers: Readonly<Record<string, string>> = {}) =>
  Response.json({ message }, { status, headers })

function decodeRequest(value: unknown) {
  const resourceSpans = list(member(value, 'resourceSpans'), 'resourceSpans')
  if (resourceSpans.length === 0) throw new Error('an empty request must not be sent')
  return {
    resources: resourceSpans.map((each) => attributesOf(member(member(each, 'resource'), 'attributes'))),
    spans: resourceSpans.flatMap((each) =>
      list(member(each, 'scopeSpans'), 'scopeSpans').flatMap((scope) => {
        text(member(member(scope, 'scope'), 'name'), 'scope.name')
        return list(member(scope, 'spans'), 'spans').map(decodeSpan)
      }),
    ),
  }
}

function decodeSpan(span: unknown): DecodedSpan {
  const status = member(span, 'status')
  const code = member(status, 'code') ?? 0
  if (typeof code !== 'number' || code < 0 || code > 2) throw new Error('status.code is an enum, written as a number')
  const kind = member(span, 'kind')
  if (typeof kind !== 'number' || kind < 1 || kind > 5) throw new Error('kind is an enum, written as a number')
  const parent = member(span, 'parentSpanId')
  const [startNano, endNano] = [nano(span, 'startTimeUnixNano'), nano(span, 'endTimeUnixNano')]
  if (endNano < startNano) throw new Error('a span ends before it begins')
  return {
    traceId: hex(member(span, 'traceId'), 32),
    spanId: hex(member(span, 'spanId'), 16),
    parentSpanId: parent === undefined ? '' : hex(parent, 16),
    name: text(member(span, 'name'), 'name'),
    kind,
    startNano,
    endNano,
    attributes: attributesOf(member(span, 'attributes')),
    events: list(member(span, 'events') ?? [], 'events').map((event) => ({
      name: text(member(event, 'name'), 'event.name'),
      nano: nano(event, 'timeUnixNano'),
    })),
    isError: code === 2,
  }
}

function attributesOf(value: unknown): Readonly<Record<string, unknown>> {
  const pairs = list(value ?? [], 'attributes').map(
    (entry) => [text(member(entry, 'key'), 'key'), anyValue(member(entry, 'value'))] as const,
  )
  const found = Object.fromEntries(pairs)
  if (Object.keys(found).length !== pairs.length) throw new Error('attribute keys must be unique')
  return found
}

function anyValue(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) throw new Error('an AnyValue is an object')
  const [name, inner, ...more] = Object.entries(value).flat() as [string, unknown, ...unknown[]]
  if (more.length > 0) throw new Error('an AnyValue has one member')
  switch (name) {
    case 'stringValue':
      return text(inner, name)
    case 'boolValue':
      if (typeof inner === 'boolean') return inner
      break
    case 'intValue':
      if (typeof inner === 'string' && /^-?\d+$/.test(inner)) return Number(inner)
      break
    case 'doubleValue':
      if (typeof inner === 'number') return inner
  }
  throw new Error(`${name} is no AnyValue that Hearth may send: ${JSON.stringify(inner)}`)
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>)[name] : undefined
}

function list(value: unknown, name: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new Error(`${name} is no list`)
  return value
}

function text(value: unknown, name: string): string {
  if (typeof value !== 'string' || value === '') throw new Error(`${name} is no text`)
  return value
}

function hex(value: unknown, length: number): string {
  if (typeof value !== 'string' || value.length !== length || !/^[0-9a-f]+$/i.test(value) || /^0+$/.test(value))
    throw new Error(`${JSON.stringify(value)} is no id of ${length} hex digits`)
  return value
}

/** 64 bits: a decimal text, for a JSON number would lose digits. */
function nano(value: unknown, name: string): bigint {
  const given = member(value, name)
  if (typeof given !== 'string' || !/^\d{1,20}$/.test(given)) throw new Error(`${name} is no decimal text`)
  return BigInt(given)
}
