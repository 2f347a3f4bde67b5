import type { Conversation, ImagePart, InputPart, Json, OutputPart, Turn } from '../conversation/conversation.ts'
import {
  optionalFlag,
  optionalList,
  optionalObject,
  optionalText,
  someTextOf,
  wantedObject,
  wantedSomeText,
  wrong,
} from '../json/members.ts'
import { argumentsText } from '../openai/chat/read-messages.ts'
import { thought } from '../openai/chat/read-parts.ts'
import { readTools } from '../openai/chat/read-tools.ts'
import { loadTurn, refuseUnload } from './load.ts'
import { readFormat, readOptions, readThink } from './read-options.ts'

/** `/api/chat`. It streams unless `stream` is false. Without messages it asks for the model to be loaded. */
export function readChat(body: Json): Conversation {
  const messages = optionalList(body.messages, 'messages') ?? []
  const isLoad = messages.length === 0
  if (isLoad) refuseUnload(body)
  const options = readOptions(body)
  return {
    model: wantedSomeText(body.model, 'model'),
    turns: isLoad ? [loadTurn] : readTurns(messages),
    tools: isLoad ? [] : readTools(body),
    toolChoice: null,
    isParallel: null,
    isStream: optionalFlag(body.stream, 'stream') ?? true,
    ...options,
    maxTokens: isLoad ? 1 : options.maxTokens,
    reasoning: readThink(body),
    format: isLoad ? null : readFormat(body),
    user: null,
  }
}

function readTurns(messages: readonly unknown[]): readonly Turn[] {
  const calls = new OpenCalls()
  return messages.map((message, index) => {
    const at = `messages[${index}]`
    return readTurn(wantedObject(message, at), { at, index, calls })
  })
}

interface Place {
  readonly at: string
  readonly index: number
  readonly calls: OpenCalls
}

function readTurn(message: Json, { at, index, calls }: Place): Turn {
  const text = optionalText(message.content, `${at}.content`) ?? ''
  const words = text === '' ? [] : [{ kind: 'text', text } as const]
  switch (message.role) {
    case 'system':
      return { role: 'system', parts: words }
    case 'user':
      return { role: 'user', parts: [...words, ...readImages(message, at)] }
    case 'assistant': {
      const thoughts = optionalText(message.thinking, `${at}.thinking`) ?? ''
      const parts = [...(thoughts === '' ? [] : [thought(thoughts)]), ...words, ...readCalls(message, at, index)]
      calls.begin(parts)
      return { role: 'assistant', parts }
    }
    case 'tool': {
      const name = someTextOf(message.tool_name) ?? someTextOf(message.name)
      const callId = someTextOf(message.tool_call_id) ?? calls.answered(name) ?? `call_${index}`
      return { role: 'tool', callId, parts: [...words, ...readImages(message, at)], isError: false }
    }
    default:
      throw wrong(`${at}.role`, 'system, user, assistant or tool', message.role)
  }
}

function readCalls(message: Json, at: string, index: number): readonly OutputPart[] {
  return (optionalList(message.tool_calls, `${at}.tool_calls`) ?? []).map((entry, n) => {
    const here = `${at}.tool_calls[${n}]`
    const call = wantedObject(entry, here)
    const called = optionalObject(call.function, `${here}.function`) ?? {}
    return {
      kind: 'tool_call',
      id: someTextOf(call.id) ?? `call_${index}_${n}`,
      name: wantedSomeText(called.name, `${here}.function.name`),
      arguments: argumentsText(called.arguments),
    }
  })
}

/** Ollama's calls had no ids for long: a result answers the first open call of its tool, or the first open one. */
class OpenCalls {
  #open: { readonly id: string; readonly name: string }[] = []

  begin(parts: readonly OutputPart[]): void {
    this.#open = parts.filter((part) => part.kind === 'tool_call')
  }

  answered(name: string | null): string | null {
    const named = this.#open.findIndex((call) => call.name === name)
    const [call] = this.#open.splice(Math.max(named, 0), 1)
    return call?.id ?? null
  }
}

/** Base64 without a prefix; some clients leave the prefix on. */
export function readImages(body: Json, at: string): readonly InputPart[] {
  const where = at === '' ? 'images' : `${at}.images`
  return (optionalList(body.images, where) ?? []).map((image, index): ImagePart => {
    if (typeof image !== 'string' || image === '') throw wrong(`${where}[${index}]`, 'an image in base64', image)
    const data = image.startsWith('data:') ? image.slice(image.indexOf(',') + 1) : image
    return { kind: 'image', source: { kind: 'data', mediaType: mediaTypeOf(data), data }, detail: null }
  })
}

/** By the first bytes, as they look in base64. */
function mediaTypeOf(data: string): string {
  return signatures.find(([start]) => data.startsWith(start))?.[1] ?? 'image/jpeg'
}

const signatures = [
  ['iVBORw0KGgo', 'image/png'],
  ['R0lGOD', 'image/gif'],
  ['UklGR', 'image/webp'],
] as const
