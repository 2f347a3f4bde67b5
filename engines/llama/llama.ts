/**
 * The only file that knows node-llama-cpp. It is not a package of this repository but installed on demand beside
 * Hearth's state, so it is loaded by path, and the part of it that is used is declared here by hand. It must never
 * compile or download anything: `build: 'never'`, `skipDownload: true`.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'

export type Token = number

export interface ModelOptions {
  /** The folder that holds node_modules. */
  readonly runtime: string
  readonly modelPath: string
  /** Tokens of one sequence. */
  readonly context: number
  /** Sequences that are decoded together; 0 = this model writes no text. */
  readonly parallel: number
  /**
   * null = physical cores − 1: llama.cpp's threads spin, and one per core leaves nothing for the rest of the
   * machine.
   */
  readonly threads: number | null
  readonly gpuLayers: number | 'auto'
  readonly loras: readonly { readonly filePath: string; readonly scale: number }[]
  onProgress(progress: number): void
  log(line: string): void
  /** Called once for each decode call with the number of sequences in it. */
  onDecode(sequences: number): void
  readonly signal: AbortSignal
}

/** A loaded model with its context: what the endpoints work with. */
export interface Model {
  readonly facts: ModelFacts
  readonly threads: number
  /** One per slot, for as long as the process lives. */
  readonly sequences: readonly Sequence[]
  readonly wrapper: ChatWrapper
  /** `withSpecial`: texts of control tokens become those tokens. */
  tokenize(text: string, withSpecial: boolean): Token[]
  detokenize(
    tokens: readonly Token[],
    options?: { readonly withSpecial?: boolean; readonly after?: readonly Token[] },
  ): string
  isEnd(token: Token): boolean
  /** The prompt of a raw text: with the beginning token where the model wants one. */
  promptOf(text: string): Token[]
  jsonGrammar(): Promise<Grammar>
  grammarForSchema(schema: unknown): Promise<Grammar>
  grammarFromText(gbnf: string): Promise<Grammar>
  grammarState(grammar: Grammar): GrammarState
  /** Adds to the logits; `never` forbids the token. */
  bias(entries: readonly (readonly [Token, number | 'never'])[]): Bias
  endTokens(): readonly Token[]
  /** The prompt's tokens as `Chat.generate` will see them. */
  chatPrompt(wrapper: ChatWrapper, history: readonly HistoryItem[], functions: Functions | undefined): Token[]
  chatOn(sequence: Sequence, wrapper: ChatWrapper): Chat
  embedder(): Promise<Embedder>
  ranker(): Promise<Ranker>
  close(): Promise<void>
}

export interface ModelFacts {
  readonly architecture: string
  readonly trainContext: number
  readonly embedding: number
  readonly vocabulary: number
  readonly sizeBytes: number
  readonly parameters: number
  readonly canRank: boolean
  readonly isOnGpu: boolean
}

export interface Sequence {
  readonly contextTokens: readonly Token[]
  readonly nextTokenIndex: number
  compareContextTokens(tokens: readonly Token[]): { readonly firstDifferentIndex: number }
  adaptStateToTokens(tokens: readonly Token[], allowShift: boolean): Promise<void>
  clearHistory(): Promise<void>
  evaluateWithoutGeneratingNewTokens(tokens: readonly Token[]): Promise<void>
  /** The library's chat loop calls this; slots replace it to see each sampled token. */
  evaluate(tokens: Token[], options?: EvaluateOptions): AsyncGenerator<Token, void, TokensToGoOn>
  evaluateWithMetadata(
    tokens: Token[],
    metadata: { readonly probabilities: boolean },
    options?: EvaluateOptions,
  ): AsyncGenerator<Sampled, void, TokensToGoOn>
}

export type TokensToGoOn = undefined | Token | Token[]

export interface Sampled {
  readonly token: Token
  /** Of the tokens that the sampling left, best first. */
  readonly probabilities?: ReadonlyMap<Token, number>
}

export interface EvaluateOptions {
  readonly temperature?: number
  readonly topP?: number
  readonly topK?: number
  readonly minP?: number
  readonly seed?: number
  readonly repeatPenalty?: Penalties & { punishTokens(): readonly Token[]; readonly maxPunishTokens: number }
  readonly tokenBias?: Bias
  readonly grammarEvaluationState?: GrammarState
  readonly yieldEogToken?: boolean
}

export interface Penalties {
  readonly penalty: number
  readonly frequencyPenalty: number
  readonly presencePenalty: number
}

