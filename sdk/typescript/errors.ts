export interface HearthErrorFacts {
  /** The HTTP status; 0 when no answer arrived. */
  readonly status: number
  readonly code: string
  readonly message: string
  readonly type?: string | null
  readonly param?: string | null
  readonly retryAfterMs?: number | null
  readonly details?: Readonly<Record<string, unknown>>
  readonly requestId?: string | null
  readonly cause?: unknown
}

/**
 * A call that did not succeed. Codes of this client itself: `unreachable` (nobody answered), `aborted` (the caller's
 * signal), `timeout` (the client's own deadline), `incomplete` (an answer broke off), `malformed` (an answer that is
 * not Hearth's); all other codes are the house's `error.code`.
 */
export class HearthError extends Error {
  readonly status: number
  readonly code: string
  readonly type: string | null
  /** The request's member at fault, for example `limits.concurrency`. */
  readonly param: string | null
  /** How long to wait before the next try; null when the house did not say. */
  readonly retryAfterMs: number | null
  /** What stood beside `error` in the answer, for example `loading`. */
  readonly details: Readonly<Record<string, unknown>>
  readonly requestId: string | null

  constructor(facts: HearthErrorFacts) {
    super(facts.message, facts.cause === undefined ? undefined : { cause: facts.cause })
    this.name = 'HearthError'
    this.status = facts.status
    this.code = facts.code
    this.type = facts.type ?? null
    this.param = facts.param ?? null
    this.retryAfterMs = facts.retryAfterMs ?? null
    this.details = facts.details ?? {}
    this.requestId = facts.requestId ?? null
  }
}

/** The error in an answer of the house; an answer of something else (a proxy's page) becomes `malformed`. */
export function errorFromAnswer(answer: {
  readonly status: number
  readonly headers: Headers
  readonly text: string
}): HearthError {
  const { status, headers, text } = answer
  const retryAfterMs = retryAfter(headers.get('retry-after'))
  const requestId = headers.get('x-request-id')
  const envelope = readEnvelope(text)
  if (envelope) return new HearthError({ status, retryAfterMs, requestId, ...envelope })
  const phase = readPhase(text)
  if (status === 503 && phase !== null) {
    return new HearthError({ status, code: 'not_ready', message: `The house is ${phase}.`, retryAfterMs, requestId })
  }
  const excerpt = text.trim().replace(/\s+/g, ' ').slice(0, 200)
  const message = `The answer with status ${status} is not one of Hearth's${excerpt === '' ? '.' : `: ${excerpt}`}`
  return new HearthError({ status, code: 'malformed', message, retryAfterMs, requestId })
}

type Envelope = Pick<HearthErrorFacts, 'code' | 'message' | 'type' | 'param' | 'details'>

/** `{"error":{message,type,code,param}, …}`; null when the text is something else. */
export function readEnvelope(text: string): Envelope | null {
  const value = parseJson(text)
  if (!isRecord(value) || !isRecord(value['error'])) return null
  const { error, ...details } = value
  if (!isRecord(error)) return null
  const read = (name: string): string | null => (typeof error[name] === 'string' ? error[name] : null)
  const type = read('type')
  return {
    code: read('code') ?? type ?? 'error',
    message: read('message') ?? 'The house gave no reason.',
    type,
    param: read('param'),
    details,
  }
}

/** `/ready` tells its phase and no error: `{"status":"draining"}`. */
function readPhase(text: string): string | null {
  const value = parseJson(text)
  return isRecord(value) && typeof value['status'] === 'string' ? value['status'] : null
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** `Retry-After` in seconds; a date is not used by Hearth and reads as unknown. */
function retryAfter(header: string | null): number | null {
  if (header === null || !/^\d+(\.\d+)?$/.test(header.trim())) return null
  return Math.round(Number(header) * 1000)
}
