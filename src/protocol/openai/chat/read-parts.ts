import type { ImagePart, InputPart, Json, OutputPart, Source, TextPart } from '../../conversation/conversation.ts'
import { readDataUrl } from '../../conversation/data-url.ts'
import {
  isObject,
  objectsOf,
  optionalObject,
  optionalText,
  someTextOf,
  textOrEmpty,
  wantedSomeText,
  wrong,
} from '../../json/members.ts'

/** What a system message, a tool's result or a user says. `at` names the content in sentences about it. */
export function readInputParts(content: unknown, at: string): readonly InputPart[] {
  if (content === undefined || content === null) return []
  if (typeof content === 'string') return content === '' ? [] : [{ kind: 'text', text: content }]
  if (!Array.isArray(content)) throw wrong(at, 'a text or a list of parts', content)
  return content.map((part: unknown, index) => readInputPart(part, `${at}[${index}]`))
}

export function readTextParts(content: unknown, at: string): readonly TextPart[] {
  return readInputParts(content, at).map((part, index) => {
    if (part.kind !== 'text') throw wrong(`${at}[${index}].type`, '"text" in this message', part.kind)
    return part
  })
}

/** Words, refusals and thoughts of an earlier answer. */
export function readOutputParts(content: unknown, at: string): readonly OutputPart[] {
  if (!Array.isArray(content)) return readTextParts(content, at)
  return content.flatMap((part: unknown, index): readonly OutputPart[] => {
    const here = `${at}[${index}]`
    if (isObject(part) && part.type === 'refusal') return [{ kind: 'refusal', text: textOrEmpty(part.refusal) }]
    if (isObject(part) && part.type === 'thinking') return [thought(thinkingText(part.thinking))]
    const read = readInputPart(part, here)
    if (read.kind !== 'text') throw wrong(`${here}.type`, '"text" or "refusal" in an assistant message', read.kind)
    return [read]
  })
}

export const thought = (text: string): OutputPart => ({ kind: 'reasoning', text, signature: null, sealed: null })

/** A text, or Mistral's list of text parts. */
export function thinkingText(value: unknown): string {
  if (typeof value === 'string') return value
  // Asked of every chunk of a stream, most of which think nothing.
  if (!Array.isArray(value)) return ''
  return objectsOf(value)
    .map((part) => textOrEmpty(part.text))
    .join('')
}

function readInputPart(part: unknown, at: string): InputPart {
  if (typeof part === 'string') return { kind: 'text', text: part }
  if (!isObject(part)) throw wrong(at, 'a part with a type', part)
  switch (part.type) {
    case 'text':
    case 'input_text':
    case 'output_text':
      return readText(part, at)
    case 'image_url':
    case 'input_image':
      return readImage(part, at)
    case 'input_audio':
      return readAudio(part, at)
    case 'file':
    case 'input_file':
      return readFile(part, at)
    default:
      throw wrong(`${at}.type`, '"text", "image_url", "input_audio" or "file"', part.type)
  }
}

function readText(part: Json, at: string): TextPart {
  const text = optionalText(part.text, `${at}.text`) ?? ''
  return isObject(part.cache_control) ? { kind: 'text', text, cache: part.cache_control } : { kind: 'text', text }
}

function readImage(part: Json, at: string): ImagePart {
  const { image_url: image } = part
  const url = isObject(image) ? image.url : image
  if (typeof url !== 'string' || url === '') throw wrong(`${at}.image_url`, 'an address or a data URL', url)
  const detail = someTextOf(isObject(image) ? image.detail : part.detail)
  return { kind: 'image', source: sourceOfUrl(url, `${at}.image_url`), detail }
}

function readAudio(part: Json, at: string): InputPart {
  const audio = optionalObject(part.input_audio, `${at}.input_audio`) ?? {}
  return {
    kind: 'audio',
    format: wantedSomeText(audio.format, `${at}.input_audio.format`),
    data: wantedSomeText(audio.data, `${at}.input_audio.data`),
  }
}

function readFile(part: Json, at: string): InputPart {
  const file = isObject(part.file) ? part.file : part
  const name = someTextOf(file.filename)
  const id = someTextOf(file.file_id)
  if (id !== null) return { kind: 'file', name, source: { kind: 'id', id } }
  const data = someTextOf(file.file_data) ?? someTextOf(file.file_url)
  if (data === null) throw wrong(`${at}.file`, 'a file with file_data or file_id', part.file)
  return { kind: 'file', name, source: sourceOfUrl(data, `${at}.file.file_data`) }
}

/** `data:image/png;base64,…` or an address. */
function sourceOfUrl(url: string, at: string): Source {
  if (!url.startsWith('data:')) return { kind: 'url', url }
  const data = readDataUrl(url)
  if (data === null) throw wrong(at, 'a data URL in base64', url.slice(0, 40))
  return data
}
