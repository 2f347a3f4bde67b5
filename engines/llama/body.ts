import { ApiError } from './errors.ts'

/** A request's JSON object. Unknown members are ignored; a known member of a wrong type is named. */
export type Body = Readonly<Record<string, unknown>>

export const isObject = (value: unknown): value is Body =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export async function readBody(request: Request, maxBytes: number): Promise<Body> {
  const declared = Number(request.headers.get('content-length') ?? 0)
  if (declared > maxBytes) throw tooLarge(declared, maxBytes)
  const bytes = await request.bytes()
  if (bytes.length > maxBytes) throw tooLarge(bytes.length, maxBytes)
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (thrown) {
    const why = thrown instanceof Error ? thrown.message : String(thrown)
    throw new ApiError(400, `The body is not valid JSON: ${why}`, { code: 'invalid_json' })
  }
  if (!isObject(value)) throw new ApiError(400, 'The body must be a JSON object.', { code: 'invalid_json' })
  return value
}

const tooLarge = (bytes: number, limit: number): ApiError =>
  new ApiError(413, `The body has ${bytes} bytes; the limit is ${limit}.`, { code: 'body_too_large' })

const wrong = (body: Body, name: string, wanted: string): ApiError =>
  new ApiError(400, `"${name}" must be ${wanted}, not ${shown(body[name])}.`, { param: name })

export function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value)
  return text.length > 80 ? `${text.slice(0, 77)}…` : text
}

/** null and absent are the same. */
export function optionalNumber(
  body: Body,
  name: string,
  range: { readonly min: number; readonly max: number; readonly isWhole?: boolean },
): number | null {
  const value = body[name] ?? null
  if (value === null) return null
  const isFine = typeof value === 'number' && value >= range.min && value <= range.max
  if (!isFine || (range.isWhole === true && !Number.isInteger(value))) {
    throw wrong(
      body,
      name,
      `${range.isWhole === true ? 'a whole number' : 'a number'} from ${range.min} to ${range.max}`,
    )
  }
  return value
}

export function optionalBoolean(body: Body, name: string): boolean | null {
  const value = body[name] ?? null
  if (value !== null && typeof value !== 'boolean') throw wrong(body, name, 'true or false')
  return value
}

export function optionalText(body: Body, name: string): string | null {
  const value = body[name] ?? null
  if (value !== null && typeof value !== 'string') throw wrong(body, name, 'a text')
  return value
}

export function optionalObject(body: Body, name: string): Body | null {
  const value = body[name] ?? null
  if (value !== null && !isObject(value)) throw wrong(body, name, 'an object')
  return value
}

export function requiredText(body: Body, name: string): string {
  const value = optionalText(body, name)
  if (value === null) throw new ApiError(400, `"${name}" is missing.`, { param: name })
  return value
}

/** A text or a list of texts. */
export function textList(body: Body, name: string, maxCount: number): readonly string[] {
  const value = body[name] ?? []
  const list = typeof value === 'string' ? [value] : value
  if (!Array.isArray(list) || !list.every((item) => typeof item === 'string')) {
    throw wrong(body, name, 'a text or a list of texts')
  }
  if (list.length > maxCount) throw wrong(body, name, `a list of at most ${maxCount}`)
  return list
}
