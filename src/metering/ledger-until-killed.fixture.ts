import { createCell } from '#kernel/cell.ts'
import { keyId, modelName, requestId } from '#kernel/ids.ts'
import { systemClock } from '#platform/clock.ts'
import { openDatabase } from '#platform/db/database.ts'
import { silentLogger } from '#platform/log/logger.ts'
import { openMetering } from './index.ts'

/**
 * Appends records to a real ledger and says the id of each on stdout after `append` has returned, until it is killed.
 * Arguments: folder of the journal, file of the database, prefix of the ids.
 */
const [folder = '', file = '', prefix = ''] = process.argv.slice(2)
const metering = await openMetering({
  database: await openDatabase({ url: null, file, log: silentLogger }),
  folder,
  maxJournalBytes: 64 * 1024 * 1024,
  retentionDays: () => 30,
  prices: createCell([]),
  clock: systemClock,
  log: silentLogger,
  announce: () => {},
})
for (let number = 0; ; number++) {
  const id = `req_${prefix}-${number}`
  metering.ledger.append({
    id: requestId(id),
    at: systemClock.now(),
    key: keyId('key1'),
    endpoint: 'chat.completions',
    model: modelName('tiny-a'),
    upstream: 'local',
    upstreamModel: 'tiny-a',
    status: 200,
    outcome: 'complete',
    isStream: false,
    usage: { promptTokens: 1, completionTokens: 1, cachedTokens: null },
    ttftMs: null,
    durationMs: 1,
    costMicros: null,
    reason: null,
  })
  process.stdout.write(`${id}\n`)
  // The database folds between turns of the loop; the pipe is written there too.
  if (number % 10 === 0) await Bun.sleep(1)
}
