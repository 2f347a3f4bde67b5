import { useEffect, useRef, useState } from 'react'
import { type LeakReport, runLeakTest } from '../../api/privacy.ts'
import { usePage } from '../../app/page-state.ts'

export type LeakTestState =
  | { readonly kind: 'idle' }
  /** `done: null` = not told yet. */
  | { readonly kind: 'running'; readonly done: number | null; readonly cases: number }
  | { readonly kind: 'stopped' }
  | { readonly kind: 'failed'; readonly error: unknown }
  | { readonly kind: 'report'; readonly report: LeakReport }

export interface LeakTestDesk {
  readonly state: LeakTestState
  start(ask: { readonly cases: number; readonly seed: number | null }): void
  stop(): void
}

/** One run of the leak test: how far it is comes with the events of the house; whoever leaves stops it. */
export function useLeakTest(): LeakTestDesk {
  const { live } = usePage()
  const [state, setState] = useState<LeakTestState>({ kind: 'idle' })
  const control = useRef<AbortController | null>(null)
  useEffect(() => () => control.current?.abort(), [])
  useEffect(
    () =>
      live.listen((event) => {
        if (event.type !== 'privacy.leak_test') return
        const far = event.data as { readonly done: number; readonly cases: number }
        // Somebody else's run does not answer here.
        setState((before) =>
          before.kind === 'running' && before.cases === far.cases ? { ...before, done: far.done } : before,
        )
      }),
    [live],
  )
  const run = async (ask: { readonly cases: number; readonly seed: number | null }) => {
    const own = new AbortController()
    control.current = own
    setState({ kind: 'running', done: null, cases: ask.cases })
    try {
      const report = await runLeakTest(ask, own.signal)
      if (!own.signal.aborted) setState({ kind: 'report', report })
    } catch (error) {
      if (!own.signal.aborted) setState({ kind: 'failed', error })
    }
  }
  return {
    state,
    start: (ask) => void run(ask),
    stop() {
      control.current?.abort()
      setState({ kind: 'stopped' })
    },
  }
}
