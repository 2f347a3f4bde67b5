import type { Task } from '#platform/tasks/task.ts'
import type { Keeper } from './service/keeper.ts'

/**
 * The reconciler: it takes no input, measures memory, looks at everything and decides. What events already decided
 * it decides again the same way, so a lost event costs one period and nothing else.
 */
export function fleetTasks(keeper: Keeper, options: { readonly everyMs: number }): readonly Task[] {
  return [
    {
      name: 'fleet-reconcile',
      everyMs: options.everyMs,
      activate() {
        keeper.observe()
        const budget = keeper.fleet.budget
        return Promise.resolve(budget === null ? null : `budget ${budget.bytes} bytes (${budget.from})`)
      },
    },
  ]
}
