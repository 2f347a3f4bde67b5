import type {
  FilePart,
  ImagePart,
  InputPart,
  Json,
  OutputPart,
  Source,
  TextPart,
} from '../conversation/conversation.ts'
import { sealedOfData } from '../conversation/sealed.ts'
import {
  invalid,
  isObject,
  listOf,
  objectOf,
  textOf,
  textOrEmpty,
  wantedObject,
  wantedText,
  wrong,
} from '../json/members.ts'
import { encodeBase64 } from './base64.ts'

const encoder = new TextEncoder()

/**
 * The blocks of a user's turn, or of a tool's result, without the `tool_result` blocks themselves. `at` is the member's
 * name for errors.
 */
export function inputParts(content: unknown, at: string): readonly InputPart[] {
  if (content === undefined || content === null) return []
  if (typeof content === 'string') return content === '' ? [] : [{ kind: 'text', text: content }]
  if (!Array.isArray(content)) throw wrong(at, 'a text or a list of blocks', content)
  return content.flatMap((block, index) => inputPart(wantedObject(block, `${at}.${index}`), `${at}.${index}`))
}

/**
 * A block that the model read. A kind that is not known yet may hold anything, and leaving it out could change the
 * answer: it counts as a file, which those who cannot read it refuse.
 */
export function inputPart(block: Json, at: string): readonly InputPart[] {
  switch (block.type) {
    case 'text':
      return textPart(block, at)
    case 'image':
      return [imagePart(block, at)]
    case 'document':
      return documentParts(block, at)
    case 'search_result':
      return [{ kind: 'text', text: searchResult(block), ...cacheOf(block) }]
    // What Claude Code's own tool search found; the tool itself stands in `tools`.
    case 'tool_reference':
      return [{ kind: 'text', text: `The tool ${wantedText(block.tool_name, `${at}.tool_name`)} can be used now.` }]
    case 'container_upload':
      return [{ kind: 'file', name: null, source: { kind: 'id', id: wantedText(block.file_id, `${at}.file_id`) } }]
    case 'browser_state':
      return [{ kind: 'text', text: JSON.stringify(block) }]
    default:
      return [unknownPart(block)]
  }
}

/** The blocks that a model said, as they come back in an assistant's turn or stand in an answer. */
export function outputParts(content: unknown, at: string): readonly OutputPart[] {
  if (content === undefined || content === null) return []
  if (typeof content === 'string') return content === '' ? [] : [{ kind: 'text', text: content }]
  if (!Array.isArray(content)) throw wrong(at, 'a text or a list of blocks', content)
  return content.flatMap((block, index) => outputPart(wantedObject(block, `${at}.${index}`), `${at}.${index}`))
}

function outputPart(block: Json, at: string): readonly OutputPart[] {
  switch (block.type) {
    case 'text':
      return textPart(block, at)
    case 'thinking':
      return [
        {
          kind: 'reasoning',
          text: textOrEmpty(block.thinking),
          signature: textOf(block.signature) || null,
          sealed: null,
        },
      ]
    case 'redacted_thinking':
      return [
        { kind: 'reasoning', text: '', signature: null, sealed: sealedOfData(wantedText(block.data, `${at}.data`)) },
      ]
    case 'tool_use':
      return [
        {
          kind: 'tool_call',
          id: wantedText(block.id, `${at}.id`),
          name: wantedText(block.name, `${at}.name`),
          arguments: JSON.stringify(block.input ?? {}),
        },
      ]
    case 'compaction':
      return textOf(block.content) ? [{ kind: 'text', text: textOrEmpty(block.content) }] : []
    // Nothing that a model says; it would also pass by what decides which files may leave the house.
    case 'image':
    case 'document':
      throw invalid(`${at}.type`, `is "${block.type}", which stands in user messages only`)
    default:
      return foreignPart(block)
  }
}

