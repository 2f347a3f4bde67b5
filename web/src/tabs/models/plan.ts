import type { ModelView, Plan } from '../../api/types.ts'

export type Deed = 'load' | 'unload'

/** Nobody else notices it: only this model is touched, nothing stands in the way, and it is not working for anybody. */
export function isHarmless(plan: Plan, model: ModelView, deed: Deed): boolean {
  if (plan.obstacles.length > 0) return false
  if (plan.steps.some(({ step }) => step.model !== model.id)) return false
  return deed === 'load' || model.inFlight + model.queued === 0
}

/** Which deed a state offers; null = it is already on its way there. */
export function deedFor(model: ModelView): Deed | null {
  switch (model.state) {
    case 'stopped':
    case 'failed':
      return 'load'
    case 'ready':
    case 'queued':
    case 'starting':
    case 'loading':
      return 'unload'
    case 'draining':
    case 'stopping':
      return null
  }
}
