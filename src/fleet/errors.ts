import { AppError } from '#kernel/errors.ts'
import { nearestNames } from '#kernel/nearest.ts'

/** For a local model that no recipe describes, with the names that come near. */
export function unknownModel(id: string, known: Iterable<string>): AppError {
  const near = nearestNames(id, known)
  const hint =
    near.length === 0 ? 'GET /api/models lists them.' : `Did you mean ${near.map((name) => `"${name}"`).join(' or ')}?`
  return new AppError('not_found', `There is no local model "${id}". ${hint}`, {
    reason: 'model_not_found',
    param: 'id',
  })
}

/** For a plan that cannot be carried out as things stand. */
export function blockedPlan(obstacles: readonly string[]): AppError {
  return new AppError('conflict', obstacles.join(' '), { reason: 'plan_blocked', details: { obstacles } })
}

/** For a confirmation of a plan that is not the plan any more. */
export function changedPlan(): AppError {
  const message =
    'The models have changed since this plan was shown: it would do something else now. Look at the new plan.'
  return new AppError('conflict', message, { reason: 'plan_changed' })
}

/** For an overlay recipe that is not there. */
export function notInOverlay(id: string): AppError {
  const message = `"${id}" was not added at run time; what stands in the configuration file is changed there.`
  return new AppError('conflict', message, { reason: 'not_in_overlay', param: 'id' })
}

/** For an engine that no installer knows. */
export function unknownEngine(name: string, known: readonly string[]): AppError {
  const message = `There is no engine "${name}"; there is ${known.map((one) => `"${one}"`).join(', ') || 'none'}.`
  return new AppError('not_found', message, { reason: 'unknown_engine', param: 'name' })
}