declare const opaque: unique symbol
export interface Grammar {
  readonly [opaque]: 'grammar'
}
export interface GrammarState {
  readonly [opaque]: 'grammar state'
}
export interface Bias {
  readonly [opaque]: 'bias'
}

export type HistoryItem =
  | { readonly type: 'system' | 'user'; readonly text: string }
  | { readonly type: 'model'; readonly response: readonly ResponseItem[] }

export type ResponseItem = string | FunctionCallItem | ThoughtItem

export interface FunctionCallItem {
  readonly type: 'functionCall'
  readonly name: string
  readonly params: unknown
  readonly result: unknown
  readonly startsNewChunk?: boolean
}

export interface ThoughtItem {
  readonly type: 'segment'
  readonly segmentType: 'thought'
  readonly text: string
  readonly ended: true
}

export type Functions = Readonly<Record<string, { readonly description?: string; readonly params?: unknown }>>

export interface ChatWrapper {
  readonly wrapperName: string
  generateContextState(state: {
    readonly chatHistory: readonly HistoryItem[]
    readonly availableFunctions?: Functions
  }): ContextState
}

export interface ContextState {
  readonly contextText: { tokenize(tokenizer: unknown): Token[] }
  readonly stopGenerationTriggers: readonly unknown[]
  readonly functionCall?: { readonly initiallyEngaged: boolean; readonly disengageInitiallyEngaged: readonly unknown[] }
}

export interface Chat {
  generate(history: readonly HistoryItem[], options: GenerateOptions): Promise<{ readonly stopReason: StopReason }>
  dispose(): void
}

export type StopReason =
  | 'eogToken'
  | 'stopGenerationTrigger'
  | 'customStopTrigger'
  | 'maxTokens'
  | 'functionCalls'
  | 'abort'

export interface ResponseChunk {
  /** undefined = the answer itself. */
  readonly segmentType?: 'thought' | 'comment'
  readonly text: string
  readonly tokens: readonly Token[]
}

export interface GenerateOptions {
  readonly signal: AbortSignal
  /** An abort ends the answer with what there is, or throws its reason when there is nothing. */
  readonly stopOnAbortSignal: true
  readonly maxTokens: number
  readonly temperature: number
  readonly topP: number
  readonly topK: number
  readonly minP: number
  readonly seed: number
  readonly repeatPenalty: false | (Penalties & { readonly lastTokens: number })
  readonly tokenBias?: Bias
  readonly customStopTriggers?: readonly string[]
  readonly grammar?: Grammar
  readonly functions?: Functions
  readonly maxParallelFunctionCalls?: number
  onResponseChunk(chunk: ResponseChunk): void
  onFunctionCall?(call: { readonly functionName: string; readonly params: unknown }): void
}

export interface Embedder {
  readonly contextSize: number
  countTokens(input: string | readonly Token[]): number
  embed(input: string | readonly Token[]): Promise<readonly number[]>
}

export interface Ranker {
  readonly contextSize: number
  countTokens(query: string, document: string): number
  /** 0 to 1. */
  rank(query: string, document: string): Promise<number>
}

const maxBatch = 512

/** Loads library and model. Rejects with a sentence. */
export async function openModel(options: ModelOptions): Promise<Model> {
  const library = await loadLibrary(options.runtime)
  const llama = await library.getLlama({
    build: 'never',
    skipDownload: true,
    usePrebuiltBinaries: true,
    progressLogs: false,
    logLevel: 'warn',
    logger: (level, message) => options.log(`llama.cpp ${level}: ${message.trim()}`),
    gpu: options.gpuLayers === 0 ? false : 'auto',
  })
  const threads = options.threads ?? Math.max(1, llama.cpuMathCores - 1)
  const native = await llama.loadModel({
    modelPath: options.modelPath,
    gpuLayers: options.gpuLayers,
    onLoadProgress: options.onProgress,
    loadSignal: options.signal,
  })
  const sequences = options.parallel === 0 ? [] : await openSequences(native, options, threads)
  return createModel({ library, llama, native, sequences, threads, context: options.context })
}

