import { AppError } from '../../kernel/errors.ts'
import type { Json } from '../conversation/conversation.ts'

/**
 * Reading the members of JSON that somebody else wrote.
 *
 * - `…Of(value)` looks: what is of another type is null (a list: empty). For answers of upstreams, and for members that
 *   are the vendor's own business.
 * - `wanted…(value, param)` and `optional…(value, param)` insist: what is of another type is thrown as `invalid`, with
 *   the member's name. Missing and null are the same; `optional…` answers null for both.
 */
export const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export const objectOf = (value: unknown): Json | null => (isObject(value) ? value : null)

export const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null)

export const textOrEmpty = (value: unknown): string => (typeof value === 'string' ? value : '')

/** A text that says something. */
export const someTextOf = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null)

export const numberOf = (value: unknown): number | null =>
  typeof value === 'number' && Number.isFinite(value) ? value : null

/** How many of something: a whole number, 0 included. */
export const countOf = (value: unknown): number | null =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : null

export const flagOf = (value: unknown): boolean | null => (typeof value === 'boolean' ? value : null)

export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

/** The objects of a list; what else stands in it is left out. */
export const objectsOf = (value: unknown): readonly Json[] => (Array.isArray(value) ? value.filter(isObject) : [])

/** The value of a text of JSON; null where it is none: texts of foreign programs may be broken. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

export function parsedObject(text: string): Json | null {
  const value = parsed(text)
  return isObject(value) ? value : null
}

export function wantedObject(value: unknown, param: string): Json {
  if (isObject(value)) return value
  throw wrong(param, 'an object', value)
}

export function wantedList(value: unknown, param: string): readonly unknown[] {
  if (Array.isArray(value)) return value
  throw wrong(param, 'a list', value)
}

/** It may be empty. */
export function wantedText(value: unknown, param: string): string {
  if (typeof value === 'string') return value
  throw wrong(param, 'a text', value)
}

export function wantedSomeText(value: unknown, param: string): string {
  if (typeof value === 'string' && value !== '') return value
  throw wrong(param, 'a text that is not empty', value)
}

export const optionalObject = (value: unknown, param: string): Json | null =>
  isMissing(value) ? null : wantedObject(value, param)

export const optionalList = (value: unknown, param: string): readonly unknown[] | null =>
  isMissing(value) ? null : wantedList(value, param)

export const optionalText = (value: unknown, param: string): string | null =>
  isMissing(value) ? null : wantedText(value, param)

export function optionalFlag(value: unknown, param: string): boolean | null {
  if (isMissing(value)) return null
  if (typeof value === 'boolean') return value
  throw wrong(param, 'true or false', value)
}

export function optionalNumber(value: unknown, param: string): number | null {
  if (isMissing(value)) return null
  if (typeof value === 'number' && Number.isFinite(value)) return value
  throw wrong(param, 'a number', value)
}

/** How many of something that there must be one of. */
export function optionalCount(value: unknown, param: string): number | null {
  if (isMissing(value)) return null
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1) return value
  throw wrong(param, 'a whole number of at least 1', value)
}

/** The most tokens of an answer: 0 and below mean "no bound" to those who write them. */
export function optionalBound(value: unknown, param: string): number | null {
  const bound = optionalNumber(value, param)
  return bound === null || bound < 1 ? null : Math.ceil(bound)
}

/** A text or a list of texts; empty where nothing is said. */
export function optionalTexts(value: unknown, param: string): readonly string[] {
  if (isMissing(value)) return []
  const list: readonly unknown[] = Array.isArray(value) ? value : [value]
  return list.map((entry) => {
    if (typeof entry !== 'string') throw wrong(param, 'a text or a list of texts', value)
    return entry
  })
}

export const isMissing = (value: unknown): value is null | undefined => value === undefined || value === null

/** `<param> must be <wanted>; got <what came>.` */
export function wrong(param: string, wanted: string, got: unknown): AppError {
  return invalid(param, `must be ${wanted}; ${got === undefined ? 'it is missing' : `got ${shortJson(got)}`}`)
}

/** `what` completes a sentence that begins with the member's name. */
export function invalid(param: string, what: string): AppError {
  return new AppError('invalid', `${param} ${what}.`, { reason: 'invalid_request', param })
}

/** What can be read and not be done. */
export function unsupported(param: string, sentence: string): AppError {
  return new AppError('invalid', sentence, { reason: 'unsupported_parameter', param })
}

/** Long texts and deep nesting are named, not printed: printing them could cost more than the request. */
function shortJson(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list'
  if (isObject(value)) return 'an object'
  return typeof value === 'string' ? JSON.stringify(value.slice(0, 80)) : String(value)
}

/** For writing: members that are null or undefined are left out; servers differ in what they make of them. */
export const said = (members: Json): Json =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => !isMissing(value)))
