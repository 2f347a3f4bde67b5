import type { Call, Command } from '../command.ts'
import { exitCodes } from '../failures.ts'
import type { ExitCode } from '../failures.ts'
import { jsonLine } from '../output.ts'

export const logsCommand: Command = {
  name: 'logs',
  summary: 'show what a model’s engine says',
  positionals: [{ name: 'MODEL' }],
  options: [
    { name: 'follow', short: 'f', kind: 'flag', summary: 'go on with what comes' },
    {
      name: 'tail',
      short: 'n',
      kind: 'number',
      value: 'N',
      min: 1,
      max: 10_000,
      summary: 'the last lines; default 200',
    },
  ],
  run: logs,
}

async function logs(call: Call): Promise<ExitCode> {
  const hearth = call.hearth()
  const id = call.positionals[0] ?? ''
  const tail = call.flags.number('tail') ?? 200
  const show = (line: string): void => call.terminal.out(call.isJson ? jsonLine({ id, line }) : line)
  if (!call.flags.has('follow')) {
    for (const line of linesOf(await hearth.models.log(id, { tail }))) show(line)
    return exitCodes.ok
  }
  await followLog(call, { id, tail, show })
  return exitCodes.ok
}

/** Lines may be in the log and among the events at once while the log is read; after so long they are only events. */
const overlapMs = 100

async function followLog(
  call: Call,
  of: { readonly id: string; readonly tail: number; readonly show: (line: string) => void },
): Promise<void> {
  const { id, tail, show } = of
  const hearth = call.hearth()
  const events = hearth.events({ types: ['model.log'] })
  await events.next()
  let early: string[] | null = []
  const following = (async () => {
    for await (const event of events) {
      if (event.type !== 'model.log' || event.data.id !== id) continue
      if (early) early.push(event.data.line)
      else show(event.data.line)
    }
  })()
  const lines = linesOf(await hearth.models.log(id, { tail }))
  for (const line of lines) show(line)
  await Bun.sleep(overlapMs)
  for (const line of early.slice(overlapOf(lines, early))) show(line)
  early = null
  await following
}

/** How many of `later`'s first lines are `earlier`'s last ones. */
export function overlapOf(earlier: readonly string[], later: readonly string[]): number {
  for (let count = Math.min(earlier.length, later.length); count > 0; count--) {
    if (later.slice(0, count).every((line, index) => line === earlier[earlier.length - count + index])) return count
  }
  return 0
}

const linesOf = (text: string): readonly string[] => (text === '' ? [] : text.replace(/\n$/, '').split('\n'))
