import type { Task } from '#platform/tasks/task.ts'
import { createLoadTask, type LoadPorts } from './service/health/engine-loads.ts'
import { createProbeTask, type ProbePorts } from './service/health/probes.ts'
import type { UpstreamLists } from './service/directory/upstream-lists.ts'

/** How often upstreams that offer all they have are asked for their list. */
const refreshMs = 60_000

/**
 * Keeps the upstreams' model lists fresh (what fails is shown in the upstream's state), reads engines' loads, and tries
 * those that were left alone.
 */
export function createTasks(ports: LoadPorts & ProbePorts & { readonly lists: UpstreamLists }): readonly Task[] {
  const { lists } = ports
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
    createLoadTask(ports),
    createProbeTask(ports),
  ]
}
