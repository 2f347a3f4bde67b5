/** A loaded model as the endpoints see it: nothing here knows the library that runs it (`open-model.ts`). */

export type Token = number

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
