import { exitCodes } from './failures.ts'

/** Who is told of Ctrl-C: the last one to ask; with nobody asking, the process ends as shells expect it. */
export function createInterrupts(): { take(listener: () => void): Disposable } {
  const listeners: (() => void)[] = []
  process.on('SIGINT', () => {
    const listener = listeners.at(-1)
    if (listener) listener()
    else process.exit(exitCodes.interrupted)
  })
  return {
    take(listener) {
      listeners.push(listener)
      return {
        [Symbol.dispose]() {
          const index = listeners.indexOf(listener)
          if (index >= 0) listeners.splice(index, 1)
        },
      }
    },
  }
}
