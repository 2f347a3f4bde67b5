import { AppError } from '#kernel/errors.ts'
import { isObject } from '#protocol/json/members.ts'
import { maxNesting } from '#protocol/json/nesting.ts'
import { visitLeaves, type JsonLeaf, type JsonPath } from '#protocol/json/leaves.ts'
import type { Json } from '#protocol/conversation/conversation.ts'
import type { Origin } from '../words.ts'
import { embeddedClasses, sealedClass, type EmbeddedClass } from './embedded.ts'
import { contextOf, isLongNumber, isPosition, lastName, styleOf, type LeafStyle, type PayloadApi } from './zones.ts'

/** One string (or long number, or member's name) of a payload that is looked at. */
export interface Leaf {
  /** Where its JSON stands in the text that it was found in. */
  readonly start: number
  readonly end: number
  readonly kind: JsonLeaf['kind']
  readonly value: string
  /** Where it stands, for people: `messages[0].content`. */
  readonly path: string
  readonly style: Exclude<LeafStyle, 'structure' | 'sealed'>
  /** The name of its member, where that tells something of the value. */
  readonly context: string
  readonly origin: Origin
  /** It is JSON itself: what is in it is looked at instead. */
  readonly inner: readonly Leaf[] | null
  /** The vendor's signature of it: a thought that must come back as it was written. */
  readonly signature: string | null
  /** Where a sentence for the model can be added. */
  readonly takesHint: boolean
}

export interface Payload {
  readonly text: string
  readonly body: unknown
  readonly leaves: readonly Leaf[]
  /** Classes of data that stand in texts without being named as what they are. */
  readonly embedded: ReadonlySet<EmbeddedClass>
}

/** JSON inside of JSON inside of JSON: deeper than this it is looked at as text. */
const maxInnerDepth = 4

/** Every leaf of a payload. `text` must be valid JSON. Throws AppError `blocked` (`unreadable_body`). */
export function readPayload(api: PayloadApi, text: string): Payload {
  const body: unknown = JSON.parse(text)
  const embedded = new Set<EmbeddedClass>()
  let names = 0
  const leaves = leavesOf(text, (leaf, path) => {
    const isKey = leaf.kind === 'key'
    if (isKey) names += 1
    const style = styleOf(api, leaf, path)
    if (style === 'structure') return null
    if (style === 'sealed') {
      const kind = sealedClass(body, path)
      if (kind !== null) embedded.add(kind)
      return null
    }
    return {
      style,
      context: isKey ? '' : contextOf(path),
      origin: originOf(api, body, path),
      signature: isKey ? null : signatureOf(body, path),
      takesHint: !isKey && isInstruction(api, body, path),
    }
  })
  // Of two members with one name some programs take the first, some the last: what was judged is what leaves.
  if (names !== membersIn(body)) return readPayload(api, JSON.stringify(body))
  for (const { value } of flatLeaves(leaves)) for (const kind of embeddedClasses(value)) embedded.add(kind)
  return { text, body, leaves, embedded }
}

function membersIn(body: unknown): number {
  let members = 0
  const left: unknown[] = [body]
  for (let value = left.pop(); value !== undefined; value = left.pop()) {
    if (typeof value !== 'object' || value === null) continue
    const inside = Object.values(value)
    if (!Array.isArray(value)) members += inside.length
    for (const each of inside) if (typeof each === 'object' && each !== null) left.push(each)
  }
  return members
}

type Judged = Pick<Leaf, 'style' | 'context' | 'origin' | 'signature' | 'takesHint'>

function leavesOf(text: string, judge: (leaf: JsonLeaf, path: JsonPath) => Judged | null, depth = 0): readonly Leaf[] {
  const leaves: Leaf[] = []
  visitLeaves(text, (leaf, path) => {
    if (path.length > maxNesting) throw tooDeep()
    const judged = judge(leaf, path)
    if (judged === null || leaf.value === '') return
    leaves.push({ ...leaf, ...judged, path: written(path), inner: innerOf(leaf, judged, depth) })
  })
  return leaves
}

const written = (path: JsonPath): string =>
  path.reduce<string>(
    (way, name) => (typeof name === 'number' ? `${way}[${name}]` : way === '' ? name : `${way}.${name}`),
    '',
  )

