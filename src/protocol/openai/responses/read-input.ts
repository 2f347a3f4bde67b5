import { AppError } from '../../../kernel/errors.ts'
import type { InputPart, Json, OutputPart, Source, TextPart, Turn } from '../../conversation/conversation.ts'
import { readDataUrl } from '../../conversation/data-url.ts'
import { isObject, objectsOf, textOf, textOrEmpty, wrong } from '../../json/members.ts'
import { readThought } from './thought.ts'
import type { ToolTable } from './tool-table.ts'

export interface ReadItems {
  readonly turns: readonly Turn[]
  /** The first thing that no other dialect has a word for. */
  readonly untranslatable: AppError | null
}

/** Items that tell what an upstream's own tool did; what came of it stands in the message that follows. */
const traces: ReadonlySet<string> = new Set([
  'web_search_call',
  'file_search_call',
  'mcp_list_tools',
  'tool_search_call',
  'tool_search_output',
  'additional_tools',
  'compaction_trigger',
])

/** Tools that come along within the input, as Codex sends them to models that it knows. */
export function toolsWithin(input: unknown): readonly Json[] {
  return objectsOf(input).flatMap((item) =>
    item.type === 'additional_tools' || item.type === 'tool_search_output' ? objectsOf(item.tools) : [],
  )
}

/** `input` as turns: neighbouring items of the model's (thoughts, words, calls) are one turn. */
export function readInput(input: unknown, table: ToolTable): ReadItems {
  if (typeof input === 'string')
    return { turns: [{ role: 'user', parts: [{ kind: 'text', text: input }] }], untranslatable: null }
  if (!Array.isArray(input)) throw wrong('input', 'a text or a list of items', input)
  const reading = new Reading(table)
  input.forEach((item: unknown, index) => reading.take(item, `input[${index}]`))
  return { turns: reading.turns, untranslatable: reading.untranslatable }
}

class Reading {
  readonly turns: Turn[] = []
  untranslatable: AppError | null = null
  readonly #table: ToolTable

  constructor(table: ToolTable) {
    this.#table = table
  }

  take(item: unknown, at: string): void {
    if (!isObject(item)) throw wrong(at, 'an object', item)
    const type = textOrEmpty(item.type)
    switch (type) {
      case '':
      case 'message':
        // An id and nothing else is a reference that leaves its type out.
        if (item.role === undefined && typeof item.id === 'string') this.#cannot(`${at}`, 'item_reference')
        else this.#message(item, at)
        return
      case 'reasoning':
        this.#said([readThought(item)])
        return
      case 'function_call':
      case 'custom_tool_call':
        this.#said([this.#call(item, at)])
        return
      case 'function_call_output':
      case 'custom_tool_call_output':
        if (typeof item.call_id !== 'string') throw wrong(`${at}.call_id`, 'the id of a call', item.call_id)
        this.turns.push({
          role: 'tool',
          callId: item.call_id,
          parts: this.#parts(item.output, `${at}.output`),
          isError: false,
        })
        return
      default:
        if (!traces.has(type)) this.#cannot(`${at}.type`, type)
    }
  }

  #message(item: Json, at: string): void {
    const { role } = item
    const parts = this.#parts(item.content, `${at}.content`)
    if (role === 'user') this.turns.push({ role: 'user', parts })
    else if (role === 'system' || role === 'developer') this.turns.push({ role: 'system', parts: textsOf(parts) })
    else if (role === 'assistant') this.#said(spoken(item.content, parts))
    else throw wrong(`${at}.role`, '"user", "assistant", "system" or "developer"', role)
  }

  #call(item: Json, at: string): OutputPart {
    if (typeof item.call_id !== 'string') throw wrong(`${at}.call_id`, 'the id of a call', item.call_id)
    if (typeof item.name !== 'string') throw wrong(`${at}.name`, 'the name of a tool', item.name)
    const name = this.#table.flatOf(item.name, textOf(item.namespace))
    const said = item.type === 'custom_tool_call' ? item.input : item.arguments
    return { kind: 'tool_call', id: item.call_id, name, arguments: textOrEmpty(said) }
  }

  #said(parts: readonly OutputPart[]): void {
    const last = this.turns.at(-1)
    if (last?.role === 'assistant') this.turns[this.turns.length - 1] = { ...last, parts: [...last.parts, ...parts] }
    else this.turns.push({ role: 'assistant', parts })
  }

  #parts(content: unknown, at: string): readonly InputPart[] {
    if (typeof content === 'string') return [{ kind: 'text', text: content }]
    if (!Array.isArray(content)) throw wrong(at, 'a text or a list of parts', content)
    return content.flatMap((part: unknown, index) => {
      if (!isObject(part)) throw wrong(`${at}[${index}]`, 'an object', part)
      const read = readPart(part)
      if (read === null) this.#cannot(`${at}[${index}].type`, textOrEmpty(part.type))
      return read === null ? [] : [read]
    })
  }

  #cannot(param: string, what: string): void {
    this.untranslatable ??= cannotTranslate(param, what)
  }
}

/** For who asks an upstream of another dialect. */
export function cannotTranslate(param: string, what: string): AppError {
  return new AppError(
    'invalid',
    `"${what.slice(0, 80)}" has no counterpart in the API that the upstream of this model speaks; leave it out, or use a ` +
      'model whose upstream speaks the Responses API.',
    { reason: 'not_translatable', param },
  )
}

function readPart(part: Json): InputPart | null {
  switch (part.type) {
    case 'input_text':
    case 'output_text':
    case 'text':
    case 'summary_text':
    case 'reasoning_text':
      return { kind: 'text', text: textOrEmpty(part.text) }
    case 'refusal':
      return { kind: 'text', text: textOrEmpty(part.refusal) }
    case 'input_image': {
      const source = sourceOf({ url: part.image_url, id: part.file_id, data: null })
      return source === null ? null : { kind: 'image', source, detail: textOf(part.detail) }
    }
    case 'input_file': {
      const source = sourceOf({ url: part.file_url, id: part.file_id, data: part.file_data })
      return source === null ? null : { kind: 'file', name: textOf(part.filename), source }
    }
    case 'input_audio': {
      const audio = isObject(part.input_audio) ? part.input_audio : {}
      return { kind: 'audio', format: textOrEmpty(audio.format), data: textOrEmpty(audio.data) }
    }
    default:
      return null
  }
}

function sourceOf(member: { readonly url: unknown; readonly id: unknown; readonly data: unknown }): Source | null {
  if (typeof member.url === 'string') return fromUrl(member.url)
  if (typeof member.data === 'string') {
    // Files come as data URLs, and from some clients as bare base64.
    return member.data.startsWith('data:')
      ? fromUrl(member.data)
      : { kind: 'data', mediaType: 'application/octet-stream', data: member.data }
  }
  return typeof member.id === 'string' ? { kind: 'id', id: member.id } : null
}

const fromUrl = (url: string): Source => readDataUrl(url) ?? { kind: 'url', url }

/** A picture in a system message is nothing that any model takes. */
const textsOf = (parts: readonly InputPart[]): readonly TextPart[] => parts.filter((part) => part.kind === 'text')

/** What the model said: refusals are kept apart from words. */
function spoken(content: unknown, parts: readonly InputPart[]): readonly OutputPart[] {
  const refusals = new Set(objectsOf(content).flatMap((part) => (part.type === 'refusal' ? [part.refusal] : [])))
  return textsOf(parts).map((part) => (refusals.has(part.text) ? { kind: 'refusal', text: part.text } : part))
}
