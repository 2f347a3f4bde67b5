import { AppError } from '#kernel/errors.ts'
import type { Clock } from '#kernel/time.ts'
import type { Caller, Priority, Scope } from '#kernel/words.ts'
import { newRequestId } from '#platform/crypto/ids.ts'
import type { Connection } from '#platform/http/route.ts'
import type { Logger } from '#platform/log/logger.ts'
import { Exchange } from './exchange.ts'
import type { PassagePorts } from './ports.ts'
import { tagsOfHeader } from './tags.ts'

/** The way that every public request takes: who asks, what it may use, and the row that it leaves. */
export interface Passage {
  /** Throws AppError `unauthenticated`, `forbidden`, or `unavailable` when no row could be written. */
  begin(request: Request, at: Connection, way: { readonly endpoint: string; readonly scope: Scope }): Exchange
  /** Exchanges that have begun and not ended. */
  readonly open: number
}

export function createPassage(ports: PassagePorts, clock: Clock, log: Logger): Passage {
  let open = 0
  const onFault = (error: unknown): void => log.error('an exchange could not be closed cleanly', { error })
  const onClose = (): void => {
    open -= 1
  }
  return {
    begin(request, at, way) {
      const caller = ports.gate.admit(request, at, way.scope)
      if (ports.ledger.isFull) throw ledgerFull()
      const tags = tagsOfHeader(request.headers.get('x-hearth-tags'))
      open += 1
      const id = newRequestId(clock.now())
      const context = ports.tracing?.begin(id, request.headers) ?? null
      return new Exchange({
        id,
        context,
        caller,
        priority: priorityOf(caller, request.headers),
        tags,
        endpoint: way.endpoint,
        ports,
        clock,
        onFault,
        onClose,
      })
    },
    get open() {
      return open
    },
  }
}

/** A request may stand back behind others of its key's kind, never push forward. */
function priorityOf({ limits }: Caller, headers: Headers): Priority {
  if (limits.priority === 'batch') return 'batch'
  return headers.get('x-hearth-priority')?.trim().toLowerCase() === 'batch' ? 'batch' : 'interactive'
}

function ledgerFull(): AppError {
  return new AppError(
    'unavailable',
    'Hearth cannot write down what is used: its journal is full and the database takes no rows. Look at the log and the disk.',
    {
      reason: 'ledger_full',
      retryAfterMs: 10_000,
    },
  )
}
