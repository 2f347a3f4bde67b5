import type { SegmentFold } from './contract.ts'
import type { FromWorker, ToWorker } from './fold-messages.ts'
import { sentError } from './fold-messages.ts'

/**
 * The Worker's side of `foldInWorker`: answers one message after the other. `open` gets the settings of the other side
 * and is called at the first question, and again at each until it succeeds.
 */
export function serveFold(open: (settings: unknown) => SegmentFold): void {
  let settings: unknown = null
  let fold: SegmentFold | null = null
  const answer = async (message: ToWorker): Promise<FromWorker | null> => {
    switch (message.do) {
      case 'begin':
        settings = message.settings
        return null
      case 'position':
        return { did: 'position', position: await (fold ??= open(settings)).position(message.journal) }
      case 'fold':
        return { did: 'fold', folded: await (fold ??= open(settings)).fold(message.ask) }
      case 'end':
        await fold?.[Symbol.asyncDispose]()
        return { did: 'end' }
    }
  }
  let before = Promise.resolve()
  globalThis.addEventListener('message', ({ data }: MessageEvent<ToWorker>) => {
    before = before.then(async () => {
      const said = await answer(data).catch((thrown: unknown): FromWorker => ({
        did: 'fail',
        error: sentError(thrown),
      }))
      if (said !== null) postMessage(said)
    })
  })
}