/** What a tool is told, and what it says, is JSON in a string more often than not. */
function innerOf(leaf: JsonLeaf, { origin }: Judged, depth: number): readonly Leaf[] | null {
  if (leaf.kind !== 'string' || depth >= maxInnerDepth || !/^\s*[{[]/.test(leaf.value)) return null
  try {
    JSON.parse(leaf.value)
    return leavesOf(leaf.value, (inner, path) => innerJudged(inner, path, origin), depth + 1)
  } catch {
    // It is none, or deeper than anybody means it.
    return null
  }
}

/** A place in it is told by the way to it: what is thousands deep would take forever. */
function tooDeep(): AppError {
  const message = `JSON that nests deeper than ${maxNesting} levels does not leave for a cloud: nothing was sent.`
  return new AppError('blocked', message, { reason: 'unreadable_body' })
}

function innerJudged(leaf: JsonLeaf, path: JsonPath, origin: Origin): Judged | null {
  const usual = { origin, signature: null, takesHint: false } as const
  if (leaf.kind === 'key') return { ...usual, style: 'bare', context: '' }
  if (leaf.kind === 'number' && !isLongNumber(leaf.value) && !isPosition(leaf.value, lastName(path))) return null
  return { ...usual, style: 'text', context: contextOf(path) }
}

/** The text with other leaves. `replacement`: the leaf's new value; null = as it is. */
export function spliceLeaves(
  text: string,
  leaves: readonly Leaf[],
  replacement: (leaf: Leaf) => string | null,
): string {
  let spliced = ''
  let kept = 0
  for (const leaf of leaves) {
    const value = leaf.inner === null ? replacement(leaf) : changedInner(leaf, leaf.inner, replacement)
    if (value === null) continue
    spliced += text.slice(kept, leaf.start) + JSON.stringify(value)
    kept = leaf.end
  }
  return kept === 0 ? text : spliced + text.slice(kept)
}

function changedInner(leaf: Leaf, inner: readonly Leaf[], replacement: (leaf: Leaf) => string | null): string | null {
  const value = spliceLeaves(leaf.value, inner, replacement)
  return value === leaf.value ? null : value
}

/** The leaves that are looked at, those of JSON in strings among them. */
export function* flatLeaves(leaves: readonly Leaf[]): Iterable<Leaf> {
  for (const leaf of leaves) {
    if (leaf.inner === null) yield leaf
    else yield* flatLeaves(leaf.inner)
  }
}

/** Whose words a leaf holds. */
function originOf(api: PayloadApi, body: unknown, path: JsonPath): Origin {
  const [top, index] = path
  if (!isObject(body) || typeof top !== 'string') return 'api'
  if (systemMembers.has(top)) return 'system'
  if (api === 'rerank' || api === 'embeddings') return 'document'
  const list = body[top]
  if ((top !== 'messages' && top !== 'input') || !Array.isArray(list) || typeof index !== 'number') return 'user'
  const item: unknown = list[index]
  if (!isObject(item)) return 'user'
  return partOrigin(item, path) ?? roles[String(item['role'] ?? item['type'])] ?? 'user'
}

const systemMembers: ReadonlySet<string> = new Set([
  'system',
  'instructions',
  'tools',
  'functions',
  'response_format',
  'text',
  'tool_choice',
  'output_config',
])

const roles: Readonly<Record<string, Origin>> = {
  system: 'system',
  developer: 'system',
  user: 'user',
  assistant: 'assistant',
  tool: 'tool',
  function: 'tool',
  function_call: 'assistant',
  custom_tool_call: 'assistant',
  reasoning: 'assistant',
  function_call_output: 'tool',
  custom_tool_call_output: 'tool',
}

/** A tool's result stands among what the user says. */
function partOrigin(item: Json, path: JsonPath): Origin | null {
  const content = item['content']
  const at = path[2] === 'content' ? path[3] : undefined
  const part: unknown = Array.isArray(content) && typeof at === 'number' ? content[at] : null
  return isObject(part) && part['type'] === 'tool_result' ? 'tool' : null
}

function signatureOf(body: unknown, path: JsonPath): string | null {
  if (path.length !== 5 || path[0] !== 'messages' || path[4] !== 'thinking') return null
  const part = path.slice(0, 4).reduce<unknown>((value, name) => (value as Json)?.[name], body)
  const signature = isObject(part) ? part['signature'] : null
  return typeof signature === 'string' && signature !== '' ? signature : null
}

function isInstruction(api: PayloadApi, body: unknown, path: JsonPath): boolean {
  const way = path.join('/')
  if (api === 'messages') return way === 'system'
  if (api === 'responses') return way === 'instructions'
  if (api !== 'chat' || way !== 'messages/0/content' || !isObject(body)) return false
  const first: unknown = Array.isArray(body['messages']) ? body['messages'][0] : null
  return isObject(first) && (first['role'] === 'system' || first['role'] === 'developer')
}

/**
 * With what a conversation begins, as long as its turns are added at the end: the first words of its user. null: this
 * is none, or nobody has said anything.
 */
export function conversationHead(api: PayloadApi, body: unknown): string | null {
  if (!isObject(body)) return null
  const turns = api === 'responses' ? body['input'] : body['messages']
  if (api === 'responses' && typeof turns === 'string') return turns
  if (!Array.isArray(turns)) return null
  const first = turns.find((turn): turn is Json => isObject(turn) && turn['role'] === 'user')
  return first === undefined ? null : headText(first['content'])
}

/** Its texts alone: marks for a cache and the form of the content come and go. */
function headText(content: unknown): string {
  if (typeof content === 'string') return content
  if (!Array.isArray(content)) return ''
  return content.map((part) => (isObject(part) && typeof part['text'] === 'string' ? part['text'] : '')).join('\n')
}

/** Texts that came as tokens: nobody can look into them. */
export function holdsTokens(body: unknown): boolean {
  return isObject(body) && tokenMembers.some((name) => Object.hasOwn(body, name) && isOfTokens(body[name]))
}

const tokenMembers = [
  'prompt',
  'input',
  'tokens',
  'token_ids',
  'input_ids',
  'prompt_token_ids',
  'prompt_tokens',
  'context',
]

const isOfTokens = (asked: unknown): boolean =>
  Array.isArray(asked) && asked.some((each) => typeof each === 'number' || (Array.isArray(each) && each.some(isNumber)))

const isNumber = (value: unknown): boolean => typeof value === 'number'
