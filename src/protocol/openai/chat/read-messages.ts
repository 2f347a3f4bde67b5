import type { Json, OutputPart, ToolCallPart, Turn } from '../../conversation/conversation.ts'
import {
  isObject,
  optionalList,
  optionalObject,
  someTextOf,
  textOrEmpty,
  wantedSomeText,
  wrong,
} from '../../json/members.ts'
import { readInputParts, readOutputParts, readTextParts, thinkingText, thought } from './read-parts.ts'

/** Messages in the order in which they stand; `developer` is a system turn, `function` a tool's. */
export function readMessages(body: Json): readonly Turn[] {
  const { messages } = body
  if (!Array.isArray(messages) || messages.length === 0)
    throw wrong('messages', 'a list with at least one message', messages)
  const functionCalls = new Map<string, string>()
  return messages.map((message: unknown, index) => {
    const at = `messages[${index}]`
    if (!isObject(message)) throw wrong(at, 'an object', message)
    return readMessage(message, { at, index, functionCalls })
  })
}

interface Place {
  readonly at: string
  readonly index: number
  /** By function name: the id that stands for its latest call, for calls of the time before there were ids. */
  readonly functionCalls: Map<string, string>
}

function readMessage(message: Json, place: Place): Turn {
  const content = `${place.at}.content`
  switch (message.role) {
    case 'system':
    case 'developer':
      return { role: 'system', parts: readTextParts(message.content, content) }
    case 'user': {
      const name = someTextOf(message.name)
      return { role: 'user', parts: readInputParts(message.content, content), ...(name === null ? {} : { name }) }
    }
    case 'assistant':
      return { role: 'assistant', parts: readAnswerParts(message, place) }
    case 'tool':
      return {
        role: 'tool',
        callId: wantedSomeText(message.tool_call_id, `${place.at}.tool_call_id`),
        parts: readInputParts(message.content, content),
        isError: false,
      }
    case 'function': {
      const name = wantedSomeText(message.name, `${place.at}.name`)
      const callId = place.functionCalls.get(name) ?? functionCallId(place.index)
      return { role: 'tool', callId, parts: readInputParts(message.content, content), isError: false }
    }
    default:
      throw wrong(`${place.at}.role`, 'system, developer, user, assistant or tool', message.role)
  }
}

/** Servers tell thoughts under three names; whoever sends them back uses the one it got. */
function readAnswerParts(message: Json, place: Place): readonly OutputPart[] {
  const told = [message.reasoning_content, message.reasoning, message.thinking].map(thinkingText)
  const thoughts = told.find((text) => text !== '')
  const refusal = someTextOf(message.refusal)
  return [
    ...(thoughts === undefined ? [] : [thought(thoughts)]),
    ...readOutputParts(message.content, `${place.at}.content`),
    ...(refusal === null ? [] : [{ kind: 'refusal', text: refusal } as const]),
    ...readCalls(message, place),
  ]
}

function readCalls(message: Json, place: Place): readonly ToolCallPart[] {
  const calls = (optionalList(message.tool_calls, `${place.at}.tool_calls`) ?? []).map((call, n) =>
    readCall(call, { at: `${place.at}.tool_calls[${n}]`, id: `call_${place.index}_${n}` }),
  )
  const legacy = optionalObject(message.function_call, `${place.at}.function_call`)
  if (legacy === null) return calls
  const name = wantedSomeText(legacy.name, `${place.at}.function_call.name`)
  const id = functionCallId(place.index)
  place.functionCalls.set(name, id)
  return [...calls, { kind: 'tool_call', id, name, arguments: argumentsText(legacy.arguments) }]
}

function readCall(call: unknown, otherwise: { readonly at: string; readonly id: string }): ToolCallPart {
  const { at } = otherwise
  if (!isObject(call)) throw wrong(at, 'an object', call)
  const id = someTextOf(call.id) ?? otherwise.id
  if (isObject(call.custom)) {
    const { custom } = call
    return {
      kind: 'tool_call',
      id,
      name: wantedSomeText(custom.name, `${at}.name`),
      arguments: textOrEmpty(custom.input),
    }
  }
  const called = optionalObject(call.function, `${at}.function`) ?? {}
  const name = wantedSomeText(called.name, `${at}.function.name`)
  return { kind: 'tool_call', id, name, arguments: argumentsText(called.arguments) }
}

const functionCallId = (index: number): string => `call_function_${index}`

/** A text as it came; some send the object itself. */
export const argumentsText = (value: unknown): string =>
  typeof value === 'string' ? value : value === undefined || value === null ? '' : JSON.stringify(value)
