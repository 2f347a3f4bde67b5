import { AppError } from '../../../kernel/errors.ts'
import type { Json } from '../../conversation/conversation.ts'

/** Reading members of JSON bodies: each says what it wants when it gets something else. */
export const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export const textOr = (value: unknown, otherwise: string): string => (typeof value === 'string' ? value : otherwise)

/** A text that says something; null for everything else. */
export const someText = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null)

export const objects = (value: unknown): readonly Json[] => (Array.isArray(value) ? value.filter(isObject) : [])

export function numberAt(body: Json, name: string, at: string = name): number | null {
  const value = body[name]
  if (value === undefined || value === null) return null
  if (typeof value !== 'number' || !Number.isFinite(value)) throw wrong(at, 'a number', value)
  return value
}

export function flagAt(body: Json, name: string, at: string = name): boolean | null {
  const value = body[name]
  if (value === undefined || value === null) return null
  if (typeof value !== 'boolean') throw wrong(at, 'true or false', value)
  return value
}

export function textAt(body: Json, name: string, at: string = name): string | null {
  const value = body[name]
  if (value === undefined || value === null) return null
  if (typeof value !== 'string') throw wrong(at, 'a text', value)
  return value
}

export function neededText(body: Json, name: string, at: string = name): string {
  const value = body[name]
  if (typeof value !== 'string' || value === '') throw wrong(at, 'a text', value)
  return value
}

export function objectAt(body: Json, name: string, at: string = name): Json | null {
  const value = body[name]
  if (value === undefined || value === null) return null
  if (!isObject(value)) throw wrong(at, 'an object', value)
  return value
}

export function listAt(body: Json, name: string, at: string = name): readonly unknown[] | null {
  const value = body[name]
  if (value === undefined || value === null) return null
  if (!Array.isArray(value)) throw wrong(at, 'a list', value)
  return value
}

/** A text or a list of texts; empty where nothing is said. */
export function textsAt(body: Json, name: string, at: string = name): readonly string[] {
  const value = body[name]
  if (value === undefined || value === null) return []
  const list: readonly unknown[] = Array.isArray(value) ? value : [value]
  return list.map((entry) => {
    if (typeof entry !== 'string') throw wrong(at, 'a text or a list of texts', value)
    return entry
  })
}

/** The most tokens of an answer: 0 and below mean "no bound" to those who write them. */
export function tokenBound(body: Json, name: string, at: string = name): number | null {
  const value = numberAt(body, name, at)
  return value === null || value < 1 ? null : Math.ceil(value)
}

export function wrong(param: string, wanted: string, got: unknown): AppError {
  const shown = got === undefined ? 'it is missing' : `got ${shortJson(got)}`
  return new AppError('invalid', `${param} must be ${wanted}; ${shown}.`, { reason: 'invalid_request', param })
}

/** What can be read and not be done. */
export function unsupported(param: string, sentence: string): AppError {
  return new AppError('invalid', sentence, { reason: 'unsupported_parameter', param })
}

/** Long texts and deep nesting are named, not printed. */
function shortJson(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list'
  if (isObject(value)) return 'an object'
  return JSON.stringify(typeof value === 'string' ? value.slice(0, 80) : value)
}