async function openSequences(
  native: NativeModel,
  options: ModelOptions,
  threads: number,
): Promise<readonly Sequence[]> {
  const context = await native.createContext({
    contextSize: options.context,
    sequences: options.parallel,
    batchSize: Math.max(Math.min(maxBatch, options.context * options.parallel), options.parallel),
    threads,
    failedCreationRemedy: false,
    createSignal: options.signal,
    batching: { dispatchSchedule: 'nextCycle', itemPrioritizationStrategy: countedStrategy(options.onDecode) },
    ...(options.loras.length === 0 ? {} : { lora: { adapters: options.loras } }),
  })
  return Array.from({ length: options.parallel }, () => context.getSequence())
}

/**
 * The library's own way to share a batch (everyone gets the same part, what is left goes to whoever has more),
 * counted.
 */
function countedStrategy(onDecode: (sequences: number) => void) {
  return ({ items, size }: { readonly items: readonly BatchItem[]; readonly size: number }) => {
    onDecode(items.length)
    const share = Math.max(1, Math.floor(size / items.length))
    const taken = items.map((item) => Math.min(item.tokens.length, share))
    let left = size - taken.reduce((sum, count) => sum + count, 0)
    return items.map((item, at) => {
      const more = Math.min(left, item.tokens.length - (taken[at] ?? 0))
      left -= more
      return { item, processAmount: (taken[at] ?? 0) + more }
    })
  }
}

interface Loaded {
  readonly library: Library
  readonly llama: Llama
  readonly native: NativeModel
  readonly sequences: readonly Sequence[]
  readonly threads: number
  readonly context: number
}

function createModel({ library, llama, native, sequences, threads, context }: Loaded): Model {
  const wrapper = library.resolveChatWrapper(native, { warningLogs: false })
  let embedder: Promise<Embedder> | null = null
  let ranker: Promise<Ranker> | null = null
  const metadata = native.fileInfo.metadata
  return {
    facts: {
      architecture: metadata.general.architecture,
      trainContext: native.trainContextSize,
      embedding: native.embeddingVectorSize,
      vocabulary: metadata.tokenizer?.ggml?.tokens?.length ?? 0,
      sizeBytes: native.size,
      parameters: native.fileInsights.totalParameters ?? 0,
      canRank: native.fileInsights.supportsRanking,
      isOnGpu: llama.gpu !== false && native.gpuLayers > 0,
    },
    threads,
    sequences,
    wrapper,
    tokenize: (text, withSpecial) => native.tokenize(text, withSpecial),
    detokenize: (tokens, how = {}) => native.detokenize(tokens, how.withSpecial ?? false, how.after ?? []),
    isEnd: (token) => native.isEogToken(token),
    promptOf(text) {
      const tokens = native.tokenize(text, true)
      const first = native.tokens.shouldPrependBosToken ? native.tokens.bos : null
      return first !== null && first !== undefined && tokens[0] !== first ? [first, ...tokens] : tokens
    },
    jsonGrammar: () => llama.getGrammarFor('json'),
    grammarForSchema: (schema) => llama.createGrammarForJsonSchema(schema),
    grammarFromText: (grammar) => llama.createGrammar({ grammar }),
    grammarState: (grammar) => new library.LlamaGrammarEvaluationState({ model: native, grammar }),
    bias(entries) {
      const bias = new library.TokenBias(native.tokenizer)
      // Not `set`, which silently leaves out the tokens that end an answer.
      for (const [token, by] of entries) bias._biases.set(token, by === 'never' ? -Infinity : by)
      return bias
    },
    endTokens: () => [native.tokens.eos, native.tokens.eot].filter((token) => typeof token === 'number'),
    chatPrompt(chosen, history, functions) {
      const state = chosen.generateContextState({
        chatHistory: history,
        ...(functions === undefined ? {} : { availableFunctions: functions }),
      })
      return state.contextText.tokenize(native.tokenizer)
    },
    chatOn: (sequence, chosen) => createChat(library, sequence, chosen),
    embedder: () => (embedder ??= openEmbedder(native, { context, threads }).catch(forget(() => (embedder = null)))),
    ranker: () => (ranker ??= openRanker(native, { context, threads }).catch(forget(() => (ranker = null)))),
    close: () => llama.dispose(),
  }
}

/** A failure is not kept: memory may be free the next time. */
function forget(drop: () => void) {
  return (thrown: unknown): never => {
    drop()
    throw thrown
  }
}

function createChat(library: Library, sequence: Sequence, wrapper: ChatWrapper): Chat {
  const chat = new library.LlamaChat({ contextSequence: sequence, chatWrapper: wrapper, autoDisposeSequence: false })
  return {
    async generate(history, options) {
      const { metadata } = await chat.generateResponse(history, options)
      return { stopReason: metadata.stopReason }
    },
    dispose: () => chat.dispose({ disposeSequence: false }),
  }
}

