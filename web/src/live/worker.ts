/// <reference lib="webworker" />
import { createLiveConnection } from './connection.ts'
import type { LiveStatus } from './events.ts'
import { type FromWorker, realSurroundings, type ToWorker } from './wire.ts'

/**
 * One for all pages of this browser: a browser opens six HTTP/1.1 connections to a host, and a stream per page would
 * leave none for the work. The last page to leave takes the worker with it.
 */
const pages = new Set<MessagePort>()
let status: LiveStatus = { kind: 'off' }

function tell(message: FromWorker): void {
  for (const page of pages) page.postMessage(message)
}

const connection = createLiveConnection(realSurroundings, {
  onStatus(next) {
    status = next
    tell({ kind: 'status', status })
  },
  onFresh: () => tell({ kind: 'fresh' }),
  onEvents: (events) => tell({ kind: 'events', events }),
})

function hear(page: MessagePort, message: ToWorker): void {
  switch (message.kind) {
    case 'start':
      pages.add(page)
      if (status.kind !== 'off') page.postMessage({ kind: 'status', status } satisfies FromWorker)
      // Whatever this page read before it was listening may have changed in between.
      page.postMessage({ kind: 'fresh' } satisfies FromWorker)
      connection.start()
      return
    case 'wake':
      connection.wake()
      return
    case 'stop':
      connection.stop()
      return
    case 'leave':
      pages.delete(page)
      if (pages.size === 0) connection.stop()
  }
}

;(globalThis as unknown as SharedWorkerGlobalScope).onconnect = (event) => {
  const page = event.ports[0]
  if (page) page.onmessage = (message: MessageEvent<ToWorker>) => hear(page, message.data)
}
