import { z } from 'zod'
import { formatBytes } from '#kernel/bytes.ts'
import type { Caller, Cell } from '#kernel/words.ts'
import { route, type AnyRoute } from '#platform/http/route.ts'
import type { Handler } from '#platform/http/router.ts'
import type { PrivacySettings } from '../contract.ts'
import { adHocLimits, compileAdHoc, compileAllowed, type AdHoc, type AdHocFound } from '../core/presidio/ad-hoc.ts'
import { presidioName, supportedNames, wantedNames } from '../core/presidio/entities.ts'
import { createPointText } from '../core/presidio/points.ts'
import { whyOf } from '../core/telling/why.ts'
import type { Recogniser, Span } from '../core/words.ts'
import { textTooLarge } from '../errors.ts'
import { anonymize, deanonymize, hasCustomOperator } from '../service/presidio-anonymizer.ts'
import { anonymizers, BadParameter, deanonymizers } from '../service/presidio-operators.ts'
import type { TextScrubber } from '../service/scrubbing.ts'

export interface PresidioParts {
  readonly scrubber: TextScrubber
  readonly settings: Cell<PrivacySettings>
  /** Everybody who looks for something, for `/recognizers` and `/supportedentities`. */
  readonly recognisers: readonly Pick<Recogniser, 'id' | 'type'>[]
}

const tag = 'presidio'
const anything = z.looseObject({})

/** Exactly what an analyzer and an anonymizer of Presidio answer, on one listener. */
export function presidioRoutes(parts: PresidioParts): readonly AnyRoute[] {
  const bodyBytes = () => parts.settings.value.limits.textBytes * 6 + 64 * 1024
  const names = parts.recognisers.map(({ id }) => id)
  const list = (path: `/${string}`, summary: string, tell: () => readonly string[]): AnyRoute =>
    route({
      tag,
      scope: 'inference',
      method: 'GET',
      path,
      summary,
      responses: { 200: z.array(z.string()) },
      handle: tell,
    })
  const post = (path: `/${string}`, summary: string, handle: (asked: Asked) => unknown): AnyRoute =>
    route({
      tag,
      scope: 'inference',
      method: 'POST',
      path,
      summary,
      body: anything,
      get maxBodyBytes() {
        return bodyBytes()
      },
      responses: { 200: anything, 422: anything },
      handle: ({ body, caller, request }) => handle({ body, caller, signal: request.signal }),
    })
  return [
    health,
    post('/analyze', 'Where identifiers stand in a text, or in each of a list of texts.', (asked) =>
      analyze(asked, parts),
    ),
    list('/recognizers', 'Who looks for something.', () => names),
    list('/supportedentities', 'What is looked for.', () => supportedNames(parts.recognisers)),
    post('/anonymize', 'Replaces what an analysis found.', ({ body }) =>
      hasCustomOperator(body['anonymizers'])
        ? told('Custom type anonymizer is not supported', 400)
        : operated(body, () => anonymize(body)),
    ),
    list('/anonymizers', 'What can be put in its place.', () => anonymizers),
    post('/deanonymize', 'Puts back what was encrypted.', ({ body }) => operated(body, () => deanonymize(body))),
    list('/deanonymizers', 'What can be undone.', () => deanonymizers),
  ]
}

interface Asked {
  readonly body: Readonly<Record<string, unknown>>
  readonly caller: Caller
  readonly signal: AbortSignal
}

const health = route({
  method: 'GET',
  path: '/health',
  summary: 'A sign of life.',
  tag,
  scope: null,
  responses: { 200: { contentType: 'text/plain', description: 'A sign of life.' } },
  handle: () =>
    new Response('Presidio Analyzer service is up', { headers: { 'content-type': 'text/plain; charset=utf-8' } }),
})

const told = (error: string, status: number): Response => Response.json({ error }, { status })

function operated(body: Asked['body'], run: () => unknown): unknown {
  if (Object.keys(body).length === 0) return told('Invalid request json', 400)
  try {
    return run()
  } catch (thrown) {
    if (thrown instanceof BadParameter) return told(thrown.message, 422)
    throw thrown
  }
}

const textList = z.array(z.string())
const adHocRecogniser = z.looseObject({
  supported_entity: z.string().min(1),
  deny_list: textList.nullish(),
  deny_list_score: z.number().nullish(),
  patterns: z.array(z.looseObject({ name: z.string().nullish(), regex: z.string(), score: z.number() })).nullish(),
})

/** What of the request means something here; `context` and `correlation_id` do not. */
const analyzeAsk = z.looseObject({
  text: z.union([z.string(), textList]).nullish(),
  language: z.string().nullish(),
  entities: textList.nullish(),
  score_threshold: z.number().nullish(),
  return_decision_process: z.boolean().nullish(),
  ad_hoc_recognizers: z.array(adHocRecogniser).nullish(),
  allow_list: textList.nullish(),
  allow_list_match: z.string().nullish(),
})

const noneMatches = 'No matching recognizers were found to serve the request.'

