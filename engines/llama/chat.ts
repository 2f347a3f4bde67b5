import { type Body, readBody } from './body.ts'
import { parseHistory } from './chat-history.ts'
import { type Engine, linkedAbort, maxBodyBytes, newId, requireText } from './engine.ts'
import { ApiError, jsonResponse } from './errors.ts'
import { generateOn, parseStreaming, roomFor, type Run, type Written, usageObject } from './generation.ts'
import { parseGrammar } from './grammar.ts'
import type { Chat, ChatWrapper, GenerateOptions, Grammar, HistoryItem, Sampled, StopReason, Token } from './model.ts'
import { describeToken, parseChatLogprobs, type TokenLogprob } from './logprobs.ts'
import { parseSampling, type Sampling, samplingOptions } from './sampling.ts'
import { type EventSink, eventStream } from './sse.ts'
import { forcingWrapper, parseTools, type Tools } from './tools.ts'

interface Ask {
  readonly history: readonly HistoryItem[]
  readonly tools: Tools | null
  readonly wrapper: ChatWrapper
  readonly grammar: Grammar | null
  readonly sampling: Sampling
  readonly topLogprobs: number | null
  readonly prompt: readonly Token[]
  readonly maxTokens: number
}

type FinishReason = 'stop' | 'length' | 'tool_calls'

interface ToolCall {
  readonly id: string
  readonly type: 'function'
  readonly function: { readonly name: string; readonly arguments: string }
}

/** Where the parts of an answer go as they are made. */
interface Writer {
  content(text: string, logprobs: readonly TokenLogprob[]): void
  reasoning(text: string): void
  toolCall(call: ToolCall): void
  ready(): Promise<void> | undefined
}

/** `POST /v1/chat/completions`. */
export async function chatCompletions(engine: Engine, request: Request): Promise<Response> {
  requireText(engine)
  const body = await readBody(request, maxBodyBytes)
  const ask = await parseAsk(engine, body)
  const { isStream, withUsage } = parseStreaming(body)
  const abort = linkedAbort(request)
  const slot = await engine.slots.acquire(ask.prompt, abort.signal)
  const base = { id: newId('chatcmpl'), created: Math.floor(Date.now() / 1000), model: engine.id }
  if (!isStream) return jsonResponse(await wholeAnswer(engine, ask, { slot, signal: abort.signal, base }))
  return eventStream((sink) => streamAnswer(engine, ask, { slot, signal: abort.signal, base, sink, withUsage }), abort)
}

async function parseAsk(engine: Engine, body: Body): Promise<Ask> {
  const { model } = engine
  const tools = parseTools(body)
  const history = parseHistory(body)
  const sampling = parseSampling(model, body)
  const topLogprobs = parseChatLogprobs(body)
  const grammar = await parseGrammar(model, body)
  if (grammar !== null && tools !== null) {
    throw new ApiError(400, '"response_format" and "tools" cannot be combined in this engine: use one of them.', {
      param: 'response_format',
    })
  }
  const wrapper = tools?.isForced === true ? forcingWrapper(model.wrapper) : model.wrapper
  const prompt = model.chatPrompt(wrapper, history, tools?.functions)
  const maxTokens = roomFor(engine, prompt, sampling.maxTokens)
  return { history, tools, wrapper, grammar, sampling, topLogprobs, prompt, maxTokens }
}

interface ChatRun extends Run {
  readonly base: { readonly id: string; readonly created: number; readonly model: string }
}

async function wholeAnswer(engine: Engine, ask: Ask, run: ChatRun): Promise<object> {
  let content = ''
  let reasoning = ''
  const calls: ToolCall[] = []
  const logprobs: TokenLogprob[] = []
  const { finish, usage } = await generate(engine, ask, run, {
    content(text, tokens) {
      content += text
      logprobs.push(...tokens)
    },
    reasoning: (text) => void (reasoning += text),
    toolCall: (call) => void calls.push(call),
    ready: () => undefined,
  })
  const message = {
    role: 'assistant',
    content: content === '' && calls.length > 0 ? null : content,
    refusal: null,
    ...(reasoning === '' ? {} : { reasoning_content: reasoning }),
    ...(calls.length === 0 ? {} : { tool_calls: calls }),
  }
  const told = ask.topLogprobs === null ? null : { content: logprobs, refusal: null }
  return {
    ...run.base,
    object: 'chat.completion',
    choices: [{ index: 0, message, logprobs: told, finish_reason: finish }],
    usage: usageObject(usage),
  }
}

