import { AppError } from '../../kernel/errors.ts'
import type { Json } from '../conversation/conversation.ts'

/** Reads members of foreign JSON: what is not of the wanted type is null, or an `invalid` that names the member. */
export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export const objectOf = (value: unknown): Json | null => (isObject(value) ? value : null)

export const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null)

export const numberOf = (value: unknown): number | null =>
  typeof value === 'number' && Number.isFinite(value) ? value : null

export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

export function wantedObject(value: unknown, param: string): Json {
  if (isObject(value)) return value
  throw invalid(param, 'must be an object')
}

export function wantedText(value: unknown, param: string): string {
  if (typeof value === 'string') return value
  throw invalid(param, 'must be a text')
}

export function wantedList(value: unknown, param: string): readonly unknown[] {
  if (Array.isArray(value)) return value
  throw invalid(param, 'must be a list')
}

/** `what` completes a sentence that begins with the member's name. */
export function invalid(param: string, what: string): AppError {
  return new AppError('invalid', `${param} ${what}.`, { reason: 'invalid_request', param })
}

/** JSON of a value, or null where it is none: texts of foreign programs may be broken. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
