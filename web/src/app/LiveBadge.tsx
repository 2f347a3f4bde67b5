import { useEffect, useState } from 'react'
import { Button } from '../design/Button.tsx'
import { Notice } from '../design/Notice.tsx'
import type { LiveStatus } from '../live/events.ts'
import { strings } from '../strings.ts'
import { moment } from '../text/format.ts'
import { usePage } from './page-state.ts'
import { useStore } from './store.ts'

/** A line that is lost for a moment is not worth a banner. */
const bannerAfterMs = 4_000

const dots: Readonly<Record<LiveStatus['kind'], string>> = {
  off: 'border-2 border-edge',
  connecting: 'border-2 border-edge breathe',
  live: 'bg-moss',
  reconnecting: 'bg-ochre breathe',
  refused: 'border-2 border-edge',
}

/** How the page stands with the house: a dot and a word, never the dot alone on wide screens. */
export function LiveBadge() {
  const status = useStore(usePage().live.status)
  const words = wordsFor(status)
  return (
    <p role="status" className="flex min-w-0 items-center gap-2 px-2 text-sm text-soft" title={words}>
      <span className={`size-2.5 shrink-0 rounded-full ${dots[status.kind]}`} aria-hidden="true" />
      <span className="max-md:hidden">{words}</span>
      {/* On a phone the banner below tells since when. */}
      <span className="truncate md:hidden">
        {status.kind === 'reconnecting' ? strings.live.reconnectingShort : words}
      </span>
    </p>
  )
}

export function LiveNotices() {
  const { live } = usePage()
  const status = useStore(live.status)
  const isUpdated = useStore(live.isUpdated)
  const isLost = useIsLong(status)
  if (!isLost && !isUpdated) return null
  return (
    <div className="mx-auto flex w-full max-w-5xl flex-col gap-3 px-4 pt-4 md:px-10">
      {isLost && status.kind === 'reconnecting' && (
        <Notice tone="watch" isLive>
          <p className="font-semibold">{strings.live.lost(moment(status.since, { withSeconds: true }))}</p>
          <p className="text-sm">{strings.live.lostMore}</p>
        </Notice>
      )}
      {isUpdated && (
        <Notice tone="calm" action={<Button onClick={() => location.reload()}>{strings.live.reload}</Button>}>
          {strings.live.updated}
        </Notice>
      )}
    </div>
  )
}

function useIsLong(status: LiveStatus): boolean {
  const since = status.kind === 'reconnecting' ? status.since : null
  const [isLong, setLong] = useState(false)
  useEffect(() => {
    setLong(false)
    if (since === null) return
    const timer = setTimeout(() => setLong(true), Math.max(0, since + bannerAfterMs - Date.now()))
    return () => clearTimeout(timer)
  }, [since])
  return isLong
}

function wordsFor(status: LiveStatus): string {
  switch (status.kind) {
    case 'live':
      return strings.live.live
    case 'reconnecting':
      return strings.live.reconnecting(moment(status.since))
    case 'connecting':
      return strings.live.connecting
    case 'refused':
    case 'off':
      return strings.live.off
  }
}
