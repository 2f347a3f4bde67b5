import type { Conversation, OutputPart, Reply, Tool, Turn } from '../src/protocol/conversation/conversation.ts'

/** What an agent sends and gets, as large as wanted: tools, a long history of calls and their results. */

const words = 'the hearth keeps "three" logs, one of oak; grüße — and\na line of code(x => x + 1) '.repeat(2_000)
const fewBytes = 4_000

/** About `bytes` of JSON. 20 tools and 40 turns unless that is more than fits. */
export function agentConversation(bytes: number): Conversation {
  const [tools, turns] = bytes < fewBytes ? [1, 4] : [20, 40]
  const bare = conversationOf(tools, turns, 0)
  const room = Math.max(0, bytes - JSON.stringify(bare).length)
  return conversationOf(tools, turns, Math.floor(room / (tools + turns)))
}

/** Thoughts, words and a call of about `bytes` together. */
export function agentReply(bytes: number): Reply {
  const third = Math.floor(bytes / 3)
  return {
    id: 'answer-1',
    model: 'm',
    parts: [
      { kind: 'reasoning', text: words.slice(0, third), signature: null, sealed: null },
      { kind: 'text', text: words.slice(0, third) },
      callOf(1, third),
    ],
    finish: { reason: 'tool_calls', sequence: null },
    usage: {
      promptTokens: 12_000,
      completionTokens: Math.floor(bytes / 4),
      cachedTokens: 11_000,
      cacheWriteTokens: null,
      reasoningTokens: Math.floor(third / 4),
    },
  }
}

function conversationOf(tools: number, turns: number, textBytes: number): Conversation {
  return {
    model: 'm',
    turns: [
      { role: 'system', parts: [{ kind: 'text', text: 'You are a careful engineer.' }] },
      ...Array.from({ length: turns }, (_, at) => turnOf(at, textBytes)),
    ],
    tools: Array.from({ length: tools }, (_, at) => toolOf(at, textBytes)),
    toolChoice: { kind: 'auto' },
    isParallel: true,
    isStream: true,
    maxTokens: 4096,
    sampling: {
      temperature: 0.5,
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
}

/** A question, then calls and their results in turn. */
function turnOf(at: number, bytes: number): Turn {
  const text = words.slice(at, at + bytes)
  if (at === 0) return { role: 'user', parts: [{ kind: 'text', text: `Read the files. ${text}` }] }
  if (at % 2 === 1) {
    const half = Math.floor(bytes / 2)
    return { role: 'assistant', parts: [{ kind: 'text', text: `Next. ${text.slice(0, half)}` }, callOf(at, half)] }
  }
  return { role: 'tool', callId: `call_${at - 1}`, parts: [{ kind: 'text', text: `ok ${text}` }], isError: false }
}

function callOf(at: number, bytes: number): OutputPart {
  const written = JSON.stringify({ path: `src/file-${at}.ts`, text: words.slice(0, bytes) })
  return { kind: 'tool_call', id: `call_${at}`, name: 'tool_0', arguments: written }
}

function toolOf(at: number, bytes: number): Tool {
  return {
    kind: 'function',
    name: `tool_${at}`,
    description: `Reads a part of a file. ${words.slice(at, at + bytes)}`,
    parameters: {
      type: 'object',
      properties: { path: { type: 'string' }, text: { type: 'string' }, line: { type: 'integer', minimum: 1 } },
      required: ['path'],
    },
    isStrict: null,
  }
}
