import type { DataClass } from '#kernel/words.ts'
import type { Json } from '#protocol/conversation/conversation.ts'
import type { Route, Target } from './choose.ts'
import { isAttachment } from './prompt-tokens.ts'

/** The longest answer that is reserved for where nobody says how long it may be. */
export const usualOutputTokens = 4096
/** What a picture, a recording or a file costs at most models at the most, whatever its bytes are. */
export const attachmentTokens = 25_000
/** Deeper than any request goes. */
const maxDepth = 32

/** Parts of messages that are no text, in all dialects. */
const attachmentTypes: ReadonlySet<unknown> = new Set(
  ['image_url', 'input_image', 'image', 'input_audio', 'audio_url', 'audio', 'file', 'input_file', 'document'].concat([
    'video_url',
  ]),
)

/**
 * The most tokens that a prompt can have: one for each byte, for no tokenizer makes more of a text. Pictures and
 * recordings count as what they may cost, not by their bytes or by the few of their address.
 */
export function promptBoundOf(ask: {
  readonly bytes: Uint8Array
  readonly body: Json
  readonly data: readonly DataClass[]
}): number {
  if (ask.data.length === 1 && ask.data[0] === 'text') return ask.bytes.length
  const found = { parts: 0, inlineLength: 0 }
  find(ask.body, found, { isPart: false, depth: 0 })
  return Math.max(0, ask.bytes.length - found.inlineLength) + found.parts * attachmentTokens
}

interface Found {
  parts: number
  /** Of what stands in the body itself, as base64. */
  inlineLength: number
}

/** What looks like a picture counts as one only where it stands as one: a text may hold base64 too. */
function find(value: unknown, found: Found, at: { readonly isPart: boolean; readonly depth: number }): void {
  if (typeof value === 'string') {
    if (at.isPart && isAttachment(value)) found.inlineLength += value.length
    return
  }
  if (typeof value !== 'object' || value === null || at.depth === maxDepth) return
  const isPart = 'type' in value && attachmentTypes.has(value.type)
  if (isPart && !at.isPart) found.parts++
  const deeper = { isPart: at.isPart || isPart, depth: at.depth + 1 }
  for (const [name, each] of Object.entries(value)) {
    // As some engines take pictures beside the text.
    const isList = name === 'images' && Array.isArray(each)
    if (isList && !deeper.isPart) found.parts += each.length
    find(each, found, isList ? { ...deeper, isPart: true } : deeper)
  }
}

/** The members by which dialects bound an answer. Where several stand in a request, the largest one counts. */
const boundMembers = ['max_completion_tokens', 'max_tokens', 'max_output_tokens'] as const

/** The longest answer that a request allows, all of its choices together; `usual` for each where it says nothing. */
export function outputBoundOf(
  body: Json,
  {
    maxTokens,
    choices,
    usual,
  }: { readonly maxTokens: number | null; readonly choices: number; readonly usual: number },
): number {
  const said = boundMembers.map((name) => body[name]).filter((each): each is number => isCount(each))
  const longest = Math.max(maxTokens ?? 0, ...said)
  const each = longest === 0 ? usual : longest
  const { best_of: best, n } = body
  // Whoever wants the best of some pays for all of them.
  const drafts = isCount(best) && best > 1 ? best / (isCount(n) ? n : 1) : 1
  return Math.ceil(each * choices * Math.max(1, drafts))
}

const isCount = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value) && value >= 1

/** The longest answer of a model; null = unknown. */
export const longestOf = ({ known }: Known): number | null => known?.outputTokens ?? null

interface Known extends Pick<Target, 'key'> {
  readonly known?: { readonly outputTokens: number | null } | null
}

/** How long an answer of this route is taken to be: as long as its models can, up to the usual bound. */
export function usualBoundOf({ targets }: Route): number {
  const longest = targets.map((target) => longestOf(target) ?? usualOutputTokens)
  return Math.min(usualOutputTokens, Math.max(1, ...longest))
}

/** Everybody who may be asked, fallbacks included. */
export function candidatesOf(route: Route, seen: Set<Route> = new Set()): readonly Target[] {
  if (seen.has(route)) return []
  seen.add(route)
  if (route.fallbacks.length === 0) return route.targets
  const others = route.fallbacks.flatMap((fallback) => {
    const next = fallback.route()
    return next === null ? [] : candidatesOf(next, seen)
  })
  return [...route.targets, ...others]
}

/** Under which names limits of models count a request: that of its route, and its place where there is only one. */
export function namesOf({ name, targets }: Route): readonly string[] {
  const [only] = targets
  return only === undefined || targets.length > 1 || only.key === name ? [name] : [name, only.key]
}
