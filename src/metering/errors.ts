import { AppError } from '#kernel/errors.ts'

export function badCursor(text: string): AppError {
  const shown = text.slice(0, 40)
  return new AppError('invalid', `The cursor “${shown}” is none of ours; use \`next\` of the page before, as it is.`, {
    reason: 'invalid_cursor',
    param: 'cursor',
  })
}

export function noSuchRequest(id: string): AppError {
  const message = `There is no request “${id.slice(0, 60)}”: it is not ended yet, or its row is older than what is kept.`
  return new AppError('not_found', message, { reason: 'request_not_found', param: 'id' })
}
