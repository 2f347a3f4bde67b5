import type { EventOptions, EventType, Hearth, HearthEvent } from '../sdk/typescript/index.ts'
import { CliError, exitCodes } from './failures.ts'
import { millisecondsText } from './format.ts'
import type { Terminal } from './terminal.ts'

/**
 * Starts something and watches it to its end. It listens before it starts, so that nothing that happens in between is
 * missed; after a lost connection or a `reset` the state is read anew.
 */
export async function follow<T>(options: {
  readonly hearth: Hearth
  readonly types: readonly EventType[]
  readonly begin: () => Promise<T>
  readonly read: (value: T) => Promise<T>
  /** The new value, or null when the event is about something else. */
  readonly take: (event: HearthEvent, value: T) => T | null
  readonly isOver: (value: T) => boolean
  readonly show: (value: T) => void
}): Promise<T> {
  const { hearth, types, take, isOver, show } = options
  const controller = new AbortController()
  const events = hearth.events({ types, signal: controller.signal })
  try {
    await events.next()
    let value: T = await options.begin()
    show(value)
    while (!isOver(value)) {
      const { value: event, done } = await events.next()
      if (done) throw new CliError(exitCodes.failure, 'The house ended its event stream.', { code: 'incomplete' })
      const isAnew = event.type === 'hello' || event.type === 'reset'
      const next: T | null = isAnew ? await options.read(value) : take(event, value)
      if (next === null) continue
      value = next
      show(value)
    }
    return value
  } finally {
    controller.abort()
    await events.return(undefined)
  }
}

/** A remark that the events stopped, and when they are tried again. */
export function tellLost(
  terminal: Pick<Terminal, 'note'>,
  { error, retryMs }: Parameters<NonNullable<EventOptions['onLost']>>[0],
): void {
  const why = error === null ? '' : ` (${error.code})`
  terminal.note(`The connection was lost${why}; next try in ${millisecondsText(retryMs)}.`)
}
