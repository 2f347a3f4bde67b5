import type { Task } from '#platform/tasks/task.ts'
import type { UpstreamLists } from './service/upstream-lists.ts'

/** How often upstreams that offer all they have are asked for their list. */
const refreshMs = 60_000

/** Keeps the upstreams' model lists fresh; what fails is shown in the upstream's state. */
export function createTasks(lists: UpstreamLists): readonly Task[] {
  return [
    {
      name: 'gateway-upstream-lists',
      everyMs: refreshMs,
      activate: async (signal) => {
        await lists.refresh(signal)
        const silent = [...lists.states.values()].filter((state) => state.isReachable === false)
        return silent.length > 0 ? `no answer from ${silent.map((state) => state.name).join(', ')}` : null
      },
    },
  ]
}
