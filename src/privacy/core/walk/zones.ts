import type { JsonLeaf, JsonPath } from '#protocol/json/leaves.ts'

/**
 * What the leaves of a request are, by where they stand. Everything is looked at, unless a place is known to hold a
 * word
 * of the dialect and what stands there looks like one: a list of what is left alone, never of what is scrubbed.
 */

/** The dialect of a payload; `other`: whatever else goes to a cloud. */
export type PayloadApi = 'chat' | 'responses' | 'messages' | 'completions' | 'embeddings' | 'rerank' | 'other'

export type LeafStyle =
  /** Words: what is found in them gets a placeholder with brackets. */
  | 'text'
  /** A name that the other side reads as one (of a tool, of a member): placeholders without brackets. */
  | 'bare'
  /** Who the user is, in one word: always replaced, whole. */
  | 'whole'
  /** Sealed by the vendor (a signature, an encrypted thought): it comes back as it was or is refused there. */
  | 'sealed'
  /** A word of the dialect. */
  | 'structure'

export function styleOf(api: PayloadApi, leaf: JsonLeaf, path: JsonPath): LeafStyle {
  const isFree = isFreeZone(path)
  const name = leaf.kind === 'key' ? leaf.value : lastName(path)
  if (leaf.kind === 'key') return !isFree && memberShape.test(name) ? 'structure' : 'bare'
  if (leaf.kind === 'number') return numberStyle(leaf.value, name, isFree)
  if (isUser(api, path, name, isFree)) return 'whole'
  if (sealedMembers.has(name) && isSealed(leaf.value)) return 'sealed'
  if (isFree) return 'text'
  if (name === 'name') return 'bare'
  return structuralMembers.has(name) && isWord(name, leaf.value) ? 'structure' : 'text'
}

/** The name of the member that a leaf belongs to, through lists; '' at the top. */
export function lastName(path: JsonPath): string {
  for (let index = path.length - 1; index >= 0; index--) {
    const name = path[index]
    if (typeof name === 'string') return name
  }
  return ''
}

/**
 * What a member's name says of its value (`"password": "…"`); '' where it says nothing because every text stands in one
 * of that name.
 */
export function contextOf(path: JsonPath): string {
  const name = lastName(path)
  return plainTextMembers.has(name) || name.length > maxContextChars ? '' : name
}

const maxContextChars = 64

/** What callers write as they like: no word in it belongs to the dialect. */
function isFreeZone(path: JsonPath): boolean {
  return path.some(
    (name, index) => typeof name === 'string' && (freeZones.has(name) || (name === 'input' && index > 0)),
  )
}

const freeZones: ReadonlySet<string> = new Set(
  ['arguments', 'args', 'metadata', 'parameters', 'input_schema', 'schema', 'json_schema', 'default'].concat([
    'examples',
    'example',
    'enum',
    'const',
    'properties',
    'variables',
    'action',
    'documents',
    'logit_bias',
  ]),
)

function isUser(api: PayloadApi, path: JsonPath, name: string, isFree: boolean): boolean {
  // In a batch it stands deeper.
  if (path.at(-2) === 'metadata' && name === 'user_id') return true
  if (isFree) return false
  if (path.length === 3 && path[0] === 'messages' && name === 'name') return api === 'chat'
  return path.length === 1 && userMembers.has(name)
}

const userMembers: ReadonlySet<string> = new Set([
  'user',
  'safety_identifier',
  'prompt_cache_key',
  'user_id',
  'session_id',
  'end_user_id',
])

/** Numbers that are long enough to be somebody's: a card's, an account's, a telephone's. */
function numberStyle(value: string, name: string, isFree: boolean): LeafStyle {
  if (isPosition(value, name)) return 'text'
  const isLong = isLongNumber(value)
  return isLong && (isFree || !/^(seed|created|created_at|max_\w+|min_\w+|\w+_tokens|\w+_ms|timestamp)$/.test(name))
    ? 'text'
    : 'structure'
}

export const isLongNumber = (value: string): boolean => value.length >= 7 && /^-?\d{7,}$/.test(value)

/** Where somebody is, as maps and their tools write it. */
export const isPosition = (value: string, name: string): boolean =>
  /^(lat|latitude|lng|lon|long|longitude)$/i.test(name) && /^-?\d{1,3}\.\d{2,}$/.test(value)

/** Names of members as dialects write them. */
const memberShape = /^[a-z][a-z0-9_]{0,40}$/

/** Words and ids as dialects write them; what is no such word is looked at: a number, an address, a path, a host. */
const wordShape = /^(?:[A-Za-z_]\w*(?:[:-]\w+)*)?$/
const longestWord = 128
/** A device's address begins with a letter as often as not. */
const pairs = /^(?:[0-9a-f]{2}[:-]){5}[0-9a-f]{2}$/i

/** What a model is called is for whoever sends it to look at: it cannot be replaced. */
function isWord(name: string, value: string): boolean {
  if (name === 'model' || name === 'models') return /^[\w.:/+-]{0,128}$/.test(value)
  return value.length <= longestWord && wordShape.test(value) && !pairs.test(value)
}

const structuralMembers: ReadonlySet<string> = new Set(
  ['role', 'type', 'model', 'models', 'object', 'id', 'format', 'detail', 'effort', 'status', 'finish_reason'].concat(
    ['stop_reason', 'tool_choice', 'service_tier', 'encoding_format', 'truncation', 'verbosity', 'summary'],
    ['media_type', 'mime_type', 'ttl', 'mode', 'strategy', 'tool_call_id', 'call_id', 'tool_use_id', 'item_id'],
    ['previous_response_id', 'response_id', 'voice', 'modalities', 'include', 'phase', 'syntax', 'display'],
    ['search_context_size', 'generate_summary', 'context_management', 'speed', 'container', 'schema_version'],
    ['reasoning_effort', 'prompt_cache_retention', 'cache_control', 'truncate', 'input_type', 'embedding_types'],
  ),
)

const plainTextMembers: ReadonlySet<string> = new Set(
  ['content', 'text', 'input', 'output', 'prompt', 'query', 'documents', 'arguments', 'system', 'instructions'].concat([
    'description',
    'thinking',
    'reasoning',
    'reasoning_content',
    'refusal',
    'title',
    'value',
    'stop',
    'suffix',
    '',
  ]),
)

const sealedMembers: ReadonlySet<string> = new Set([
  'signature',
  'encrypted_content',
  'data',
  'thought_signature',
  'encrypted_index',
])

/** Opaque, long, and nothing that anybody reads when it is taken out of its Base64. */
function isSealed(value: string): boolean {
  return /^[A-Za-z0-9+/_=-]{40,}$/.test(value) && readableShare(value.slice(0, 400)) < 0.75
}

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

/** -1: no letter of Base64, in either alphabet. */
function sextetOf(letter: string): number {
  if (letter === '-') return 62
  return letter === '_' ? 63 : letters.indexOf(letter)
}

/** How much of what stands in Base64 is written for people. Of chance it is about two fifths. */
function readableShare(base64: string): number {
  let bits = 0
  let held = 0
  let bytes = 0
  let readable = 0
  for (const letter of base64) {
    const sextet = sextetOf(letter)
    if (sextet < 0) break
    bits = ((bits << 6) | sextet) & 0xffff
    held += 6
    if (held < 8) continue
    held -= 8
    const byte = (bits >> held) & 0xff
    bytes += 1
    if ((byte >= 0x20 && byte < 0x7f) || byte === 0x0a || byte === 0x0d || byte === 0x09) readable += 1
  }
  return bytes === 0 ? 1 : readable / bytes
}
