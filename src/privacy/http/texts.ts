import type { Caller } from '#kernel/words.ts'
import type { z } from 'zod'
import { route, type AnyRoute } from '#platform/http/route.ts'
import * as wire from '#protocol/admin/privacy.ts'
import { errorEnvelope } from '#protocol/openai/wire.ts'
import type { EntityType } from '../core/words.ts'
import { whyOf } from '../core/telling/why.ts'
import { oneOf } from '../errors.ts'
import type { FoundSpan, Looking, Matter, PrivacyDesk, Scrubbed } from '../service/desk.ts'

export interface TextParts {
  readonly desk: PrivacyDesk
  /** The most text of one request, in bytes; a reload may change it. */
  readonly textBytes: () => number
}

const tag = 'privacy'

/** Texts and JSON that somebody brings: `/scrub`, `/rehydrate`, and the same with more words under `/v1/privacy`. */
export function textRoutes(parts: TextParts): readonly AnyRoute[] {
  return [scrub(parts), rehydrate(parts), scrubAny(parts), rehydrateAny(parts), detect(parts)]
}

const posting = {
  tag,
  scope: 'inference',
  method: 'POST',
} as const

/** A text in JSON may take six bytes for one; the desk counts what is left of it. */
const bodyBytes = ({ textBytes }: TextParts): number => textBytes() * 6 + 64 * 1024

function scrub(parts: TextParts): AnyRoute {
  return route({
    ...posting,
    path: '/scrub',
    summary: 'Replace identifiers of a text by placeholders; `/rehydrate` puts them back. Not anonymisation.',
    body: wire.scrubAsk,
    get maxBodyBytes() {
      return bodyBytes(parts)
    },
    responses: { 200: wire.scrubAnswer, 413: errorEnvelope, 422: errorEnvelope },
    async handle({ body, caller, request }): Promise<wire.ScrubAnswer> {
      const { text, session_id: scope = null, allow_list: allow, deny_list: deny } = body
      const looking = lookingOf(caller, request, { ...body, allow, deny })
      const made = await parts.desk.scrub({ kind: 'text', text }, looking, { scope, ttlMs: null, mode: 'token' })
      return {
        text: String(made.output),
        map_id: made.kept?.handle ?? '',
        expires_at: iso(made.kept?.expiresAt ?? 0),
        entities: made.spans.map(({ type, placeholder, start, end, score }) => ({
          type,
          placeholder: placeholder ?? '',
          start,
          end,
          score,
        })),
        leak_check: looking.entities === null ? 'passed' : 'skipped',
        names: made.names,
      }
    },
  })
}

function rehydrate(parts: TextParts): AnyRoute {
  return route({
    ...posting,
    path: '/rehydrate',
    summary: 'Put the values back that `/scrub` replaced',
    body: wire.rehydrateAsk,
    get maxBodyBytes() {
      return bodyBytes(parts)
    },
    responses: { 200: wire.rehydrateAnswer, 404: errorEnvelope, 429: errorEnvelope },
    async handle({ body, caller }): Promise<wire.RehydrateAnswer> {
      const whose = { owner: caller.key, handle: body.map_id, param: 'map_id' }
      const { output, unresolved, replaced } = await parts.desk.rehydrate({ kind: 'text', text: body.text }, whose)
      return { text: String(output), unresolved: [...unresolved], replaced }
    },
  })
}

function scrubAny(parts: TextParts): AnyRoute {
  return route({
    ...posting,
    path: '/v1/privacy/scrub',
    summary: 'Replace identifiers in a text, in messages or in any JSON; or only hide them, or refuse them',
    body: wire.privacyScrubAsk,
    get maxBodyBytes() {
      return bodyBytes(parts)
    },
    responses: { 200: wire.privacyScrubAnswer, 413: errorEnvelope, 422: errorEnvelope },
    async handle({ body, caller, request }): Promise<wire.PrivacyScrubAnswer> {
      const { scope = null, ttl_s: seconds, mode, explain } = body
      const ttlMs = seconds === undefined ? null : seconds * 1000
      const looking = lookingOf(caller, request, body)
      const made = await parts.desk.scrub(matterOf(body), looking, { scope, ttlMs, mode })
      return {
        output: made.output,
        ...keptOf(made),
        stats: { by_type: { ...made.counts }, replaced: made.spans.length },
        ...(explain ? { spans: made.spans.map((span) => ({ ...placeOf(span), placeholder: span.placeholder })) } : {}),
        policy: { ...made.policy },
        names: made.names,
        leak_check: looking.entities === null ? 'passed' : 'skipped',
        notice: wire.privacyNotice,
      }
    },
  })
}

