import { AppError } from '../../../kernel/errors.ts'
import type {
  Conversation,
  InputPart,
  Json,
  OutputPart,
  Source,
  TextPart,
  Turn,
} from '../../conversation/conversation.ts'
import { dataUrl } from '../../conversation/data-url.ts'
import { parsedObject } from '../../json/members.ts'
import { inputParameter, isCustom } from './custom-tools.ts'

/**
 * Engines (vLLM, SGLang, llama-server, …) leave unknown members alone and take arguments for the chat template; vendors
 * refuse what they do not know.
 */
export type Server = 'engine' | 'vendor'

/**
 * The turns as chat messages that the templates of local models take:
 * - What leads as system becomes one message: several are refused by many templates. A system turn further on becomes a
 *   user's `<system-reminder>`: templates (Qwen's and Mistral's among them) raise an error for a system message that is
 *   not the first, and Claude Code tells the same content in the same tag to models without late system turns.
 * - Neighbouring user messages become one, as templates that want roles to alternate need it.
 * - A tool's result is text; its pictures follow in a user message, after the last result of the run.
 * - Thoughts go back with the calls that they led to, and only then: DeepSeek refuses calls without them, templates
 *   drop all others, and strict servers know no such member. Signed ones belong to another vendor's model. Versions of
 *   vLLM read them as `reasoning` only.
 */
export function writeMessages(conversation: Conversation, server: Server): readonly Json[] {
  const { turns } = conversation
  const firstOther = turns.findIndex((turn) => turn.role !== 'system')
  const lead = firstOther < 0 ? turns : turns.slice(0, firstOther)
  const system = lead.flatMap((turn) => (turn.role === 'system' ? systemTexts(turn.parts) : [])).join('\n\n')
  const messages: Json[] = system === '' ? [] : [{ role: 'system', content: system }]
  const users = new UserMessages(messages)
  for (const turn of firstOther < 0 ? [] : turns.slice(firstOther))
    writeTurn(turn, { conversation, server, messages, users })
  users.close()
  return messages
}

interface Writing {
  readonly conversation: Conversation
  readonly server: Server
  readonly messages: Json[]
  readonly users: UserMessages
}

function writeTurn(turn: Turn, { conversation, server, messages, users }: Writing): void {
  switch (turn.role) {
    case 'system': {
      const text = systemTexts(turn.parts).join('\n\n')
      if (text !== '') users.add([{ type: 'text', text: `<system-reminder>\n${text}\n</system-reminder>` }], null)
      return
    }
    case 'user':
      return users.add(turn.parts.map(writeInputPart), turn.name ?? null)
    case 'tool':
      return users.addResult(
        { role: 'tool', tool_call_id: turn.callId, content: resultText(turn.parts, turn.isError) },
        turn.parts.filter((part) => part.kind !== 'text').map(writeInputPart),
      )
    case 'assistant':
      users.close()
      messages.push(writeAnswer(turn.parts, conversation, server))
  }
}

/** Collects what users say until another role speaks. */
class UserMessages {
  readonly #messages: Json[]
  #parts: Json[] = []
  #name: string | null = null
  #isOpen = false

  constructor(messages: Json[]) {
    this.#messages = messages
  }

  add(parts: readonly Json[], name: string | null): void {
    if (name !== this.#name) this.close()
    this.#name = name
    this.#parts.push(...parts)
    this.#isOpen = true
  }

  /** Results stand directly behind the calls: what came with earlier ones of the run waits. */
  addResult(message: Json, media: readonly Json[]): void {
    if (this.#isOpen && this.#messages.at(-1)?.['role'] !== 'tool') this.close()
    this.#messages.push(message)
    if (media.length > 0) this.add(media, null)
  }

  close(): void {
    if (!this.#isOpen) return
    const isText = this.#parts.every((part) => part['type'] === 'text')
    const content = isText ? this.#parts.map((part) => part['text']).join('\n\n') : this.#parts
    this.#messages.push({ role: 'user', ...(this.#name === null ? {} : { name: this.#name }), content })
    this.#parts = []
    this.#name = null
    this.#isOpen = false
  }
}

/**
 * Claude Code's first system block holds its version and a value that changes from turn to turn: a model that caches
 * prefixes would read the whole prompt anew each time.
 */
const billing = 'x-anthropic-billing-header:'

const systemTexts = (parts: readonly TextPart[]): readonly string[] =>
  parts.map(({ text }) => text).filter((text) => text !== '' && !text.startsWith(billing))

function resultText(parts: readonly InputPart[], isError: boolean): string {
  const text = parts.flatMap((part) => (part.kind === 'text' ? [part.text] : [])).join('\n\n')
  const hasMedia = parts.some((part) => part.kind !== 'text')
  const told = text === '' && hasMedia ? 'The result follows in the next message.' : text
  return isError && !/^\W*error/i.test(told) ? `Error: ${told}` : told
}

function writeInputPart(part: InputPart): Json {
  switch (part.kind) {
    case 'text':
      return { type: 'text', text: part.text }
    case 'image': {
      if (part.source.kind === 'id') throw cannotSay('a picture by the id of a file; send its data or its address')
      const detail = part.detail === null ? {} : { detail: part.detail }
      return { type: 'image_url', image_url: { url: urlOf(part.source), ...detail } }
    }
    case 'audio':
      return { type: 'input_audio', input_audio: { data: part.data, format: part.format } }
    case 'file': {
      const name = part.name === null ? {} : { filename: part.name }
      if (part.source.kind === 'url') throw cannotSay('a file by its address; send its data')
      const file = part.source.kind === 'id' ? { file_id: part.source.id } : { file_data: urlOf(part.source), ...name }
      return { type: 'file', file }
    }
  }
}

const urlOf = (source: Exclude<Source, { readonly kind: 'id' }>): string =>
  source.kind === 'url' ? source.url : dataUrl(source)

function cannotSay(what: string): AppError {
  return new AppError('invalid', `The model behind this name cannot be sent ${what}.`, {
    reason: 'unsupported_content',
  })
}

function writeAnswer(parts: readonly OutputPart[], conversation: Conversation, server: Server): Json {
  const text = parts.map((part) => (part.kind === 'text' || part.kind === 'refusal' ? part.text : '')).join('')
  const calls = parts.filter((part) => part.kind === 'tool_call')
  if (calls.length === 0) return { role: 'assistant', content: text }
  const thoughts = parts.map((part) => (part.kind === 'reasoning' && !part.signature ? part.text : '')).join('')
  return {
    role: 'assistant',
    content: text === '' ? null : text,
    ...(thoughts === ''
      ? {}
      : { reasoning_content: thoughts, ...(server === 'engine' ? { reasoning: thoughts } : {}) }),
    tool_calls: calls.map(({ id, name, arguments: written }) => ({
      id,
      type: 'function',
      function: {
        name,
        arguments: isCustom(conversation, name)
          ? JSON.stringify({ [inputParameter]: written })
          : soundArguments(written),
      },
    })),
  }
}

/**
 * Templates read the arguments of earlier calls as JSON objects and fail where a model once wrote something else: one
 * broken call would end the conversation for good.
 */
function soundArguments(text: string): string {
  if (text.trim() === '') return '{}'
  // Told to the model as it was, as a text.
  return parsedObject(text) === null ? JSON.stringify({ malformed: text }) : text
}
