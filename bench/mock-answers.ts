import { messagesCaller } from '../src/protocol/anthropic/caller.ts'
import type { Conversation, Delta, TokenCounts } from '../src/protocol/conversation/conversation.ts'
import type { AnswerFacts, Api, CallerDialect } from '../src/protocol/conversation/dialect.ts'
import { chatCaller } from '../src/protocol/openai/chat/caller.ts'
import { responsesCaller } from '../src/protocol/openai/responses/caller.ts'

/** What the mock upstream says, in each dialect; whole and streamed it is the same. */
const wordCount = 100
const wordsPerChunk = 5

/** As long as each other and all different, so that one that is lost, doubled or out of order is seen. */
export const words: readonly string[] = Array.from({ length: wordCount }, (_, at) => wordAt(at))

export const callers: Readonly<Record<Api, CallerDialect>> = {
  chat: chatCaller,
  responses: responsesCaller,
  messages: messagesCaller,
}

const usage: TokenCounts = {
  promptTokens: 200,
  completionTokens: wordCount,
  cachedTokens: 0,
  cacheWriteTokens: null,
  reasoningTokens: null,
}

const asked: Conversation = {
  model: 'echo',
  turns: [{ role: 'user', parts: [{ kind: 'text', text: 'Tell me about hearths.' }] }],
  tools: [],
  toolChoice: null,
  isParallel: null,
  isStream: false,
  maxTokens: 150,
  sampling: {
    temperature: null,
    topP: null,
    topK: null,
    stop: [],
    seed: null,
    presencePenalty: null,
    frequencyPenalty: null,
  },
  reasoning: null,
  format: null,
  user: null,
  extras: {},
}

export function factsOf(conversation: Conversation): AnswerFacts {
  return {
    conversation,
    newId: (prefix) => `${prefix}bench`,
    createdAt: 1,
    elapsedMs: () => 1,
    wantsUsage: true,
  }
}

export function wholeAnswer(dialect: Api): string {
  const text = words.join(' ')
  const reply = { id: 'bench', model: 'echo', parts: [{ kind: 'text', text }], finish, usage } as const
  return JSON.stringify(callers[dialect].writeAnswer(reply, factsOf(asked)))
}

/** The events of a stream, all of them. */
export function streamAnswer(dialect: Api): string {
  const deltas: Delta[] = [{ kind: 'start', id: 'bench', model: 'echo' }]
  for (let at = 0; at < wordCount; at += wordsPerChunk) {
    deltas.push({ kind: 'text', text: `${words.slice(at, at + wordsPerChunk).join(' ')} ` })
  }
  deltas.push({ kind: 'finish', finish }, { kind: 'usage', usage })
  return streamOf(dialect, deltas, factsOf(asked)).join('')
}

/** What a dialect makes of deltas: one text for each, and one for the end. */
export function streamOf(dialect: Api, deltas: readonly Delta[], facts: AnswerFacts): readonly string[] {
  const writer = callers[dialect].createWriter(facts)
  return [...deltas.map((delta) => writer.write(delta)), writer.end()]
}

/** The words of a paced stream: each chunk but the last, which ends it, brings one. */
export const pacedWords = (chunks: number): readonly string[] =>
  Array.from({ length: Math.max(0, chunks - 1) }, (_, at) => wordAt(at))

export function wordAt(at: number): string {
  return `word${String(at).padStart(3, '0')}`
}

const finish = { reason: 'stop', sequence: null } as const