function rehydrateAny(parts: TextParts): AnyRoute {
  return route({
    ...posting,
    path: '/v1/privacy/rehydrate',
    summary: 'Put values back into a text or into any JSON, by the handle or by the name of the scope',
    body: wire.privacyRehydrateAsk,
    get maxBodyBytes() {
      return bodyBytes(parts)
    },
    responses: { 200: wire.privacyRehydrateAnswer, 404: errorEnvelope, 429: errorEnvelope },
    async handle({ body, caller }): Promise<wire.PrivacyRehydrateAnswer> {
      const { handle, scope } = body
      if ((handle === undefined) === (scope === undefined)) throw oneOf(['handle', 'scope'])
      const param = handle === undefined ? 'scope' : 'handle'
      const whose = { owner: caller.key, handle: handle ?? `session:${scope}`, param }
      const { output, replaced, unresolved } = await parts.desk.rehydrate(matterOf(body), whose)
      return { output, replaced, unresolved: [...unresolved] }
    },
  })
}

function detect(parts: TextParts): AnyRoute {
  return route({
    ...posting,
    path: '/v1/privacy/detect',
    summary: 'Tell what would be replaced, where and why; nothing is kept',
    body: wire.privacyDetectAsk,
    get maxBodyBytes() {
      return bodyBytes(parts)
    },
    responses: { 200: wire.privacyDetectAnswer, 413: errorEnvelope },
    async handle({ body, caller, request }): Promise<wire.PrivacyDetectAnswer> {
      const found = await parts.desk.detect(matterOf(body), lookingOf(caller, request, body))
      return {
        spans: found.spans.map(placeOf),
        stats: { by_type: { ...found.counts } },
        policy: { ...found.policy },
        names: found.names,
      }
    },
  })
}

interface HowToLook {
  readonly policy?: string | undefined
  readonly entities?: readonly EntityType[] | undefined
  readonly allow?: readonly string[] | undefined
  readonly deny?: readonly string[] | undefined
  readonly language?: string | undefined
}

function lookingOf(caller: Caller, request: Request, how: HowToLook): Looking {
  return {
    owner: caller.key,
    policy: how.policy ?? null,
    entities: how.entities ?? null,
    allow: how.allow ?? [],
    deny: how.deny ?? [],
    language: how.language ?? null,
    signal: request.signal,
  }
}

type Brought = Pick<z.infer<typeof wire.privacyScrubAsk>, 'text' | 'json'> & { readonly messages?: unknown }

/** Exactly one of the members that hold something; `json: null` is something too. */
function matterOf(body: Brought): Matter {
  const members = (['text', 'messages', 'json'] as const).filter((member) => body[member] !== undefined)
  const [member] = members
  if (member === undefined || members.length > 1) throw oneOf(['text', 'messages', 'json'])
  if (member === 'text') return { kind: 'text', text: body.text ?? '' }
  return { kind: 'json', at: member, value: body[member] }
}

function keptOf({ kept }: Scrubbed): Pick<wire.PrivacyScrubAnswer, 'handle' | 'scope' | 'expires_at'> {
  if (kept === null) return { handle: null, scope: null, expires_at: null }
  return { handle: kept.handle, scope: kept.scope, expires_at: iso(kept.expiresAt) }
}

function placeOf(span: FoundSpan): wire.DetectedSpan {
  const { type, path, start, end, score, recogniser, view, isValidated } = span
  return { type, path, start, end, score, recogniser, view, is_validated: isValidated, why: whyOf(span) }
}

const iso = (at: number): string => new Date(at).toISOString()
