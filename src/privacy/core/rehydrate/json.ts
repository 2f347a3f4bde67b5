import { visitLeaves, type JsonLeaf, type JsonPath } from '#protocol/json/leaves.ts'
import { parsed } from '#protocol/json/members.ts'
import type { LiveTags } from '../words.ts'
import { jsonString } from './json-depth.ts'
import { createTextRehydrator, hasLiveTag, maxInsertedLength, type Allowance, type Escape } from './text.ts'

export interface JsonOptions {
  /** What may be put into arguments of tools, where that is not the same. */
  readonly tools?: LiveTags
  readonly allowance?: Allowance
  /** Leaves that are not looked at; and what stands there instead, where it is a text (of JSON). */
  readonly known?: ReadonlyMap<string, string | null>
  /** Told of each placeholder that stays. */
  readonly onLeft?: (placeholder: string) => void
}

export interface RehydratedBytes {
  readonly bytes: Uint8Array
  readonly replaced: number
  /** Placeholders of nobody here. */
  readonly unknown: number
}

export interface RehydratedJson {
  readonly text: string
  readonly replaced: number
  readonly unknown: number
}

const decoder = new TextDecoder()
const encoder = new TextEncoder()

/**
 * Values put back into every string and every member's name of a whole answer; what is JSON in a string (arguments of a
 * tool) stays JSON at its depth. Where nothing is put back the same bytes come out; else all but the strings that
 * change stays as it is. Answers that are no JSON are taken as text.
 */
export function rehydrateJson(bytes: Uint8Array, live: LiveTags, options: JsonOptions = {}): RehydratedBytes {
  const { text, ...counts } = rehydrateJsonText(decoder.decode(bytes), live, options)
  return { bytes: counts.replaced === 0 ? bytes : encoder.encode(text), ...counts }
}

export function rehydrateJsonText(text: string, live: LiveTags, options: JsonOptions = {}): RehydratedJson {
  const { tools = live, known } = options
  const hasTags = hasLiveTag(text, live) || (tools !== live && hasLiveTag(text, tools))
  if (!hasTags && known === undefined) return { text, replaced: 0, unknown: 0 }
  if (parsed(text) === null) return asText(text, live, options)
  return new JsonRehydration(text, live, options).run()
}

/** Where a leaf stands, as a key of `known`. */
export const pathKey = (path: JsonPath): string => path.map((name) => `\u0000${name}`).join('')

function asText(text: string, live: LiveTags, { allowance, onLeft }: JsonOptions): RehydratedJson {
  const rehydrator = createTextRehydrator(live, {
    escape: 'auto',
    ...(allowance && { allowance }),
    ...(onLeft && { onLeft }),
  })
  const whole = rehydrator.push(text) + rehydrator.end()
  return { text: whole, ...rehydrator.counts }
}

interface Splice {
  readonly start: number
  readonly end: number
  readonly json: string
}

class JsonRehydration {
  readonly #text: string
  readonly #live: LiveTags
  readonly #options: JsonOptions
  readonly #allowance: Allowance
  readonly #splices: Splice[] = []
  /** Parts of choices that tell of tokens; with the path of the object that they are a member of. */
  readonly #tokens: { readonly owner: string; readonly start: number; readonly end: number }[] = []
  /** Paths of the strings that changed. */
  readonly #changed: string[] = []
  #replaced = 0
  #unknown = 0

  constructor(text: string, live: LiveTags, options: JsonOptions) {
    this.#text = text
    this.#live = live
    this.#options = options
    this.#allowance = options.allowance ?? { left: maxInsertedLength }
  }

