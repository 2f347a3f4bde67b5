import { type Body, isObject, shown } from './body.ts'
import { ApiError } from './errors.ts'
import type { FunctionCallItem, HistoryItem, ResponseItem } from './model.ts'

const maxMessages = 10_000

/**
 * OpenAI's messages → the library's history: an assistant's turn with its tool calls and their results is one item
 * there. The last item is always the turn that is to be written.
 */
export function parseHistory(body: Body): readonly HistoryItem[] {
  const { messages } = body
  if (!Array.isArray(messages) || messages.length === 0) {
    throw new ApiError(400, '"messages" must be a list with at least one message.', { param: 'messages' })
  }
  if (messages.length > maxMessages) {
    throw new ApiError(400, `"messages" has ${messages.length} messages; the limit is ${maxMessages}.`, {
      param: 'messages',
    })
  }
  const items: HistoryItem[] = []
  /** The assistant's turn that is being read; tool results belong to it. */
  let turn: Turn | null = null
  messages.forEach((message: unknown, at) => {
    const place = `messages[${at}]`
    if (!isObject(message)) throw wrong(place, 'must be an object', message)
    switch (message.role) {
      case 'assistant':
        turn ??= beginTurn(items)
        readAssistant(message, place, turn)
        return
      case 'tool':
        if (turn === null) throw wrong(place, "is a tool's answer without an assistant message before it", message.role)
        readToolAnswer(message, place, turn)
        return
      case 'system':
      case 'developer':
      case 'user':
        finishTurn(turn, place)
        turn = null
        items.push({
          type: message.role === 'user' ? 'user' : 'system',
          text: textOf(message.content, `${place}.content`),
        })
        return
      default:
        throw wrong(`${place}.role`, 'must be system, developer, user, assistant or tool', message.role)
    }
  })
  finishTurn(turn, 'messages')
  const isGoingOn = messages.at(-1).role === 'tool'
  return isGoingOn ? items : [...items, { type: 'model', response: [] }]
}

interface Turn {
  readonly response: ResponseItem[]
  /** Calls that wait for their result: where in `response`, by call id. */
  readonly open: Map<string, number>
}

function beginTurn(items: HistoryItem[]): Turn {
  const response: ResponseItem[] = []
  items.push({ type: 'model', response })
  return { response, open: new Map() }
}

function readAssistant(message: Body, place: string, turn: Turn): void {
  const thought = message.reasoning_content
  if (typeof thought === 'string' && thought !== '') {
    turn.response.push({ type: 'segment', segmentType: 'thought', text: thought, ended: true })
  }
  const text =
    message.content === null || message.content === undefined ? '' : textOf(message.content, `${place}.content`)
  if (text !== '') turn.response.push(text)
  const calls = message.tool_calls ?? []
  if (!Array.isArray(calls)) throw wrong(`${place}.tool_calls`, 'must be a list', calls)
  calls.forEach((call: unknown, at) => {
    const where = `${place}.tool_calls[${at}]`
    const { id, function: called } = isObject(call) ? call : {}
    if (typeof id !== 'string' || !isObject(called) || typeof called.name !== 'string') {
      throw wrong(where, 'must have an id and a function with a name', call)
    }
    turn.open.set(id, turn.response.length)
    const params = parseArguments(called.arguments, `${where}.function.arguments`)
    turn.response.push({ type: 'functionCall', name: called.name, params, result: null, startsNewChunk: at === 0 })
  })
}

function readToolAnswer(message: Body, place: string, turn: Turn): void {
  const at = turn.open.get(String(message.tool_call_id))
  if (at === undefined) throw wrong(`${place}.tool_call_id`, 'names no open tool call', message.tool_call_id)
  turn.open.delete(String(message.tool_call_id))
  const call = turn.response[at] as FunctionCallItem
  turn.response[at] = { ...call, result: resultOf(textOf(message.content, `${place}.content`)) }
}

/** The library writes results as JSON: what is JSON already must not be quoted once more. */
function resultOf(text: string): unknown {
  if (!/^\s*[[{]/.test(text)) return text
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

function finishTurn(turn: Turn | null, place: string): void {
  const [missing] = turn?.open.keys() ?? []
  if (missing === undefined) return
  const message = `The tool call ${JSON.stringify(missing)} has no answer before ${place}: a message with role "tool" must follow it.`
  throw new ApiError(400, message, { param: 'messages' })
}

function parseArguments(text: unknown, place: string): unknown {
  if (typeof text !== 'string') throw wrong(place, 'must be a text with JSON in it', text)
  try {
    return text.trim() === '' ? {} : JSON.parse(text)
  } catch {
    throw wrong(place, 'is not valid JSON', text)
  }
}

function textOf(content: unknown, place: string): string {
  if (typeof content === 'string') return content
  if (!Array.isArray(content)) throw wrong(place, 'must be a text or a list of parts', content)
  return content
    .map((part: unknown, at) => {
      if (isObject(part) && part.type === 'text' && typeof part.text === 'string') return part.text
      if (isObject(part) && typeof part.type === 'string' && part.type !== 'text') {
        const message = `${place}[${at}] is of type ${JSON.stringify(part.type)}; this engine reads text only.`
        throw new ApiError(400, message, { param: place, code: 'unsupported_content' })
      }
      throw wrong(`${place}[${at}]`, 'must be a text part', part)
    })
    .join('')
}

const wrong = (place: string, claim: string, value: unknown): ApiError =>
  new ApiError(400, `${place} ${claim}, not ${shown(value)}.`, { param: place })
