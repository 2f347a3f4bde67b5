import { AppError } from '#kernel/errors.ts'
import type { Outbound } from '#platform/egress/contract.ts'
import { plainEndpoints } from '#protocol/openai/plain-endpoints.ts'
import { boundaryOf, MultipartScan } from '#protocol/openai/multipart.ts'
import { concat } from '#protocol/json/bytes.ts'
import { readPayload, type Payload } from '../core/walk/request.ts'
import type { PayloadApi } from '../core/walk/zones.ts'

/** The body of a request for a cloud, as what it is. What is none of these does not leave. */
export type Cargo =
  | { readonly kind: 'empty'; readonly bytes: 0 }
  | (Raw & { readonly kind: 'payload'; readonly api: PayloadApi; readonly payload: Payload })
  /** Nobody can look into it (a picture, a file, no JSON) or nobody knows what stands where in it. `what`: in words. */
  | (Raw & { readonly kind: 'opaque'; readonly what: string })
  /** Its files go as an admin's policy lets them; its fields must hold nothing. */
  | (Raw & { readonly kind: 'form'; readonly fields: readonly string[] })

interface Raw {
  readonly raw: Uint8Array
  readonly bytes: number
}

/** A form for a cloud is held in memory to be looked at. */
const maxFormBytes = 64 * 2 ** 20

const decoder = new TextDecoder('utf-8', { fatal: true })

export async function readCargo({ body, path, headers }: Outbound): Promise<Cargo> {
  if (body === null || (body instanceof Uint8Array && body.length === 0)) return { kind: 'empty', bytes: 0 }
  const raw = body instanceof Uint8Array ? body : await collected(body)
  const type = (headers['content-type'] ?? 'application/json').toLowerCase()
  const facts = { raw, bytes: raw.length }
  if (type.startsWith('multipart/form-data')) return formOf(facts, headers)
  const api = apiOf(path)
  if (api === null) return { ...facts, kind: 'opaque', what: 'for an address that Hearth does not know' }
  const text = jsonText(raw)
  if (text === null) return { ...facts, kind: 'opaque', what: type.split(';')[0] ?? '' }
  return { ...facts, kind: 'payload', api, payload: readPayload(api, text) }
}

/** Texts of a body that cannot be rewritten. */
export const bodyTexts = (cargo: Cargo): readonly string[] => (cargo.kind === 'form' ? cargo.fields : [])

/** null: it is none that Hearth knows. */
function apiOf(path: string): PayloadApi | null {
  const plain = path.split('?')[0] ?? ''
  if (plain.endsWith('/chat/completions')) return 'chat'
  if (plain.endsWith('/messages') || plain.endsWith('/messages/count_tokens')) return 'messages'
  const known = apis.find((api) => plain.endsWith(`/${api}`))
  return known ?? (otherPaths.some((each) => plain.endsWith(each)) ? 'other' : null)
}

const apis = ['responses', 'completions', 'embeddings', 'rerank'] as const

const otherPaths = plainEndpoints
  .filter(({ body }) => body === 'json')
  .map(({ upstreamPath }) => upstreamPath.replace('/..', ''))

/** null: it is no JSON, or not in UTF-8. */
function jsonText(bytes: Uint8Array): string | null {
  try {
    const text = decoder.decode(bytes)
    JSON.parse(text)
    return text
  } catch {
    return null
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

/** With what stands in its fields, and how its files are called. */
function formOf(facts: Raw, headers: Outbound['headers']): Cargo {
  try {
    const scan = new MultipartScan({ boundary: boundaryOf(headers['content-type'] ?? null), valuesOf: new Set() })
    scan.push(facts.raw)
    const fields = scan.finish().flatMap(({ name, fileName, start, end }) => {
      return [name, fileName ?? decoder.decode(facts.raw.subarray(start, end))]
    })
    return { ...facts, kind: 'form', fields }
  } catch {
    return { ...facts, kind: 'opaque', what: 'a form that cannot be read' }
  }
}
