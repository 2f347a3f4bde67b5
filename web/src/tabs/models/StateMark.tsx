import type { ModelState } from '../../api/types.ts'
import { Icon } from '../../design/Icon.tsx'

/** The state as a hearth: cold ash, kindling, embers, going out, or broken. A word always stands beside it. */
export function StateMark({ state, isWorking }: { state: ModelState; isWorking: boolean }) {
  if (state === 'failed') {
    return (
      <span className="flex size-6 shrink-0 items-center justify-center text-garnet">
        <Icon name="alert" size={22} />
      </span>
    )
  }
  return (
    <span className="flex size-6 shrink-0 items-center justify-center" aria-hidden="true">
      <span className={`size-4 rounded-full ${looks[state]} ${state === 'ready' && isWorking ? 'breathe' : ''}`} />
    </span>
  )
}

const looks: Readonly<Record<Exclude<ModelState, 'failed'>, string>> = {
  stopped: 'border-2 border-edge',
  queued: 'border-2 border-dashed border-glow',
  starting: 'kindling border-2 border-glow breathe',
  loading: 'kindling border-2 border-glow breathe',
  ready: 'embers ring-4 ring-ember-tint',
  draining: 'border-4 border-glow',
  stopping: 'border-2 border-dashed border-edge breathe',
}
