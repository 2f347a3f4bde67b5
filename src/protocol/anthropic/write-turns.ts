import type { InputPart, Json, OutputPart, Source, TextPart, Turn } from '../conversation/conversation.ts'
import { dataOfSealed, isSealedByAnthropic } from '../conversation/sealed.ts'
import { invalid } from '../json/members.ts'
import { decodeBase64Text } from './base64.ts'
import { toolInput } from './write-answer.ts'

interface Message {
  readonly role: 'user' | 'assistant'
  readonly content: Json[]
}

export interface Written {
  readonly system: readonly Json[]
  readonly messages: readonly Message[]
}

/**
 * Turns by the rules of the dialect: system text in front, then user and assistant by turns, the user first. Turns of
 * one side that follow one another become one; results stand first in theirs; blocks without a word are left out.
 * System turns later on become the user's words, marked as what they are: only the newest models take them as they are.
 */
export function writeTurns(turns: readonly Turn[], customTools: ReadonlySet<string>): Written {
  const leading = turns.findIndex((turn) => turn.role !== 'system')
  const head = leading < 0 ? turns.slice(0, -1) : turns.slice(0, leading)
  const system = head.flatMap((turn) => (turn.role === 'system' ? turn.parts.flatMap(textBlock) : []))
  const messages: Message[] = []
  const knownCalls = new Set<string>()
  for (const [index, turn] of turns.slice(head.length).entries()) {
    const at = `messages.${head.length + index}`
    const isAlone = leading < 0
    const { role, blocks } = writeTurn(turn, { at, isAlone, customTools, knownCalls })
    append(messages, role, blocks)
  }
  if (messages[0]?.role !== 'user') messages.unshift({ role: 'user', content: [{ type: 'text', text: beginning }] })
  trimEnd(messages.at(-1))
  return { system, messages }
}

/** The dialect wants the user's word first. */
const beginning = '(The conversation begins here.)'

function append(messages: Message[], role: Message['role'], blocks: readonly Json[]): void {
  if (blocks.length === 0) return
  const last = messages.at(-1)
  if (last?.role !== role) return void messages.push({ role, content: [...blocks] })
  const isResult = (block: Json): boolean => block.type === 'tool_result'
  const after = last.content.findIndex((block) => !isResult(block))
  last.content.splice(after < 0 ? last.content.length : after, 0, ...blocks.filter(isResult))
  last.content.push(...blocks.filter((block) => !isResult(block)))
}

/** An answer that is to be carried on must not end in white space. */
function trimEnd(message: Message | undefined): void {
  const last = message?.content.at(-1)
  if (message?.role !== 'assistant' || last?.type !== 'text' || typeof last.text !== 'string') return
  const text = last.text.trimEnd()
  message.content.pop()
  if (text !== '') message.content.push({ ...last, text })
}

interface TurnFacts {
  readonly at: string
  /** There are only system turns: the last of them is what is asked. */
  readonly isAlone: boolean
  readonly customTools: ReadonlySet<string>
  /** Ids of the calls so far: a result of another one would be refused. */
  readonly knownCalls: Set<string>
}

function writeTurn(turn: Turn, facts: TurnFacts): { readonly role: Message['role']; readonly blocks: readonly Json[] } {
  switch (turn.role) {
    case 'system':
      return { role: 'user', blocks: facts.isAlone ? turn.parts.flatMap(textBlock) : reminder(turn.parts) }
    case 'user':
      return { role: 'user', blocks: turn.parts.flatMap((part) => inputBlock(part, facts.at)) }
    case 'assistant':
      return { role: 'assistant', blocks: turn.parts.flatMap((part) => outputBlock(part, facts)) }
    case 'tool': {
      const content = turn.parts.flatMap((part) => inputBlock(part, facts.at))
      const id = vendorId(turn.callId)
      if (!facts.knownCalls.has(id)) return { role: 'user', blocks: content }
      const failed = turn.isError ? { is_error: true } : {}
      return { role: 'user', blocks: [{ type: 'tool_result', tool_use_id: id, content, ...failed }] }
    }
  }
}

function reminder(parts: readonly TextPart[]): readonly Json[] {
  const text = parts.map((part) => part.text).join('\n')
  if (text.trim() === '') return []
  return [{ type: 'text', text: `<system-reminder>\n${text}\n</system-reminder>` }]
}

function textBlock({ text, cache }: TextPart): readonly Json[] {
  if (text.trim() === '') return []
  return [{ type: 'text', text, ...(cache === undefined ? {} : { cache_control: cache }) }]
}

function inputBlock(part: InputPart, at: string): readonly Json[] {
  switch (part.kind) {
    case 'text':
      return textBlock(part)
    case 'image':
      return [{ type: 'image', source: source(part.source) }]
    case 'file':
      return [documentBlock(part.name, part.source, at)]
    case 'audio':
      throw invalid(at, 'holds audio, which the models behind this name cannot hear; send its text')
  }
}

function source(from: Source): Json {
  switch (from.kind) {
    case 'url':
      return { type: 'url', url: from.url }
    case 'data':
      return { type: 'base64', media_type: from.mediaType, data: from.data }
    case 'id':
      return { type: 'file', file_id: from.id }
  }
}

function documentBlock(name: string | null, from: Source, at: string): Json {
  const title = name === null ? {} : { title: name }
  if (from.kind !== 'data' || from.mediaType === 'application/pdf')
    return { type: 'document', source: source(from), ...title }
  if (from.mediaType.startsWith('image/')) return { type: 'image', source: source(from) }
  const text = /^text\/|^application\/(json|xml|yaml)\b/.test(from.mediaType) ? decodeBase64Text(from.data) : null
  if (text === null) throw invalid(at, `holds a file of the type ${from.mediaType}; send a PDF, an image or text`)
  return { type: 'document', source: { type: 'text', media_type: 'text/plain', data: text }, ...title }
}

function outputBlock(part: OutputPart, { customTools, knownCalls }: TurnFacts): readonly Json[] {
  switch (part.kind) {
    case 'text':
      return textBlock(part)
    case 'refusal':
      return textBlock({ kind: 'text', text: part.text })
    case 'reasoning':
      if (part.sealed !== null && isSealedByAnthropic(part.sealed))
        return [{ type: 'redacted_thinking', data: dataOfSealed(part.sealed) }]
      // The vendor refuses thoughts that it did not sign itself.
      return part.signature === null ? [] : [{ type: 'thinking', thinking: part.text, signature: part.signature }]
    case 'tool_call': {
      const id = vendorId(part.id)
      knownCalls.add(id)
      const input = customTools.has(part.name) ? { input: part.arguments } : toolInput(part.arguments)
      return [{ type: 'tool_use', id, name: part.name, input }]
    }
  }
}

/** The dialect knows only letters, digits, `_` and `-` in ids; some engines write others (`functions.read:0`). */
export function vendorId(id: string): string {
  return id === '' ? 'toolu_unnamed' : id.replace(/[^A-Za-z0-9_-]/g, '_')
}
