import { ApiError } from './errors.ts'
import type { Metrics } from './metrics.ts'
import type { Model } from './model.ts'
import type { Slots } from './slots.ts'

/** What every endpoint gets once the model is loaded. */
export interface Engine {
  readonly model: Model
  /** The name it answers with. */
  readonly id: string
  /** Seconds since 1970. */
  readonly created: number
  /** Tokens of one sequence. */
  readonly context: number
  readonly slots: Slots
  readonly metrics: Metrics
}

export const maxBodyBytes = 64 * 2 ** 20

/** For endpoints that write text: a model that was made for vectors or ranks has no slots. */
export function requireText(engine: Engine): void {
  if (engine.model.sequences.length > 0) return
  const message = `The model "${engine.id}" is made for embeddings or ranking: it writes no text.`
  throw new ApiError(400, message, { code: 'unsupported_operation', param: 'model' })
}

/** An abort that follows the request's, and that the endpoint can cause too. */
export function linkedAbort(request: Request): AbortController {
  const controller = new AbortController()
  const abort = (): void => controller.abort(new DOMException('The client hung up.', 'AbortError'))
  if (request.signal.aborted) abort()
  else request.signal.addEventListener('abort', abort, { once: true })
  return controller
}

export const newId = (prefix: string): string => `${prefix}-${crypto.randomUUID().replaceAll('-', '').slice(0, 24)}`
