import { type Body, optionalBoolean, optionalNumber, optionalText, readBody, shown } from './body.ts'
import { type Engine, linkedAbort, maxBodyBytes, newId, requireText } from './engine.ts'
import { ApiError, jsonResponse } from './errors.ts'
import { generateOn, parseStreaming, roomFor, type Run, type Usage, usageObject, type Written } from './generation.ts'
import { grammarEnd, parseGrammar } from './grammar.ts'
import type { Grammar, Token } from './model.ts'
import { describeToken, type TokenLogprob } from './logprobs.ts'
import { parseSampling, type Sampling, samplingOptions } from './sampling.ts'
import { eventStream } from './sse.ts'
import { createStopFinder } from './stop-finder.ts'
import { parseTokens } from './tokens.ts'

interface Ask {
  readonly prompt: readonly Token[]
  readonly sampling: Sampling
  readonly grammar: Grammar | null
  readonly topLogprobs: number | null
  readonly maxTokens: number
}

type FinishReason = 'stop' | 'length'

interface Piece {
  readonly text: string
  readonly logprobs: readonly TokenLogprob[]
}

const maxPrompts = 64
/** OpenAI's default for this endpoint. */
const defaultMaxTokens = 16
/** Tokens before the one that is being written: some tokenizers write a token differently after another. */
const tokensOfTrail = 8

/** `POST /v1/completions`. */
export async function textCompletions(engine: Engine, request: Request): Promise<Response> {
  requireText(engine)
  const body = await readBody(request, maxBodyBytes)
  refuseUnknownWishes(body)
  const asks = await parseAsks(engine, body)
  const abort = linkedAbort(request)
  const base = {
    id: newId('cmpl'),
    object: 'text_completion',
    created: Math.floor(Date.now() / 1000),
    model: engine.id,
  }
  const [first] = asks
  const { isStream, withUsage } = parseStreaming(body)
  if (!isStream || first === undefined) {
    const choices = await Promise.all(
      asks.map((ask, index) => wholeChoice(engine, ask, { index, signal: abort.signal })),
    )
    const usage = choices.map((choice) => choice.usage).reduce(added)
    return jsonResponse({ ...base, choices: choices.map((choice) => choice.choice), usage: usageObject(usage) })
  }
  if (asks.length > 1) {
    throw new ApiError(400, `"prompt" has ${asks.length} prompts; a stream can have one.`, { param: 'prompt' })
  }
  const slot = await engine.slots.acquire(first.prompt, abort.signal)
  return eventStream(async (sink) => {
    const envelope = { ...base, ...(withUsage ? { usage: null } : {}) }
    const send = (piece: Piece, finish: FinishReason | null): void =>
      sink.send({
        ...envelope,
        choices: [
          { index: 0, text: piece.text, logprobs: logprobsObject(first, piece.logprobs), finish_reason: finish },
        ],
      })
    const end = await generate(engine, first, {
      slot,
      signal: abort.signal,
      write: (piece) => send(piece, null),
      ready: () => sink.ready(),
    })
    send({ text: '', logprobs: [] }, end.finish)
    if (withUsage) sink.send({ ...envelope, choices: [], usage: usageObject(end.usage) })
  }, abort)
}

function refuseUnknownWishes(body: Body): void {
  if (optionalBoolean(body, 'echo') === true)
    throw new ApiError(400, '"echo" is not supported by this engine.', { param: 'echo' })
  if (optionalText(body, 'suffix'))
    throw new ApiError(400, '"suffix" is not supported by this engine.', { param: 'suffix' })
  const best = optionalNumber(body, 'best_of', { min: 1, max: 128, isWhole: true }) ?? 1
  if (best > 1)
    throw new ApiError(400, `"best_of" is ${best}; this engine gives one answer per prompt.`, { param: 'best_of' })
}

async function parseAsks(engine: Engine, body: Body): Promise<readonly Ask[]> {
  const sampling = parseSampling(engine.model, body)
  const topLogprobs = optionalNumber(body, 'logprobs', { min: 0, max: 20, isWhole: true })
  const grammar = await parseGrammar(engine.model, body)
  const stops = grammar === null ? sampling.stops : [...sampling.stops, grammarEnd]
  return promptsOf(engine, body).map((prompt) => ({
    prompt,
    sampling: { ...sampling, stops },
    grammar,
    topLogprobs,
    maxTokens: roomFor(engine, prompt, sampling.maxTokens ?? defaultMaxTokens),
  }))
}

