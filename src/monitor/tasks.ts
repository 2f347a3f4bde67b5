import type { Task } from '#platform/tasks/task.ts'
import type { Tracer } from './service/tracer.ts'

/** Late enough for batches, soon enough to look at a trace after asking. */
const flushMs = 2000

export function monitorTasks(tracer: Tracer): readonly Task[] {
  return [{ name: 'monitor-traces', everyMs: flushMs, activate: (signal) => tracer.flush(signal) }]
}
