import type { PoolView } from '../../sdk/typescript/index.ts'
import type { Call, Command } from '../command.ts'
import type { ExitCode } from '../failures.ts'
import { countText, millisecondsText } from '../format.ts'
import { answer } from '../output.ts'
import { renderTable } from '../table.ts'

export const poolsCommand: Command = {
  name: 'pools',
  summary: 'tell which places are taken, and who waits for one',
  details: 'A pool is a model, an upstream, an upstream’s audio, or what several share under a name of pools.',
  run: pools,
}

async function pools(call: Call): Promise<ExitCode> {
  const all = await call.hearth().pools()
  return answer(call, all, () =>
    all.data.length === 0
      ? 'There are no pools: nothing can be asked here yet.'
      : renderTable<PoolView>({
          terminal: call.terminal,
          rows: all.data,
          columns: [
            { title: 'POOL', cell: (pool) => pool.name, isFlexible: true },
            { title: 'TAKEN', cell: takenText, isRight: true, style: (pool) => (isFull(pool) ? 'yellow' : null) },
            { title: 'OF ONE KEY', cell: (pool) => countText(pool.perKey), isRight: true, whenNarrow: 'drop' },
            { title: 'WAITING', cell: (pool) => countText(pool.waiting.interactive), isRight: true },
            { title: 'BATCH', cell: (pool) => countText(pool.waiting.batch), isRight: true },
            { title: 'OLDEST', cell: (pool) => millisecondsText(pool.oldestWaitMs), isRight: true },
            { title: 'TAKES', cell: (pool) => millisecondsText(pool.serviceMs), isRight: true },
            { title: 'MEMBERS', cell: membersText, isFlexible: true, whenNarrow: 'drop' },
          ],
        }),
  )
}

const isFull = ({ limit, inFlight }: PoolView): boolean => limit !== null && inFlight >= limit

const takenText = ({ limit, inFlight }: PoolView): string =>
  limit === null ? `${inFlight}` : `${inFlight} of ${limit}`

/** Only where they are not the pool itself. */
const membersText = ({ name, members }: PoolView): string => members.filter((member) => member !== name).join(', ')
