import { AppError } from '../../../kernel/errors.ts'
import type { Json } from '../../conversation/conversation.ts'

/** Reading members of JSON that somebody else wrote. */
export const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')

export const textOrNull = (value: unknown): string | null => (typeof value === 'string' ? value : null)

export const objectsOf = (value: unknown): readonly Json[] => (Array.isArray(value) ? value.filter(isObject) : [])

/** `null` and what is missing are the same in this dialect. */
export function optional<T>(
  body: Json,
  { name, wanted, read }: { readonly name: string; readonly wanted: string; read(value: unknown): T | undefined },
): T | null {
  const value = body[name]
  if (value === undefined || value === null) return null
  const parsed = read(value)
  if (parsed === undefined) throw wrong(name, wanted, value)
  return parsed
}

export const optionalNumber = (body: Json, name: string): number | null =>
  optional(body, { name, wanted: 'a number', read: (value) => (typeof value === 'number' ? value : undefined) })

export const optionalText = (body: Json, name: string): string | null =>
  optional(body, { name, wanted: 'a text', read: (value) => (typeof value === 'string' ? value : undefined) })

export const optionalFlag = (body: Json, name: string): boolean | null =>
  optional(body, { name, wanted: 'true or false', read: (value) => (typeof value === 'boolean' ? value : undefined) })

export const optionalObject = (body: Json, name: string): Json | null =>
  optional(body, { name, wanted: 'an object', read: (value) => (isObject(value) ? value : undefined) })

export const optionalList = (body: Json, name: string): readonly unknown[] | null =>
  optional(body, {
    name,
    wanted: 'a list',
    read: (value) => (Array.isArray(value) ? (value as readonly unknown[]) : undefined),
  })

export function wrong(param: string, wanted: string, got: unknown): AppError {
  const shown = got === undefined ? 'it is missing' : `got ${shortJson(got)}`
  return new AppError('invalid', `${param} must be ${wanted}; ${shown}.`, { reason: 'invalid_request', param })
}

/** Long texts and deep nesting are named, not printed: printing them could cost more than the request. */
function shortJson(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list'
  if (typeof value === 'object' && value !== null) return 'an object'
  return JSON.stringify(typeof value === 'string' ? value.slice(0, 80) : value)
}
