import type { Estimate, Exchange } from '#passage/exchange.ts'
import { namesOf } from '../../core/bounds.ts'
import { choose, type Route } from '../../core/choose.ts'
import { modelNotAllowed, unknownModel } from '../../errors.ts'
import type { AnswerPorts } from './answer-ports.ts'

/** Where the model leads that the request names. Throws AppError `not_found`, `forbidden`. */
export async function routeOf(ports: AnswerPorts, { model, caller }: Exchange): Promise<Route> {
  const look = () => choose(ports.snapshot(), model, (name) => caller.mayUse(name))
  let choice = look()
  if (choice.kind === 'unknown_model' && (await ports.discover())) choice = look()
  if (choice.kind === 'route') return choice.route
  throw choice.kind === 'not_allowed' ? modelNotAllowed(model) : unknownModel(model, choice.nearest)
}

/** What takes a request and nothing else. */
export const freeOf = (route: Route): Estimate => ({
  promptTokens: 0,
  outputTokens: 0,
  targets: [],
  models: namesOf(route),
})
