import { AppError } from '#kernel/errors.ts'
import type { Outbound } from '#platform/egress/contract.ts'
import { boundaryOf, MultipartScan } from '#protocol/openai/multipart.ts'
import { concat } from '#protocol/json/bytes.ts'
import { unreadable } from '../errors.ts'
import { readPayload, type Payload } from '../core/walk/request.ts'
import type { PayloadApi } from '../core/walk/zones.ts'

/** The body of a request for a cloud, as what it is. What is none of these does not leave. */
export type Cargo =
  | { readonly kind: 'empty'; readonly bytes: 0 }
  | (Raw & { readonly kind: 'payload'; readonly api: PayloadApi; readonly payload: Payload })
  | (Raw & { readonly kind: 'text'; readonly api: 'other'; readonly text: string })
  /** A picture, a recording, a file that goes as it is where an admin's policy lets it. */
  | (Raw & { readonly kind: 'opaque'; readonly type: string })
  /** Its files go as an admin's policy lets them; its fields must hold nothing. */
  | (Raw & { readonly kind: 'form'; readonly fields: readonly string[] })

interface Raw {
  readonly raw: Uint8Array
  readonly bytes: number
}

/** A form for a cloud is held in memory to be looked at. */
const maxFormBytes = 64 * 2 ** 20

const decoder = new TextDecoder('utf-8', { fatal: true })

/** Throws AppError `blocked` (`unreadable_body`). */
export async function readCargo({ body, path, headers }: Outbound): Promise<Cargo> {
  if (body === null || (body instanceof Uint8Array && body.length === 0)) return { kind: 'empty', bytes: 0 }
  const raw = body instanceof Uint8Array ? body : await collected(body)
  const type = (headers['content-type'] ?? 'application/json').toLowerCase()
  const facts = { raw, bytes: raw.length }
  if (/^(image|audio|video)\/|^application\/(octet-stream|pdf)\b/.test(type)) return { ...facts, kind: 'opaque', type }
  if (type.startsWith('multipart/form-data')) return { ...facts, kind: 'form', fields: fieldsOf(raw, headers) }
  const text = decoded(raw)
  if (isJson(text)) {
    const api = apiOf(path)
    return { ...facts, kind: 'payload', api, payload: readPayload(api, text) }
  }
  if (/^(text\/[\w.-]+|application\/x-ndjson)\b/.test(type)) return { ...facts, kind: 'text', api: 'other', text }
  throw unreadable(type.split(';')[0] ?? '')
}

/** Texts of a body that cannot be rewritten. */
export const bodyTexts = (cargo: Cargo): readonly string[] => (cargo.kind === 'form' ? cargo.fields : [])

function apiOf(path: string): PayloadApi {
  const plain = path.split('?')[0] ?? ''
  if (plain.endsWith('/chat/completions')) return 'chat'
  if (plain.endsWith('/messages') || plain.endsWith('/messages/count_tokens')) return 'messages'
  return apis.find((api) => plain.endsWith(`/${api}`)) ?? 'other'
}

const apis = ['responses', 'completions', 'embeddings', 'rerank'] as const

function decoded(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes)
  } catch (cause) {
    throw unreadable('no UTF-8', cause)
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

async function collected(body: Exclude<Outbound['body'], Uint8Array | null>): Promise<Uint8Array> {
  const pieces: Uint8Array[] = []
  let length = 0
  for await (const piece of body.open()) {
    length += piece.length
    if (length > maxFormBytes)
      throw new AppError('too_large', `No more than ${maxFormBytes} bytes go to a cloud in one body.`, {
        reason: 'body_too_large',
      })
    pieces.push(piece.slice())
  }
  return concat(pieces)
}

/** What stands in fields, and how files are called. */
function fieldsOf(bytes: Uint8Array, headers: Outbound['headers']): readonly string[] {
  const scan = new MultipartScan({ boundary: boundaryOf(headers['content-type'] ?? null), valuesOf: new Set() })
  scan.push(bytes)
  return scan.finish().flatMap(({ name, fileName, start, end }) => {
    const said = fileName ?? decoded(bytes.subarray(start, end))
    return [name, said]
  })
}