/** Statuses and sentences are Presidio's own, which answers 500 to most faults of callers. */
async function analyze({ body, caller, signal }: Asked, parts: PresidioParts): Promise<unknown> {
  const read = analyzeAsk.safeParse(body)
  if (!read.success) {
    const [issue] = read.error.issues
    return told(`Failed to parse /analyze request: ${issue?.path.join('.')}: ${issue?.message}`, 400)
  }
  const ask = read.data
  const texts = typeof ask.text === 'string' ? [ask.text] : (ask.text ?? [])
  if (texts.length === 0 || ask.text === '') return told('No text provided', 500)
  if (!ask.language) return told('No language provided', 500)
  const adHoc = (ask.ad_hoc_recognizers ?? []).map(toAdHoc)
  const wanted =
    ask.entities && ask.entities.length > 0
      ? wantedNames(ask.entities, new Set(adHoc.map(({ entity }) => entity)))
      : undefined
  if (wanted === null) return told(noneMatches, 500)
  const match = compileAdHoc(adHoc)
  if (typeof match === 'string') return told(match, 400)
  const isAllowed = ask.allow_list_match === 'regex' ? compileAllowed(ask.allow_list ?? []) : exactly(ask.allow_list)
  if (typeof isAllowed === 'string') return told(isAllowed, 400)
  checkSize(texts, parts)
  const letters = texts.reduce((sum, text) => sum + text.length, 0)
  if (letters * match.patterns > adHocLimits.work)
    return told(`${match.patterns} patterns are too many for ${letters} characters: send less of either.`, 413)

  const scrubbed = await parts.scrubber.scrub({ ...lookingOf(ask, parts), owner: caller.key, texts, signal })
  const answers = texts.map((text, index) => {
    const own = (scrubbed[index]?.spans ?? []).map(toOwn)
    const places = [...own, ...match.find(text).map(toFound)].filter(
      ({ entity, start, end, score }) =>
        (wanted === undefined || wanted.has(entity)) &&
        score >= (ask.score_threshold ?? 0) &&
        !isAllowed(text.slice(start, end)),
    )
    return resultsOf(text, places, ask.return_decision_process === true)
  })
  return Response.json(Array.isArray(ask.text) ? answers : answers[0])
}

/** All that can be found is told, whatever a policy passes: what becomes of it is for the caller to say. */
function lookingOf(ask: z.infer<typeof analyzeAsk>, { settings }: PresidioParts) {
  const [first] = settings.value.policies
  if (first === undefined) throw new Error('the settings have no policy')
  const minScore = ask.score_threshold ?? first.minScore
  const policy = { ...first, pass: [], urls: 'all', minScore } as const
  const origin = 'api' as const
  return { vault: null, policy, origin, entities: null, allow: [], deny: [], language: ask.language ?? null }
}

function checkSize(texts: readonly string[], { settings }: PresidioParts): void {
  const { textBytes } = settings.value.limits
  const bytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0)
  if (bytes > textBytes) throw textTooLarge(formatBytes(bytes), formatBytes(textBytes), 'text')
}

const exactly = (list: readonly string[] | null | undefined) => {
  const values = new Set(list ?? [])
  return (value: string): boolean => values.has(value)
}

function toAdHoc(given: z.infer<typeof adHocRecogniser>): AdHoc {
  const patterns = (given.patterns ?? []).map(({ name, regex, score }) => ({ name: name ?? 'pattern', regex, score }))
  return {
    entity: given.supported_entity,
    denyList: (given.deny_list ?? []).filter((word) => word !== ''),
    denyScore: given.deny_list_score ?? 1,
    patterns,
  }
}

interface Seen {
  readonly start: number
  readonly end: number
  readonly entity: string
  readonly score: number
  readonly recogniser: string
  readonly pattern: string | null
  readonly why: string
  readonly isValidated: boolean
}

function toOwn(span: Span): Seen {
  const { start, end, type, recogniser, score, isValidated } = span
  const entity = presidioName(recogniser, type)
  return { start, end, entity, score, recogniser, pattern: null, why: whyOf(span), isValidated }
}

function toFound(found: AdHocFound): Seen {
  const why = `The caller's own pattern ${found.pattern} fits.`
  return { ...found, recogniser: 'ad_hoc', why, isValidated: false }
}

/** The surest first, then in their order; in code points. */
function resultsOf(text: string, places: readonly Seen[], isExplained: boolean): readonly unknown[] {
  const points = createPointText(text)
  const ordered = places.toSorted((a, b) => b.score - a.score || a.start - b.start || b.end - a.end)
  return ordered.map((place) => ({
    analysis_explanation: isExplained ? explanationOf(place) : null,
    end: points.pointOf(place.end),
    entity_type: place.entity,
    score: place.score,
    start: points.pointOf(place.start),
  }))
}

function explanationOf({ recogniser, pattern, why, score, isValidated }: Seen): unknown {
  return {
    original_score: score,
    pattern: null,
    pattern_name: pattern,
    recognizer: recogniser,
    regex_flags: null,
    score,
    score_context_improvement: 0,
    supportive_context_word: '',
    textual_explanation: why,
    validation_result: isValidated ? true : null,
  }
}

/** Refusals of the router in Presidio's shape: `{"error": "text"}`. */
export function withPresidioErrors(handler: Handler): Handler {
  return async (request, at) => {
    const response = await handler(request, at)
    const isJson = response.headers.get('content-type')?.includes('json') ?? false
    if (response.status < 400 || !isJson) return response
    const body: unknown = await response.json()
    const read = enveloped.safeParse(body)
    const headers = new Headers(response.headers)
    headers.delete('content-length')
    return Response.json(read.success ? { error: read.data.error.message } : body, { status: response.status, headers })
  }
}

const enveloped = z.object({ error: z.object({ message: z.string() }) })
