import type { FailureClass } from '#kernel/routing.ts'

/** What a failure means for where to go on. */
export interface Consequence {
  /** The next target of the route may do better. */
  readonly goesOn: boolean
  /** The same target may do better in a moment. */
  readonly isPassing: boolean
  /** Fallbacks that name no classes are taken for it: the fault lies with who was asked, not with the request. */
  readonly isTargets: boolean
  /** It tells that the target is not well, and counts for its breaker. Busy is not down. */
  readonly isUnwell: boolean
}

const passing: Consequence = { goesOn: true, isPassing: true, isTargets: true, isUnwell: true }
const lasting: Consequence = { goesOn: true, isPassing: false, isTargets: true, isUnwell: true }
/** Another model is another decision: only where somebody wrote that this failure leads there. */
const ofRequest: Consequence = { goesOn: false, isPassing: false, isTargets: false, isUnwell: false }

export const consequences: Readonly<Record<FailureClass, Consequence>> = {
  refused: passing,
  reset: passing,
  broken: passing,
  empty: passing,
  malformed: passing,
  busy: { ...passing, isUnwell: false },
  rate_limited: { ...passing, isUnwell: false },
  server_error: passing,
  // It has had its whole deadline: a second one would double what the caller waits.
  timeout: lasting,
  // Until somebody mends the key, the name or the policy.
  auth: lasting,
  not_found: { ...lasting, isUnwell: false },
  denied: { ...lasting, isUnwell: false },
  // It has waited in the queue already, as long as a request may.
  no_place: { ...lasting, isUnwell: false },
  context_length: ofRequest,
  content_filter: ofRequest,
}

/**
 * What an answer of 300 and above means; null: the fault is the request's own, and everybody would refuse it. Statuses
 * decide, except where a vendor tells what matters in words only.
 */
export function classOf(status: number, body: Uint8Array): FailureClass | null {
  if (status < 300) return null
  const said = saidIn(body)
  if (isContextLength(said)) return 'context_length'
  if (status === 400 || status === 403 || status === 422) {
    if (isContentFilter(said)) return 'content_filter'
    if (status !== 403 && isUnknownModel(said)) return 'not_found'
  }
  return byStatus.get(status) ?? (status < 400 ? 'not_found' : status >= 500 ? 'server_error' : null)
}

const byStatus: ReadonlyMap<number, FailureClass> = new Map([
  [401, 'auth'],
  // Out of money, which a person has to mend as well.
  [402, 'auth'],
  [403, 'auth'],
  [404, 'not_found'],
  [405, 'not_found'],
  [408, 'timeout'],
  [410, 'not_found'],
  [425, 'busy'],
  [429, 'rate_limited'],
  [501, 'not_found'],
  [503, 'busy'],
  [504, 'timeout'],
  [529, 'busy'],
])

interface Said {
  /** `code` and `type` as they stand, in lower case. */
  readonly codes: readonly string[]
  readonly message: string
}

const decoder = new TextDecoder()
/** Messages repeat what was asked; what they are about stands at their beginning. */
const maxMessage = 600

type Members = Readonly<Record<string, unknown>>

/** The forms of OpenAI, Anthropic, vLLM (flat), FastAPI (`detail`), Gemini (a list of one), Ollama (a bare text). */
function saidIn(body: Uint8Array): Said {
  const text = decoder.decode(body)
  const parsed = parse(text)
  const whole = (Array.isArray(parsed) ? parsed[0] : parsed) as Members | string | null | undefined
  if (whole === null || typeof whole !== 'object')
    return { codes: [], message: text.slice(0, maxMessage).toLowerCase() }
  const error = whole.error ?? whole.detail ?? whole
  if (typeof error !== 'object' || error === null)
    return { codes: [], message: (typeof error === 'string' ? error : text).slice(0, maxMessage).toLowerCase() }
  const { code, type, status, message, innererror } = error as Members
  const inner = (innererror as Members | null | undefined)?.code
  const codes = [code, type, status, inner].filter((value) => typeof value === 'string')
  return {
    codes: codes.map((value) => value.toLowerCase()),
    message: typeof message === 'string' ? message.slice(0, maxMessage).toLowerCase() : '',
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

/** OpenAI, Azure and Groq; llama-server; others. */
const contextCodes = [
  'context_length_exceeded',
  'exceed_context_size_error',
  'context_exceeded',
  'string_above_max_length',
]

const contextSentences: readonly RegExp[] = [
  // OpenAI, vLLM, OpenRouter.
  /maximum context length (is|of)/,
  /maximum model length|max_model_len/,
  // Anthropic.
  /prompt is too long/,
  /exceed context limit/,
  // SGLang.
  /longer than the model's context length/,
  // llama-server, llama-cpp-python, Ollama.
  /exceeds? (the )?(available )?context (size|window|length)/,
  // Gemini.
  /input token count .*exceeds the maximum number of tokens/,
  /reduce the length of the (messages|prompt|input)/,
]

function isContextLength({ codes, message }: Said): boolean {
  return (
    codes.some((code) => contextCodes.includes(code)) || contextSentences.some((sentence) => sentence.test(message))
  )
}

/** Azure; OpenAI's images and moderation; others. */
const filterCodes = [
  'content_filter',
  'content_policy_violation',
  'responsibleaipolicyviolation',
  'moderation_blocked',
  'data_inspection_failed',
]

const filterSentences: readonly RegExp[] = [
  /content (management|filtering) policy/,
  /blocked by (our |the )?content filter/,
  /flagged (by|as|for) .*(moderation|usage policy|content policy)/,
]

function isContentFilter({ codes, message }: Said): boolean {
  return codes.some((code) => filterCodes.includes(code)) || filterSentences.some((sentence) => sentence.test(message))
}

/** Who answers 400 where others answer 404. */
const modelCodes = ['model_not_found', 'invalid_model', 'deploymentnotfound']

function isUnknownModel({ codes, message }: Said): boolean {
  return codes.some((code) => modelCodes.includes(code)) || /^invalid model( name|:)/.test(message)
}
