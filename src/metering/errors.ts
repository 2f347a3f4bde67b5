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

export function noSuchAllowance({ kind, id }: { readonly kind: string; readonly id: string }): AppError {
  const message = `Nothing is set for the ${kind} “${id.slice(0, 100)}”, so there is nothing to take back.`
  return new AppError('not_found', message, { reason: 'allowance_not_found', param: 'id' })
}

export function emptyAllowance(): AppError {
  const message = 'It limits nothing: name a limit or a budget, or DELETE it.'
  return new AppError('invalid', message, { reason: 'empty_allowance' })
}

export function tooManyAllowances(most: number): AppError {
  const message = `There are ${most} allowances already; take some back first.`
  return new AppError('conflict', message, { reason: 'too_many_allowances' })
}
