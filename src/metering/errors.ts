import { AppError } from '#kernel/errors.ts'

export function badCursor(text: string): AppError {
  const shown = text.slice(0, 40)
  return new AppError('invalid', `The cursor “${shown}” is none of ours; use \`next\` of the page before, as it is.`, {
    reason: 'invalid_cursor',
    param: 'cursor',
  })
}
