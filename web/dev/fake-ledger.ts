import type { RequestDetail, RequestPage, RequestView } from '../src/api/types.ts'

type Attempt = NonNullable<RequestDetail['trace']>['attempts'][number]

const rows = 1_240
const models = ['qwen3-8b-instruct', 'coder', 'office-vllm/qwen3-30b-a3b', 'hearth/smoke'] as const
const keys = ['aaaa1111bbbb', 'k1tch3ntabl3', 'b4ckupscript'] as const

/** A ledger that looks lived in: always the same rows for the same start, newest first. */
export function createLedger(startedAt: number) {
  let requests: RequestView[] = Array.from({ length: rows }, (_, n) => makeRequest(rows - n, startedAt - n * 41_000))
  let next = rows + 1
  return {
    page: (query: URLSearchParams): RequestPage => pageOf(requests, query),
    detail(id: string): RequestDetail | null {
      const request = requests.find((candidate) => candidate.id === id)
      return request ? detailOf(request) : null
    },
    /** One more request ended. */
    add(facts: Partial<RequestView> = {}): RequestView {
      // Every eighth, from the third on, ends badly: those are left to the past.
      const n = next++
      const request = { ...makeRequest(n % 8 === 3 ? n + 1 : n, Date.now()), ...facts, id: idOf(n) }
      requests = [request, ...requests]
      return request
    },
  }
}

function pageOf(requests: readonly RequestView[], query: URLSearchParams): RequestPage {
  const is = (name: string, value: string | null) => !query.has(name) || query.get(name) === value
  const text = query.get('text')?.toLowerCase() ?? ''
  const since = query.get('since')
  const found = requests.filter(
    (request) =>
      is('key', request.key) &&
      is('model', request.model) &&
      is('upstream', request.upstream) &&
      is('outcome', request.outcome) &&
      (since === null || request.at >= since) &&
      `${request.model} ${request.reason ?? ''}`.toLowerCase().includes(text),
  )
  const limit = Number(query.get('limit') ?? 100)
  const cursor = query.get('cursor')
  const from = cursor === null ? 0 : found.findIndex((request) => request.id === cursor) + 1
  const data = found.slice(from, from + limit)
  return { data, next: from + limit < found.length ? (data.at(-1)?.id ?? null) : null }
}

/** Every eighth fails, breaks off or is given up; every fifth was tried twice. */
function makeRequest(n: number, at: number): RequestView {
  const model = models[n % models.length] ?? models[0]
  const isLocal = !model.includes('office') && model !== 'coder'
  const ending = n % 8 === 3 ? (['failed', 'incomplete', 'aborted'] as const)[n % 3] : 'complete'
  const failed = ending === 'failed'
  const ttftMs = failed ? null : 90 + ((n * 37) % 400)
  const completionTokens = failed ? null : 20 + ((n * 53) % 700)
  return {
    id: idOf(n),
    at: new Date(at).toISOString(),
    key: keys[n % keys.length] ?? keys[0],
    user: null,
    team: null,
    tags: [],
    endpoint: '/v1/chat/completions',
    model,
    upstream: failed && n % 2 === 1 ? null : isLocal ? 'local' : 'office-vllm',
    upstreamModel: failed && n % 2 === 1 ? null : model.replace('office-vllm/', ''),
    status: failed ? 503 : 200,
    outcome: ending ?? 'complete',
    isStream: n % 4 !== 1,
    tokens: completionTokens === null ? null : completionTokens + 210,
    usage: {
      promptTokens: completionTokens === null ? null : 210,
      completionTokens,
      cachedTokens: n % 5 === 0 ? 128 : null,
    },
    ttftMs,
    durationMs: (ttftMs ?? 40) + (completionTokens ?? 0) * 14,
    costMicros: isLocal ? null : (completionTokens ?? 0) * 6,
    reason: failed
      ? (['queue_full', 'no_healthy_target'][n % 2] ?? null)
      : ending === 'incomplete'
        ? 'stream_incomplete'
        : ending === 'aborted'
          ? 'client_gone'
          : null,
  }
}

function idOf(n: number): string {
  return `req_${String(n).padStart(24, '0')}`
}

function detailOf(request: RequestView): RequestDetail {
  const n = Number(request.id.slice(4))
  const last: Attempt = {
    upstream: request.upstream ?? 'attic',
    model: request.upstreamModel ?? request.model,
    startedMs: 0.4,
    placedMs: 4,
    headMs: Math.max(6, (request.ttftMs ?? 30) - 24),
    status: request.status,
    failure: request.outcome === 'failed' ? 'no_place' : null,
    endedMs: request.durationMs - 1,
  }
  const refused: Attempt = {
    ...last,
    upstream: 'attic',
    placedMs: 0.6,
    headMs: null,
    status: null,
    failure: 'refused',
    endedMs: 22,
  }
  const isSecond = n % 5 === 0
  const attempts = isSecond ? [refused, { ...last, startedMs: 31, placedMs: 33 }] : [last]
  return {
    ...request,
    keyName: request.key === 'k1tch3ntabl3' ? 'Kitchen tablet' : null,
    // Rows of an earlier version of Hearth have no trace.
    trace:
      n % 11 === 7
        ? null
        : {
            route: isSecond ? 'retry 1 after refused' : 'least-in-flight 1 of 3',
            cache: n % 7 === 0 ? 'miss' : null,
            attempts,
            ...(request.upstream === 'office-vllm' ? { privacy: hiddenOf(n) } : {}),
          },
    bodies:
      n % 2 === 0
        ? null
        : {
            request: JSON.stringify({
              model: request.model,
              messages: [{ role: 'user', content: 'How do I bank a fire?' }],
            }),
            response: 'data: {"choices":[{"delta":{"content":"Cover the embers with ash"}}]}\n\ndata: [DONE]\n\n',
            isCut: n % 3 === 0,
          },
  }
}

/** What did not leave of it; of every third nothing had to be hidden. */
function hiddenOf(n: number): NonNullable<RequestDetail['trace']>['privacy'] {
  const counts = { PERSON: (n % 4) + 1, EMAIL: 2, ...(n % 2 === 0 ? { IBAN: 1 } : {}) }
  return { policy: 'default', names: n % 5 === 0 ? 'recogniser' : 'known-names', counts: n % 3 === 0 ? {} : counts }
}