  run(): RehydratedJson {
    let tokensEnd = 0
    visitLeaves(this.#text, (leaf, path) => {
      if (leaf.start < tokensEnd) return
      if (leaf.kind === 'key' && leaf.value === 'logprobs') {
        const start = valueStart(this.#text, leaf.end)
        tokensEnd = listEnd(this.#text, start)
        if (tokensEnd > start) this.#tokens.push({ owner: pathKey(path), start, end: tokensEnd })
      } else this.#leaf(leaf, path)
    })
    for (const { owner, start, end } of this.#tokens)
      if (this.#changed.some((path) => path.startsWith(`${owner}\u0000`)))
        this.#splices.push({ start, end, json: this.#text.charAt(start) === '[' ? '[]' : 'null' })
    return { text: spliced(this.#text, this.#splices), replaced: this.#replaced, unknown: this.#unknown }
  }

  #leaf(leaf: JsonLeaf, path: JsonPath): void {
    const key = pathKey(path)
    const known = leaf.kind === 'key' ? undefined : this.#options.known?.get(key)
    if (known !== undefined) {
      if (known !== null) this.#splices.push({ start: leaf.start, end: leaf.end, json: known })
      return
    }
    const isTool = isOfTool(path)
    if (leaf.kind === 'number' || (leaf.kind === 'string' && !isTool && isSealed(path.at(-1), leaf.value))) return
    const live = isTool ? (this.#options.tools ?? this.#live) : this.#live
    if (!hasLiveTag(leaf.value, live)) return
    const { onLeft } = this.#options
    const rehydrator = createTextRehydrator(live, {
      escape: leaf.kind === 'key' ? 'none' : escapeOf(path.at(-1)),
      allowance: this.#allowance,
      ...(onLeft && { onLeft }),
    })
    const value = rehydrator.push(leaf.value) + rehydrator.end()
    this.#unknown += rehydrator.counts.unknown
    if (value === leaf.value) return
    this.#replaced += rehydrator.counts.replaced
    this.#changed.push(key)
    this.#splices.push({ start: leaf.start, end: leaf.end, json: jsonString(value) })
  }
}

/** Members whose text is JSON, whatever it looks like. */
const escapeOf = (name: string | number | undefined): Escape =>
  name === 'arguments' || name === 'partial_json' ? 'json' : 'auto'

/** What a tool is given: `arguments` in a text, or `input` with all that is in it. */
const isOfTool = (path: JsonPath): boolean =>
  path.includes('input') || path.at(-1) === 'arguments' || path.at(-1) === 'partial_json'

/**
 * What must stay as it is, letter by letter: names that programs know a thing by, and what a vendor sealed or encoded.
 * Words that somebody put there under such a name are looked at: they have brackets or blanks.
 */
function isSealed(name: string | number | undefined, value: string): boolean {
  if (typeof name !== 'string' || !/^[\w.:+/=-]*$/.test(value)) return false
  return untouched.has(name) || (encoded.has(name) && value.length >= leastEncoded)
}
/** Shorter than this it may be a word. */
const leastEncoded = 64
const untouched = new Set(
  ['id', 'object', 'type', 'role', 'model', 'status', 'item_id', 'response_id', 'call_id', 'tool_call_id'].concat([
    'signature',
    'thought_signature',
    'encrypted_content',
    'obfuscation',
    'system_fingerprint',
  ]),
)
const encoded = new Set(['data', 'delta', 'b64_json', 'partial_image_b64', 'result', 'embedding'])

function spliced(text: string, splices: readonly Splice[]): string {
  if (splices.length === 0) return text
  let whole = ''
  let kept = 0
  for (const { start, end, json } of splices.toSorted((one, other) => one.start - other.start)) {
    whole += text.slice(kept, start) + json
    kept = end
  }
  return whole + text.slice(kept)
}

/** Where the value begins of the member whose name ends at `from`. */
function valueStart(text: string, from: number): number {
  let at = from
  while (/[\s:]/.test(text.charAt(at))) at += 1
  return at
}

/** Behind the object or list that begins at `start`; `start` itself: it is neither. */
function listEnd(text: string, start: number): number {
  let depth = 0
  let at = start
  do {
    const char = text.charAt(at)
    if (char === '{' || char === '[') depth += 1
    else if (char === '}' || char === ']') depth -= 1
    else if (depth === 0) return start
    else if (char === '"') at = stringEnd(text, at) - 1
    at += 1
  } while (depth > 0 && at < text.length)
  return at
}

function stringEnd(text: string, from: number): number {
  for (let at = from + 1; at < text.length; at++) {
    const char = text.charAt(at)
    if (char === '\\') at += 1
    else if (char === '"') return at + 1
  }
  return text.length
}
