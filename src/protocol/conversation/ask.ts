import type { DataClass } from '../../kernel/words.ts'
import { isModelRepeated, readBody, type Ask } from '../openai/ask.ts'
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
    data: dataOf(conversation),
    body,
    conversation,
  }
}

/** What the egress policy must know of it. */
export function dataOf({ turns }: Conversation): readonly DataClass[] {
  const found = new Set<DataClass>(['text'])
  for (const turn of turns) for (const part of partsOf(turn)) if (part.kind in classes) found.add(classOf(part.kind))
  return found.size === 1 ? textOnly : [...found]
}

const textOnly: readonly DataClass[] = ['text']

const classes = { image: 'image', audio: 'audio', file: 'file' } as const

const classOf = (kind: string): DataClass => classes[kind as keyof typeof classes]

const partsOf = (turn: Turn): readonly (InputPart | OutputPart)[] => turn.parts
