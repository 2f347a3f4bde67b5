import { silentLogger } from '#platform/log/logger.ts'
import { openJournal } from './journal.ts'

/**
 * Appends records and says the id of each on stdout after `append` has returned, until it is killed.
 * Arguments: folder, prefix of the ids.
 */
const [folder = '', prefix = ''] = process.argv.slice(2)
const journal = await openJournal<{ readonly id: string; readonly text: string }>({
  folder,
  name: 'requests',
  segmentBytes: 16 * 1024,
  maxBytes: 64 * 1024 * 1024,
  syncMs: 5,
  log: silentLogger,
})
process.stdout.write('open\n')
for (let number = 0; ; number++) {
  const id = `${prefix}-${number}`
  journal.append({ id, text: 'ö'.repeat(number % 300) })
  process.stdout.write(`${id}\n`)
  // The pipe is written between turns of the loop.
  if (number % 20 === 0) await Bun.sleep(0)
}
