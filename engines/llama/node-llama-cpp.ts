/**
 * The part of node-llama-cpp that is used, declared by hand: it is not a package of this repository but installed on
 * demand beside Hearth's state, so it is loaded by path.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type {
  Bias,
  ChatWrapper,
  GenerateOptions,
  Grammar,
  GrammarState,
  HistoryItem,
  Sequence,
  StopReason,
  Token,
} from './model.ts'

/** Rejects with a sentence when it is not installed. */
export async function loadLibrary(runtime: string): Promise<Library> {
  const entry = join(runtime, 'node_modules/node-llama-cpp/dist/index.js')
  if (!existsSync(entry)) {
    throw new Error(`node-llama-cpp is not installed in ${runtime}: run "hearth engine install llama"`)
  }
  return (await import(entry)) as Library
}

export interface BatchItem {
  readonly tokens: readonly Token[]
}

export interface Library {
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

export interface Llama {
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

export interface NativeModel {
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