/** A text, a list of texts, a list of tokens, or a list of those. */
function promptsOf(engine: Engine, body: Body): readonly (readonly Token[])[] {
  const { prompt } = body
  const list = Array.isArray(prompt) && typeof prompt[0] !== 'number' ? prompt : [prompt]
  if (list.length === 0 || list.length > maxPrompts) {
    throw new ApiError(400, `"prompt" must have 1 to ${maxPrompts} prompts, not ${list.length}.`, { param: 'prompt' })
  }
  return list.map((one: unknown) => {
    const tokens = typeof one === 'string' ? engine.model.promptOf(one) : parseTokens(engine.model, one, 'prompt')
    if (tokens.length > 0) return tokens
    throw new ApiError(400, `"prompt" must not be empty, as ${shown(one)} is.`, { param: 'prompt' })
  })
}

async function wholeChoice(
  engine: Engine,
  ask: Ask,
  at: { readonly index: number; readonly signal: AbortSignal },
): Promise<{ readonly choice: object; readonly usage: Usage }> {
  const slot = await engine.slots.acquire(ask.prompt, at.signal)
  let text = ''
  const logprobs: TokenLogprob[] = []
  const { finish, usage } = await generate(engine, ask, {
    slot,
    signal: at.signal,
    write(piece) {
      text += piece.text
      logprobs.push(...piece.logprobs)
    },
    ready: () => undefined,
  })
  const choice = { index: at.index, text, logprobs: logprobsObject(ask, logprobs), finish_reason: finish }
  return { choice, usage }
}

interface TextRun extends Run {
  write(piece: Piece): void
  ready(): Promise<void> | undefined
}

function generate(engine: Engine, ask: Ask, run: TextRun) {
  return generateOn(engine, { ...run, prompt: ask.prompt }, () => sample(engine, ask, run))
}

async function sample(engine: Engine, ask: Ask, run: TextRun): Promise<Written<FinishReason>> {
  const { model, metrics } = engine
  const stops = createStopFinder(ask.sampling.stops)
  const written: Token[] = []
  /** Tokens whose text is not yet known: a character may be spread over several. */
  let pending: Token[] = []
  let logprobs: TokenLogprob[] = []
  let count = 0
  const flush = (text: string): void => {
    if (text === '' && logprobs.length === 0) return
    run.write({ text, logprobs })
    logprobs = []
  }
  const tokens = run.slot.sequence.evaluateWithMetadata(
    [...ask.prompt.slice(-1)],
    { probabilities: ask.topLogprobs !== null },
    evaluateOptions(engine, ask, written),
  )
  for await (const one of tokens) {
    run.signal.throwIfAborted()
    count += 1
    metrics.predictedTokens += 1
    if (model.isEnd(one.token)) {
      flush(stops.rest())
      return { finish: 'stop', completionTokens: count }
    }
    if (ask.topLogprobs !== null) logprobs.push(describeToken(model, one, ask.topLogprobs))
    pending.push(one.token)
    const text = model.detokenize(pending, { after: written.slice(-tokensOfTrail) })
    const isWhole = !text.endsWith('\uFFFD') || pending.length > maxBytesOfCharacter
    if (isWhole) {
      written.push(...pending)
      pending = []
      const found = stops.push(text)
      flush(found.text)
      if (found.isStopped) return { finish: 'stop', completionTokens: count }
    }
    if (count >= ask.maxTokens) break
    await run.ready()
    run.signal.throwIfAborted()
  }
  flush(
    stops.rest() + (pending.length === 0 ? '' : model.detokenize(pending, { after: written.slice(-tokensOfTrail) })),
  )
  return { finish: 'length', completionTokens: count }
}

const maxBytesOfCharacter = 4

function evaluateOptions({ model }: Engine, ask: Ask, written: readonly Token[]) {
  const { sampling } = ask
  const { penalties } = sampling
  return {
    ...samplingOptions(sampling),
    yieldEogToken: true,
    ...(ask.grammar === null ? {} : { grammarEvaluationState: model.grammarState(ask.grammar) }),
    ...(penalties === null
      ? {}
      : {
          repeatPenalty: {
            punishTokens: () => written.slice(-penalties.lastTokens),
            maxPunishTokens: penalties.lastTokens,
            penalty: penalties.penalty,
            frequencyPenalty: penalties.frequencyPenalty,
            presencePenalty: penalties.presencePenalty,
          },
        }),
  }
}

/** The older shape of this endpoint: parallel lists. */
function logprobsObject(ask: Ask, tokens: readonly TokenLogprob[]): object | null {
  if (ask.topLogprobs === null) return null
  return {
    tokens: tokens.map((one) => one.token),
    token_logprobs: tokens.map((one) => one.logprob),
    top_logprobs: tokens.map((one) => Object.fromEntries(one.top_logprobs.map((top) => [top.token, top.logprob]))),
    text_offset: [],
  }
}

const added = (a: Usage, b: Usage): Usage => ({
  promptTokens: a.promptTokens + b.promptTokens,
  cachedTokens: a.cachedTokens + b.cachedTokens,
  completionTokens: a.completionTokens + b.completionTokens,
})
