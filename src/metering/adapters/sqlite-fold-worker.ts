/** The thread that `sqlite-fold-thread.ts` starts: a connection, a heap and garbage of its own. */
import { systemClock } from '#platform/clock.ts'
import { openSqliteFile } from '#platform/db/sqlite-file.ts'
import { foldHere } from '#platform/journal/fold-here.ts'
import { serveFold } from '#platform/journal/serve-fold.ts'
import { createSqliteFold } from './sqlite-fold.ts'

/** The serving thread may wait as long as this for its turn to write. */
const mostMs = 5

serveFold((settings) => {
  const { file } = settings as { readonly file: string }
  // Not made: whoever took the file away would find an empty one in its place.
  const fold = createSqliteFold(openSqliteFile({ file, isMade: false }))
  return {
    ...foldHere(fold, { mostMs, clock: systemClock }),
    [Symbol.asyncDispose]: () => Promise.resolve(fold[Symbol.dispose]()),
  }
})