async function streamAnswer(
  engine: Engine,
  ask: Ask,
  run: ChatRun & { readonly sink: EventSink; readonly withUsage: boolean },
): Promise<void> {
  const { sink } = run
  // With include_usage every chunk has the member, null in all but the last, as OpenAI's does.
  const envelope = { ...run.base, object: 'chat.completion.chunk', ...(run.withUsage ? { usage: null } : {}) }
  const send = (delta: object, finish: FinishReason | null, logprobs: readonly TokenLogprob[] = []): void => {
    const told = ask.topLogprobs === null || logprobs.length === 0 ? null : { content: logprobs, refusal: null }
    sink.send({ ...envelope, choices: [{ index: 0, delta, logprobs: told, finish_reason: finish }] })
  }
  let calls = 0
  send({ role: 'assistant', content: '', refusal: null }, null)
  const { finish, usage } = await generate(engine, ask, run, {
    content: (text, logprobs) => send({ content: text }, null, logprobs),
    reasoning: (text) => send({ reasoning_content: text }, null),
    toolCall: (call) => send({ tool_calls: [{ index: calls++, ...call }] }, null),
    ready: () => sink.ready(),
  })
  send({}, finish)
  if (run.withUsage) sink.send({ ...envelope, choices: [], usage: usageObject(usage) })
}

function generate(engine: Engine, ask: Ask, run: Run, writer: Writer) {
  return generateOn(engine, { ...run, prompt: ask.prompt }, async () => {
    const chat = engine.model.chatOn(run.slot.sequence, ask.wrapper)
    try {
      return await sample(engine, ask, { ...run, chat, writer })
    } finally {
      chat.dispose()
    }
  })
}

/**
 * The syntax around function calls is written without being sampled, so `maxTokens` alone does not keep to the
 * context.
 */
const roomForCallSyntax = 128

async function sample(
  engine: Engine,
  ask: Ask,
  run: Run & { readonly chat: Chat; readonly writer: Writer },
): Promise<Written<FinishReason>> {
  const { slot, signal, writer } = run
  const sampled: Sampled[] = []
  const full = new AbortController()
  const lastIndex =
    ask.tools === null ? engine.context : engine.context - Math.min(roomForCallSyntax, engine.context / 4)
  let completionTokens = 0
  let calls = 0
  slot.watch = {
    wantsProbabilities: ask.topLogprobs !== null,
    onSampled(one) {
      completionTokens += 1
      engine.metrics.predictedTokens += 1
      if (ask.topLogprobs !== null) sampled.push(one)
      if (slot.sequence.nextTokenIndex >= lastIndex) full.abort(new Error('The context is full.'))
      return writer.ready()
    },
  }
  const onFunctionCall: GenerateOptions['onFunctionCall'] = (call) => {
    calls += 1
    const text = JSON.stringify(call.params ?? {})
    writer.toolCall({ id: newId('call'), type: 'function', function: { name: call.functionName, arguments: text } })
  }
  const either = new AbortController()
  for (const one of [signal, full.signal]) {
    one.addEventListener('abort', () => either.abort(one.reason), { once: true })
  }
  const ended = run.chat.generate(ask.history, {
    ...generationOptions(ask),
    signal: either.signal,
    onResponseChunk(chunk) {
      if (chunk.text === '') return
      if (chunk.segmentType === undefined) writer.content(chunk.text, takeLogprobs(engine, ask, sampled, chunk.tokens))
      else writer.reasoning(chunk.text)
    },
    ...(ask.tools === null ? {} : { onFunctionCall }),
  })
  // With nothing written yet the library throws the abort's reason instead of ending with what there is.
  const { stopReason } = await ended.catch((thrown: unknown) => {
    if (full.signal.aborted) return { stopReason: 'abort' as const }
    throw thrown
  })
  signal.throwIfAborted()
  return { finish: calls > 0 && stopReason !== 'maxTokens' ? 'tool_calls' : finishOf(stopReason), completionTokens }
}

function generationOptions(ask: Ask) {
  const { sampling, tools } = ask
  return {
    stopOnAbortSignal: true as const,
    maxTokens: ask.maxTokens,
    ...samplingOptions(sampling),
    repeatPenalty: sampling.penalties ?? (false as const),
    ...(sampling.stops.length === 0 ? {} : { customStopTriggers: sampling.stops }),
    ...(ask.grammar === null ? {} : { grammar: ask.grammar }),
    ...(tools === null ? {} : { functions: tools.functions, maxParallelFunctionCalls: tools.maxCalls }),
  }
}

/** Those of the sampled tokens that this piece of text is made of; what was sampled before it was not text. */
function takeLogprobs(engine: Engine, ask: Ask, sampled: Sampled[], tokens: readonly Token[]): readonly TokenLogprob[] {
  const found: TokenLogprob[] = []
  for (const token of tokens) {
    const at = sampled.findIndex((one) => one.token === token)
    const [one] = at < 0 ? [] : sampled.splice(0, at + 1).slice(-1)
    if (one !== undefined) found.push(describeToken(engine.model, one, ask.topLogprobs ?? 0))
  }
  return found
}

function finishOf(reason: StopReason): FinishReason {
  if (reason === 'maxTokens' || reason === 'abort') return 'length'
  return reason === 'functionCalls' ? 'tool_calls' : 'stop'
}