async function openEmbedder(
  native: NativeModel,
  options: { readonly context: number; readonly threads: number },
): Promise<Embedder> {
  const context = await native.createEmbeddingContext({
    contextSize: options.context,
    batchSize: options.context,
    threads: options.threads,
  })
  return {
    contextSize: options.context,
    countTokens: (input) => context.calculateInputLength(input),
    embed: async (input) => (await context.getEmbeddingFor(input)).vector,
  }
}

async function openRanker(
  native: NativeModel,
  options: { readonly context: number; readonly threads: number },
): Promise<Ranker> {
  const context = await native.createRankingContext({
    contextSize: options.context,
    batchSize: options.context,
    threads: options.threads,
  })
  return {
    contextSize: options.context,
    countTokens: (query, document) => context.calculateInputLength(query, document),
    rank: (query, document) => context.rank(query, document),
  }
}

async function loadLibrary(runtime: string): Promise<Library> {
  const entry = join(runtime, 'node_modules/node-llama-cpp/dist/index.js')
  if (!existsSync(entry)) {
    throw new Error(`node-llama-cpp is not installed in ${runtime}: run "hearth engine install llama"`)
  }
  return (await import(entry)) as Library
}

interface BatchItem {
  readonly tokens: readonly Token[]
}

interface Library {
  getLlama(options: {
    readonly build: 'never'
    readonly skipDownload: true
    readonly usePrebuiltBinaries: true
    readonly progressLogs: false
    readonly logLevel: string
    readonly logger: (level: string, message: string) => void
    readonly gpu: 'auto' | false
  }): Promise<Llama>
  resolveChatWrapper(model: NativeModel, options: { readonly warningLogs: boolean }): ChatWrapper
  readonly LlamaChat: new (options: {
    readonly contextSequence: Sequence
    readonly chatWrapper: ChatWrapper
    readonly autoDisposeSequence: boolean
  }) => {
    generateResponse(
      history: readonly HistoryItem[],
      options: GenerateOptions,
    ): Promise<{ readonly metadata: { readonly stopReason: StopReason } }>
    dispose(options: { readonly disposeSequence: boolean }): void
  }
  readonly LlamaGrammarEvaluationState: new (options: {
    readonly model: NativeModel
    readonly grammar: Grammar
  }) => GrammarState
  readonly TokenBias: new (tokenizer: unknown) => Bias & { readonly _biases: Map<Token, number> }
}

interface Llama {
  readonly gpu: string | false
  readonly cpuMathCores: number
  loadModel(options: {
    readonly modelPath: string
    readonly gpuLayers: number | 'auto'
    readonly onLoadProgress: (progress: number) => void
    readonly loadSignal: AbortSignal
  }): Promise<NativeModel>
  getGrammarFor(name: 'json'): Promise<Grammar>
  createGrammarForJsonSchema(schema: unknown): Promise<Grammar>
  createGrammar(options: { readonly grammar: string }): Promise<Grammar>
  dispose(): Promise<void>
}

interface NativeModel {
  readonly gpuLayers: number
  readonly tokenizer: unknown
  readonly tokens: {
    readonly bos?: Token | null
    readonly eos?: Token | null
    readonly eot?: Token | null
    readonly shouldPrependBosToken: boolean
  }
  readonly trainContextSize: number
  readonly embeddingVectorSize: number
  readonly size: number
  readonly fileInsights: { readonly totalParameters?: number; readonly supportsRanking: boolean }
  readonly fileInfo: {
    readonly metadata: {
      readonly general: { readonly architecture: string }
      readonly tokenizer?: { readonly ggml?: { readonly tokens?: readonly string[] } }
    }
  }
  tokenize(text: string, withSpecial: boolean): Token[]
  detokenize(tokens: readonly Token[], withSpecial: boolean, after: readonly Token[]): string
  isEogToken(token: Token): boolean
  createContext(options: object): Promise<{ getSequence(): Sequence }>
  createEmbeddingContext(options: object): Promise<{
    calculateInputLength(input: string | readonly Token[]): number
    getEmbeddingFor(input: string | readonly Token[]): Promise<{ readonly vector: readonly number[] }>
  }>
  createRankingContext(options: object): Promise<{
    calculateInputLength(query: string, document: string): number
    rank(query: string, document: string): Promise<number>
  }>
}
