import { createLiveConnection, type LiveListener } from './connection.ts'
import { type FromWorker, realSurroundings, type ToWorker } from './wire.ts'

/**
 * The page's end of the live state. `start` after signing in, `stop` after signing out (for all pages: they share the
 * session).
 */
export interface LiveChannel {
  start(): void
  stop(): void
}

/**
 * Through a worker shared by all pages where the browser has one; else by a connection of this page's own that is
 * given up while nobody looks at the page, so that many open pages still hold one. (A leader among the pages would
 * need Web Locks, which browsers give to secure origins only, and a house is often reached by plain http.)
 */
export function openLiveChannel(listener: LiveListener): LiveChannel {
  if (typeof SharedWorker === 'undefined') return openOwnChannel(listener)
  try {
    return openSharedChannel(listener)
  } catch {
    return openOwnChannel(listener)
  }
}

function openSharedChannel(listener: LiveListener): LiveChannel {
  const worker = new SharedWorker(new URL('./worker.ts', import.meta.url), { type: 'module', name: 'hearth-live' })
  let isWanted = false
  let own: LiveChannel | null = null
  const say = (message: ToWorker) => worker.port.postMessage(message)
  worker.port.onmessage = ({ data }: MessageEvent<FromWorker>) => {
    if (data.kind === 'status') listener.onStatus(data.status)
    else if (data.kind === 'fresh') listener.onFresh()
    else listener.onEvents(data.events)
  }
  worker.onerror = () => {
    own ??= openOwnChannel(listener)
    if (isWanted) own.start()
  }
  window.addEventListener('pagehide', () => say({ kind: 'leave' }))
  window.addEventListener('pageshow', (event) => {
    if (event.persisted && isWanted) say({ kind: 'start' })
  })
  window.addEventListener('online', () => say({ kind: 'wake' }))
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden) say({ kind: 'wake' })
  })
  return {
    start() {
      isWanted = true
      if (own) own.start()
      else say({ kind: 'start' })
    },
    stop() {
      isWanted = false
      if (own) own.stop()
      else say({ kind: 'stop' })
    },
  }
}

function openOwnChannel(listener: LiveListener): LiveChannel {
  const connection = createLiveConnection(realSurroundings, listener)
  let isWanted = false
  const follow = () => {
    if (!isWanted) return
    if (document.hidden) connection.stop()
    else connection.start()
  }
  document.addEventListener('visibilitychange', follow)
  window.addEventListener('online', () => connection.wake())
  return {
    start() {
      isWanted = true
      follow()
    },
    stop() {
      isWanted = false
      connection.stop()
    },
  }
}
