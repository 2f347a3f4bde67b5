import { createCell } from '#kernel/cell.ts'
import type { Clock } from '#kernel/time.ts'
import type { Announce, Cell, RequestRecord } from '#kernel/words.ts'
import type { Database } from '#platform/db/database.ts'
import type { AnyRoute } from '#platform/http/route.ts'
import type { Backlog } from '#platform/journal/contract.ts'
import { foldHere } from '#platform/journal/fold-here.ts'
import { openJournal } from '#platform/journal/journal.ts'
import type { Logger } from '#platform/log/logger.ts'
import type { Task } from '#platform/tasks/task.ts'
import { createKyselyAllowanceStore } from './adapters/kysely-allowance-store.ts'
import { createKyselyBodyStore } from './adapters/kysely-body-store.ts'
import { createKyselyRequestStore } from './adapters/kysely-request-store.ts'
import { foldIntoSqlite } from './adapters/sqlite-fold-thread.ts'
import type { BodyLogSettings, Prices, Purse } from './contract.ts'
import type { UpstreamPrices } from './core/prices.ts'
import { Limiter } from './core/limiter.ts'
import { createPrices } from './core/prices.ts'
import type { MeteringEvent } from './events.ts'
import { noticeOf } from './events.ts'
import { allowanceRoutes, type RecordChange } from './http/allowances.ts'
import { createRoutes } from './http/requests.ts'
import { migrations } from './migrations/index.ts'
import { Allowances, type LimitedKey } from './service/allowances.ts'
import { RequestBodyLog } from './service/body-log.ts'
import { createPurse } from './service/purse.ts'
import { RequestLedger } from './service/ledger.ts'
import { remember } from './service/remember.ts'
import { createTasks } from './tasks.ts'

export type { MeteringEvent } from './events.ts'
export type { UpstreamPrices } from './core/prices.ts'
export type { BodyLogSettings } from './contract.ts'
export type { RequestLedger } from './service/ledger.ts'

/** One file of the journal; what is folded goes away in pieces of this size. */
const segmentBytes = 8 * 1024 * 1024
/** What a power cut may cost; the end of the process costs nothing. */
const syncMs = 200

export interface MeteringOptions {
  readonly database: Database
  /** Where the journal is: a folder in HEARTH_HOME, made if it does not exist. */
  readonly folder: string
  /** From this much on that waits for the database, new requests are to be refused. */
  readonly maxJournalBytes: number
  /** Asked at every round of cleaning: a reload may change it. */
  readonly retentionDays: () => number
  readonly prices: Cell<readonly UpstreamPrices[]>
  /** Which bodies are kept, and how long. */
  readonly bodies: Cell<BodyLogSettings>
  /** What a key is called; null = there is none. */
  readonly keyName: (id: string) => string | null
  /** Keys that have limits or a budget of their own, for the list of all. Not there = none are listed. */
  readonly limitedKeys?: () => readonly LimitedKey[]
  /** Where changes of limits and budgets are written down. Not there = nowhere. */
  readonly audit?: RecordChange
  readonly clock: Clock
  readonly log: Logger
  readonly announce: Announce<MeteringEvent>
}

export interface Metering extends AsyncDisposable {
  readonly purse: Purse
  readonly ledger: RequestLedger
  readonly prices: Prices
  readonly bodies: RequestBodyLog
  /** What waits in the journal for the database. */
  readonly backlog: Backlog
  readonly routes: readonly AnyRoute[]
  readonly tasks: readonly Task[]
}

/**
 * Throws an AppError `conflict` while another process has the journal of this home open. Disposing moves what waits in
 * the journal to the database, for a moment; the rest is moved at the next start.
 */
export async function openMetering(options: MeteringOptions): Promise<Metering> {
  const { database, folder, maxJournalBytes, retentionDays, clock, announce, keyName } = options
  const log = options.log.child({ part: 'metering' })
  await database.migrate('metering', migrations)
  const store = createKyselyRequestStore(database)
  const journal = await openJournal<RequestRecord>({
    folder,
    name: 'requests',
    segmentBytes,
    maxBytes: maxJournalBytes,
    syncMs,
    clock,
    log,
  })
  // PostgreSQL answers from afar; SQLite works on the thread that asks, which must not be the one that serves.
  const fold = database.dialect === 'sqlite' ? foldIntoSqlite({ file: database.place, log }) : foldHere(store)
  const ledger = new RequestLedger({ journal, folding: journal.startFolding(fold), store, announce })
  const limiter = new Limiter(clock, (type, quota) => announce({ type, data: noticeOf(quota, keyName) }))
  await remember({ limiter, ledger, store, log })
  const allowances = new Allowances({
    limiter,
    store: createKyselyAllowanceStore(database),
    charges: (subject) => store.charges(subject),
    flush: () => ledger.flush(),
  })
  await allowances.load()
  const bodyStore = createKyselyBodyStore(database)
  const bodyLog = new RequestBodyLog({ settings: options.bodies, store: bodyStore, clock })
  const prices = createCell(createPrices(options.prices.value))
  const following = options.prices.onChange((changed) => prices.replace(createPrices(changed)))
  return {
    purse: createPurse(limiter),
    ledger,
    prices: {
      costMicros: (target, usage) => prices.value.costMicros(target, usage),
      boundMicros: (target, bound) => prices.value.boundMicros(target, bound),
    },
    bodies: bodyLog,
    get backlog() {
      return journal.backlog
    },
    routes: [
      ...createRoutes({ ledger, bodies: bodyStore, keyName, log }),
      ...allowanceRoutes({ allowances, limitedKeys: options.limitedKeys ?? (() => []), audit: options.audit }),
    ],
    tasks: createTasks({
      store,
      bodyStore,
      bodyLog,
      bodySettings: () => options.bodies.value,
      retentionDays,
      clock,
    }),
    async [Symbol.asyncDispose]() {
      following[Symbol.dispose]()
      await journal[Symbol.asyncDispose]()
    },
  }
}
