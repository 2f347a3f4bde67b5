import { useEffect, useState } from 'react'
import { usePage } from '../../app/page-state.ts'
import { Progress } from '../../design/Progress.tsx'
import { strings } from '../../strings.ts'
import { percent } from '../../text/format.ts'

const endings: ReadonlySet<string> = new Set(['done', 'installed', 'ready', 'failed', 'cancelled'])

/** Engines come on demand; while one does, the page says so. */
export function EngineInstalls() {
  const { live } = usePage()
  const [running, setRunning] = useState<ReadonlyMap<string, number | null>>(new Map())
  useEffect(
    () =>
      live.listen((event) => {
        if (event.type !== 'engine.install') return
        const told = event.data as { engine?: unknown; phase?: unknown; progress?: unknown } | null
        const { engine, phase, progress } = told ?? {}
        if (typeof engine !== 'string') return
        setRunning((before) => {
          const after = new Map(before)
          if (typeof phase === 'string' && endings.has(phase)) after.delete(engine)
          else after.set(engine, typeof progress === 'number' ? progress : null)
          return after
        })
      }),
    [live],
  )
  if (running.size === 0) return null
  return (
    <ul className="flex flex-col gap-3">
      {[...running].map(([engine, share]) => {
        const words = strings.notices.installing(engine, share === null ? '…' : percent(share))
        return (
          <li key={engine} className="flex flex-col gap-2 rounded-lg border border-line bg-panel p-4">
            <p>{words}</p>
            <Progress label={words} share={share} />
          </li>
        )
      })}
    </ul>
  )
}
