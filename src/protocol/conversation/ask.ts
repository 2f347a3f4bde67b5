import type { DataClass } from '../../kernel/words.ts'
import { isModelRepeated, readBody } from '../json/body.ts'
import { isObject } from '../json/members.ts'
import type { Ask } from '../openai/ask.ts'
import type { Conversation, InputPart, Json, OutputPart, Turn } from './conversation.ts'

/** A request of a dialect that is read whole before it goes anywhere. Throws AppError `invalid`. */
export function readConversationAsk(
  bytes: Uint8Array,
  readRequest: (body: Json) => Conversation,
): Ask & { readonly conversation: Conversation } {
  const { text, body, model } = readBody(bytes)
  const conversation = readRequest(body)
  return {
    model,
    isModelRepeated: isModelRepeated(text, bytes),
    isStream: conversation.isStream,
    wantsUsage: true,
    usageOptions: '{"include_usage":true}',
    choices: 1,
    maxTokens: conversation.maxTokens,
    data: dataOf(conversation, body),
    body,
    conversation,
  }
}

/** What the egress policy must know of it: what its turns hold, and what its body holds beside them. */
export function dataOf({ turns }: Conversation, body: Json): readonly DataClass[] {
  const found = new Set<DataClass>(['text'])
  for (const turn of turns) for (const part of partsOf(turn)) if (part.kind in classes) found.add(classOf(part.kind))
  if (holdsPictures(body.tools)) found.add('image')
  if (!isOfTexts(body.prompt)) found.add('file')
  return found.size === 1 ? textOnly : [...found]
}

/** A tool of OpenAI's that makes pictures is told with a picture which part of another one to change. */
const holdsPictures = (tools: unknown): boolean =>
  Array.isArray(tools) && tools.some((tool: unknown) => isObject(tool) && isObject(tool.input_image_mask))

/** A prompt that the vendor keeps has variables, which may be texts, pictures or files. */
const isOfTexts = (prompt: unknown): boolean =>
  !isObject(prompt) ||
  !isObject(prompt.variables) ||
  Object.values(prompt.variables).every((each) => !isObject(each) || each.type === 'input_text')

const textOnly: readonly DataClass[] = ['text']

const classes = { image: 'image', audio: 'audio', file: 'file' } as const

const classOf = (kind: string): DataClass => classes[kind as keyof typeof classes]

const partsOf = (turn: Turn): readonly (InputPart | OutputPart)[] => turn.parts
