import type { Clock } from '#kernel/time.ts'
import type { Announce } from '#kernel/words.ts'
import type { FleetEvent } from '../events.ts'

/** Lines a model may tell at once, and per second afterwards; the file has them all. */
const burst = 100
const perSecond = 20

/**
 * Tells a model's log lines on the event bus, at a bounded rate: a talkative engine must not push everything else out
 * of it.
 */
export function createLogFeed(options: {
  readonly id: string
  readonly clock: Clock
  readonly announce: Announce<FleetEvent>
}): (line: string) => void {
  const { id, clock, announce } = options
  let allowance = burst
  let filledAt = clock.mono()
  let leftOut = 0
  return (line) => {
    const now = clock.mono()
    allowance = Math.min(burst, allowance + ((now - filledAt) / 1000) * perSecond)
    filledAt = now
    if (allowance < 1) {
      leftOut++
      return
    }
    allowance--
    if (leftOut > 0)
      announce({ type: 'model.log', data: { id, line: `… ${leftOut} lines are only in the log file …` } })
    leftOut = 0
    announce({ type: 'model.log', data: { id, line } })
  }
}
