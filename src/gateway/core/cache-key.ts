/** What of a request decides whether another one has the same answer. Pure; the digest is made by who keeps answers. */

export type Cacheable =
  | {
      readonly kind: 'key'
      /** The same for requests that ask the same, whatever the order of their members. */
      readonly text: string
    }
  /** Why this request is none for a cache: a word for logs and tests. */
  | { readonly kind: 'bypass'; readonly why: string }

export interface CacheQuestion {
  /** Answers belong to the key that asked for them. */
  readonly key: string
  /** The name after routing: aliases of one route share their answers. */
  readonly route: string
  /** `chat/completions`, `messages` … */
  readonly endpoint: string
  readonly body: Readonly<Record<string, unknown>>
}

/**
 * Only what a model says to the same question: no request that makes somebody act (`tools`), rests on what a server
 * remembers, leaves work behind, or wants several answers, of which one wants variety. Anything that is not known to be
 * safe is not kept.
 */
export function cacheKey({ key, route, endpoint, body }: CacheQuestion): Cacheable {
  const isKnown = Object.hasOwn(textMembers, endpoint)
  if (!isKnown) return { kind: 'bypass', why: 'endpoint' }
  const acting = actingMembers.find((member) => isGiven(body[member]))
  if (acting !== undefined) return { kind: 'bypass', why: acting }
  if (typeof body['n'] === 'number' && body['n'] > 1) return { kind: 'bypass', why: 'n' }
  if (typeof body['best_of'] === 'number' && body['best_of'] > 1) return { kind: 'bypass', why: 'best_of' }
  // An answer of the Responses API is kept by its server unless it is told otherwise, and can be asked for later.
  if (body['store'] === true || (endpoint === 'responses' && body['store'] !== false))
    return { kind: 'bypass', why: 'store' }
  if (hasActed(body, endpoint)) return { kind: 'bypass', why: 'tool messages' }
  const question = Object.fromEntries(Object.entries(body).filter(([name]) => !formMembers.has(name)))
  const form = formOf(endpoint, body)
  const text = canonical([key, route, endpoint, form, question], maxDepth)
  return text === null ? { kind: 'bypass', why: 'shape' } : { kind: 'key', text }
}

/** The endpoints whose answers are text alone, with the member that holds the conversation. */
const textMembers: Readonly<Record<string, string | null>> = {
  'chat/completions': 'messages',
  completions: null,
  embeddings: null,
  rerank: null,
  messages: 'messages',
  responses: 'input',
}

const actingMembers = [
  'tools',
  'functions',
  'tool_choice',
  'function_call',
  'mcp_servers',
  'container',
  'web_search_options',
  'plugins',
  'previous_response_id',
  'conversation',
  'background',
  'modalities',
  'audio',
] as const

/** Members that say how the answer is sent and by whom it is asked, not what is asked. */
const formMembers: ReadonlySet<string> = new Set([
  'model',
  'stream',
  'stream_options',
  'prompt_cache_key',
  'prompt_cache_retention',
  'service_tier',
  'store',
])

const isGiven = (value: unknown): boolean =>
  value !== undefined &&
  value !== null &&
  value !== false &&
  value !== 'none' &&
  !(Array.isArray(value) && value.length === 0)

/** Whole, or a stream; with the usage chunk where the caller wants it: each form is kept by itself, as its bytes. */
function formOf(endpoint: string, { stream, stream_options: options }: CacheQuestion['body']): string {
  if (stream !== true) return 'whole'
  if (endpoint !== 'chat/completions' && endpoint !== 'completions') return 'stream'
  const canSay = typeof options === 'object' && options !== null
  return canSay ? `stream ${canonical(options, maxDepth) ?? ''}` : 'stream'
}

/** A conversation in which tools have been called goes on acting, even where this turn names none. */
function hasActed(body: CacheQuestion['body'], endpoint: string): boolean {
  const turns = body[textMembers[endpoint] ?? '']
  if (!Array.isArray(turns)) return false
  return turns.some((turn: unknown) => {
    if (typeof turn !== 'object' || turn === null) return false
    const { role, type, tool_calls: calls, content } = turn as Readonly<Record<string, unknown>>
    if (role === 'tool' || role === 'function' || isGiven(calls)) return true
    if (typeof type === 'string' && /_call(_output)?$/.test(type)) return true
    return Array.isArray(content) && content.some(isToolPart)
  })
}

function isToolPart(part: unknown): boolean {
  const type = typeof part === 'object' && part !== null && 'type' in part ? part.type : null
  return typeof type === 'string' && /^(server_)?tool_(use|result)$|_tool_(use|result)$/.test(type)
}

/** Deeper nesting is nobody's question; walking it would cost more than asking. */
const maxDepth = 64

/** JSON with the members of objects in order; null when it is too deep, or holds what reading it has rounded. */
function canonical(value: unknown, depth: number): string | null {
  if (typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value)) return null
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  if (depth === 0) return null
  const parts: string[] = []
  if (Array.isArray(value)) {
    for (const entry of value) {
      const text = canonical(entry, depth - 1)
      if (text === null) return null
      parts.push(text)
    }
    return `[${parts.join(',')}]`
  }
  const members = value as Readonly<Record<string, unknown>>
  for (const name of Object.keys(members).sort()) {
    const text = canonical(members[name], depth - 1)
    if (text === null) return null
    parts.push(`${JSON.stringify(name)}:${text}`)
  }
  return `{${parts.join(',')}}`
}
