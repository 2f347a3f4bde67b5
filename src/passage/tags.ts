import { AppError } from '#kernel/errors.ts'

/** Of one request. */
const maxTags = 8
const maxTagLength = 64
const tagForm = /^[A-Za-z0-9._:-]+$/

const none: readonly string[] = Object.freeze([])

/** `x-hearth-tags: nightly,team:search`. Throws AppError `invalid`. */
export const tagsOfHeader = (value: string | null): readonly string[] =>
  value === null ? none : checked(value.split(','), 'x-hearth-tags')

/**
 * `metadata.tags` of a body, a list or a text with commas, beside those of the header. What is no text at all is
 * between the caller and the model. Throws AppError `invalid`.
 */
export function tagsOfBody(metadata: unknown, before: readonly string[]): readonly string[] {
  if (typeof metadata !== 'object' || metadata === null || !('tags' in metadata)) return before
  const { tags } = metadata
  const list: readonly unknown[] | null = Array.isArray(tags) ? tags : typeof tags === 'string' ? tags.split(',') : null
  return list === null ? before : checked([...before, ...list], 'metadata.tags')
}

function checked(written: readonly unknown[], param: string): readonly string[] {
  const tags = new Set<string>()
  for (const each of written) {
    const tag = typeof each === 'string' ? each.trim() : null
    if (tag === '') continue
    if (tag === null || tag.length > maxTagLength || !tagForm.test(tag)) throw unfit(each, param)
    tags.add(tag)
  }
  if (tags.size > maxTags) throw tooMany(tags.size, param)
  return tags.size === 0 ? none : [...tags]
}

function unfit(tag: unknown, param: string): AppError {
  const shown = String(typeof tag === 'string' ? tag : JSON.stringify(tag)).slice(0, maxTagLength)
  const message = `${param}: “${shown}” is no tag: up to ${maxTagLength} letters, digits, and any of . _ : - are.`
  return new AppError('invalid', message, { reason: 'invalid_tag', param })
}

function tooMany(count: number, param: string): AppError {
  const message = `${param}: a request may have ${maxTags} tags; this one has ${count}.`
  return new AppError('invalid', message, { reason: 'too_many_tags', param })
}
