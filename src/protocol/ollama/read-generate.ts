import type { Conversation, Json, Turn } from '../conversation/conversation.ts'
import { optionalFlag, optionalText, unsupported, wantedSomeText } from '../json/members.ts'
import { loadTurn, refuseUnload } from './load.ts'
import { readImages } from './read-chat.ts'
import { readFormat, readOptions, readThink } from './read-options.ts'

/**
 * `/api/generate` as a conversation of one question. What goes around the model's template cannot be said to a chat
 * endpoint and is refused.
 */
export function readGenerate(body: Json): Conversation {
  refuseTemplates(body)
  const prompt = optionalText(body.prompt, 'prompt') ?? ''
  const images = readImages(body, '')
  const isLoad = prompt === '' && images.length === 0
  if (isLoad) refuseUnload(body)
  const system = optionalText(body.system, 'system') ?? ''
  const lead: readonly Turn[] = system === '' ? [] : [{ role: 'system', parts: [{ kind: 'text', text: system }] }]
  const words = prompt === '' ? [] : [{ kind: 'text', text: prompt } as const]
  const options = readOptions(body)
  return {
    model: wantedSomeText(body.model, 'model'),
    turns: isLoad ? [loadTurn] : [...lead, { role: 'user', parts: [...words, ...images] }],
    tools: [],
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

function refuseTemplates(body: Json): void {
  if (typeof body.suffix === 'string' && body.suffix !== '')
    throw unsupported('suffix', 'suffix: filling in the middle is not possible here; /v1/completions takes it.')
  if (body.raw === true)
    throw unsupported('raw', 'raw: the prompt always goes through the model’s template here; /v1/completions does not.')
  if (typeof body.template === 'string' && body.template !== '')
    throw unsupported('template', 'template: the model’s own template is used here; leave it out.')
  if (Array.isArray(body.context) && body.context.length > 0)
    throw unsupported('context', 'context: Hearth keeps none; send the conversation to /api/chat.')
}
