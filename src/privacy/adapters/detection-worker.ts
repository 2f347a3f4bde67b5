/** The thread that looks for identifiers in much text: started by detection-threads.ts, imported by nobody. */
import { AppError, messageOf } from '#kernel/errors.ts'
import { Finder } from '../service/detection.ts'
import type { FromFinder, ToFinder } from '../service/detection-messages.ts'

const finder = new Finder()

globalThis.addEventListener('message', ({ data }: MessageEvent<ToFinder>) => {
  if (data.do === 'lists') finder.lists = data.lists
  else postMessage(answerTo(data))
})

function answerTo({ id, ask }: ToFinder & { readonly do: 'find' }): FromFinder {
  try {
    return { did: 'find', id, spans: finder.find(ask) }
  } catch (thrown) {
    return { did: 'fail', id, reason: thrown instanceof AppError ? thrown.reason : null, message: messageOf(thrown) }
  }
}
