/**
 * Makes a model out of what node-llama-cpp loads. The library must never compile or download anything:
 * `build: 'never'`, `skipDownload: true`.
 */
import type { Chat, ChatWrapper, Embedder, Model, Ranker, Sequence } from './model.ts'
import { type BatchItem, type Library, type Llama, loadLibrary, type NativeModel } from './node-llama-cpp.ts'

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

/** Vectors and ranks are made of one text at a time, which must be in one batch. */
const contextFor = ({ context, threads }: VectorOptions) => ({ contextSize: context, batchSize: context, threads })

interface VectorOptions {
  readonly context: number
  readonly threads: number
}

async function openEmbedder(native: NativeModel, options: VectorOptions): Promise<Embedder> {
  const context = await native.createEmbeddingContext(contextFor(options))
  return {
    contextSize: options.context,
    countTokens: (input) => context.calculateInputLength(input),
    embed: async (input) => (await context.getEmbeddingFor(input)).vector,
  }
}

async function openRanker(native: NativeModel, options: VectorOptions): Promise<Ranker> {
  const context = await native.createRankingContext(contextFor(options))
  return {
    contextSize: options.context,
    countTokens: (query, document) => context.calculateInputLength(query, document),
    rank: (query, document) => context.rank(query, document),
  }
}