/**
 * What a tool of the vendor's own found while it answered: of the kinds that hold words, the words; the call itself and
 * what is sealed mean nothing to another model. Kinds that are not known yet are read the same way: they are the
 * vendor's own, and were part of an answer.
 */
function foreignPart(block: Json): readonly OutputPart[] {
  const type = String(block.type)
  if (!type.endsWith('_tool_result')) return []
  const found = Array.isArray(block.content) ? block.content : [block.content]
  const lines = found.flatMap((entry) => (isObject(entry) ? resultLines(entry) : []))
  return lines.length === 0 ? [] : [{ kind: 'text', text: `[${type}]\n${lines.join('\n')}` }]
}

function resultLines(entry: Json): readonly string[] {
  const members = ['title', 'url', 'text', 'stdout', 'stderr', 'error_code'] as const
  const said = members.flatMap((name) => textOf(entry[name]) || [])
  const inner = objectOf(entry.content)
  const document = inner === null ? [] : documentText(inner)
  return [...said, ...document].length === 0 ? [] : [[...said, ...document].join(' ')]
}

function documentText(block: Json): readonly string[] {
  const source = objectOf(block.source)
  return source?.type === 'text' && typeof source.data === 'string' ? [source.data] : []
}

function textPart(block: Json, at: string): readonly TextPart[] {
  const text = wantedText(block.text, `${at}.text`)
  return text === '' ? [] : [{ kind: 'text', text, ...cacheOf(block) }]
}

export function cacheOf(block: Json): Pick<TextPart, 'cache'> {
  const cache = objectOf(block.cache_control)
  return cache === null ? {} : { cache }
}

function imagePart(block: Json, at: string): ImagePart | FilePart {
  const source = sourceOf(block, at)
  return source === null ? unknownPart(block) : { kind: 'image', source, detail: null }
}

function unknownPart(block: Json): FilePart {
  const data = encodeBase64(encoder.encode(JSON.stringify(block)))
  const name = `${textOf(block.type)?.slice(0, 60) ?? 'block'}.json`
  return { kind: 'file', name, source: { kind: 'data', mediaType: 'application/json', data } }
}

/** null: a kind of source that is not known yet. */
function sourceOf(block: Json, at: string): Source | null {
  const source = wantedObject(block.source, `${at}.source`)
  switch (source.type) {
    case 'base64':
      return {
        kind: 'data',
        mediaType: wantedText(source.media_type, `${at}.source.media_type`),
        data: wantedText(source.data, `${at}.source.data`),
      }
    case 'url':
      return { kind: 'url', url: wantedText(source.url, `${at}.source.url`) }
    case 'file':
      return { kind: 'id', id: wantedText(source.file_id, `${at}.source.file_id`) }
    default:
      return null
  }
}

/** A text stays text: every model reads it. What stands around a document goes before it. */
function documentParts(block: Json, at: string): readonly InputPart[] {
  const source = wantedObject(block.source, `${at}.source`)
  const title = textOf(block.title) || null
  const context = textOf(block.context) || null
  const head = [title === null ? null : `Document: ${title}`, context].filter((line) => line !== null).join('\n')
  const before: readonly TextPart[] = head === '' ? [] : [{ kind: 'text', text: head }]
  if (source.type === 'text')
    return [...before, { kind: 'text', text: wantedText(source.data, `${at}.source.data`), ...cacheOf(block) }]
  if (source.type === 'content') return [...before, ...inputParts(source.content, `${at}.source.content`)]
  const place = sourceOf(block, at)
  const file: FilePart = place === null ? unknownPart(block) : { kind: 'file', name: title, source: place }
  return context === null ? [file] : [{ kind: 'text', text: context }, file]
}

function searchResult(block: Json): string {
  const texts = listOf(block.content).flatMap((part) => textOf(objectOf(part)?.text) ?? [])
  return [`${textOrEmpty(block.title)} (${textOrEmpty(block.source)})`, ...texts].join('\n')
}
