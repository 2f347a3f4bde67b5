/** OpenAI's chat, as `/v1/chat/completions` takes and answers it. */

export interface ChatMessage {
  readonly role: 'system' | 'user' | 'assistant' | 'tool'
  readonly content: string | null
  readonly [member: string]: unknown
}

/** OpenAI's chat request; every further member goes through to the model untouched. */
export interface ChatRequest {
  readonly model: string
  readonly messages: readonly ChatMessage[]
  readonly temperature?: number
  readonly max_tokens?: number
  readonly [member: string]: unknown
}

export interface ChatUsage {
  readonly prompt_tokens: number
  readonly completion_tokens: number
  readonly total_tokens: number
  readonly [member: string]: unknown
}

export interface ChatAnswer {
  readonly id: string
  readonly model: string
  readonly choices: readonly {
    readonly index: number
    readonly message: {
      readonly role: string
      readonly content: string | null
      readonly reasoning_content?: string | null
      readonly [member: string]: unknown
    }
    readonly finish_reason: string | null
  }[]
  readonly usage?: ChatUsage | null
  readonly [member: string]: unknown
}

export interface ChatChunk {
  readonly id: string
  readonly model: string
  readonly choices: readonly {
    readonly index: number
    readonly delta: {
      readonly role?: string
      readonly content?: string | null
      readonly reasoning_content?: string | null
      readonly [member: string]: unknown
    }
    readonly finish_reason: string | null
  }[]
  readonly usage?: ChatUsage | null
  readonly [member: string]: unknown
}
