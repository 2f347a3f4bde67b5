import type { EventType, HearthEvent, TargetState } from '../../sdk/typescript/index.ts'
import type { Call, Command } from '../command.ts'
import { exitCodes } from '../failures.ts'
import type { ExitCode } from '../failures.ts'
import { tellLost } from '../follow.ts'
import { millisecondsText } from '../format.ts'
import { stateText } from '../models/lists.ts'
import { jsonLine } from '../output.ts'
import { progressLine } from '../progress-bar.ts'
import { clean } from '../text-width.ts'

export const eventTypes: readonly EventType[] = [
  'hello',
  'reset',
  'model.state',
  'model.removed',
  'model.log',
  'pull.progress',
  'engine.install',
  'key.created',
  'key.rotated',
  'key.revoked',
  'request.finished',
  'upstream.state',
  'route.state',
  'config.reloaded',
  'config.refused',
]

export const eventsCommand: Command = {
  name: 'events',
  summary: 'show what happens in the house while it happens',
  details: 'Ends when the house does; with --follow it waits for the house to come back and goes on without a gap.',
  options: [
    { name: 'follow', short: 'f', kind: 'flag', summary: 'go on after a lost connection' },
    { name: 'type', kind: 'list', value: 'TYPE', choices: eventTypes, summary: 'only this' },
    { name: 'since', kind: 'text', value: 'ID', summary: 'begin after this event' },
    { name: 'count', short: 'n', kind: 'number', value: 'N', min: 1, summary: 'end after so many' },
  ],
  run: events,
}

async function events(call: Call): Promise<ExitCode> {
  const { flags, terminal } = call
  const types = flags.list('type') as readonly EventType[]
  const since = flags.text('since')
  const count = flags.number('count') ?? Infinity
  const stream = call.hearth().events({
    reconnect: flags.has('follow'),
    ...(types.length === 0 ? {} : { types }),
    ...(since === null ? {} : { lastEventId: since }),
    onLost: (lost) => tellLost(terminal, lost),
  })
  let shown = 0
  for await (const event of stream) {
    if (types.length > 0 && !types.includes(event.type)) continue
    terminal.out(call.isJson ? jsonLine(event) : describe(event, call))
    if (++shown >= count) break
  }
  return exitCodes.ok
}

function describe(event: HearthEvent, { terminal }: Call): string {
  const time = new Date().toTimeString().slice(0, 8)
  return `${terminal.paint('dim', time)} ${terminal.paint('cyan', event.type.padEnd(16))} ${clean(summaryOf(event))}`
}

function summaryOf(event: HearthEvent): string {
  switch (event.type) {
    case 'hello':
      return `Hearth ${event.data.version}`
    case 'reset':
      return 'events were missed: read the state anew'
    case 'model.state':
      return `${event.data.model.id} is ${stateText(event.data.model)}${failureText(event.data.model.failure)}`
    case 'model.removed':
      return event.data.id
    case 'model.log':
      return `${event.data.id}: ${event.data.line}`
    case 'pull.progress':
      return `${progressLine({ ...event.data.pull, label: event.data.pull.modelId ?? event.data.pull.ref }, 60)} ${event.data.pull.state}`
    case 'engine.install':
      return `${event.data.engine}: ${event.data.phase}`
    case 'key.created':
    case 'key.rotated':
    case 'key.revoked':
      return `${event.data.key.id} (${event.data.key.name})`
    case 'request.finished':
      return `${event.data.status} ${event.data.model} ${event.data.outcome} in ${millisecondsText(event.data.durationMs)}`
    case 'upstream.state':
      return `${event.data.upstream.name} is ${event.data.upstream.isReachable === true ? 'reachable' : 'unreachable'}`
    case 'route.state':
      return breakerText(event.data.target)
    case 'config.reloaded':
      return 'the changed settings hold'
    case 'config.refused':
      return event.data.problems.map((problem) => `${problem.path}: ${problem.message}`).join(' ')
    default:
      return jsonLine((event as { readonly data: unknown }).data)
  }
}

function breakerText({ upstream, model, breaker, lastFailure }: TargetState): string {
  if (breaker === 'closed') return `${upstream}/${model} answers again`
  const why = lastFailure === null ? '' : ` after ${lastFailure}`
  return `${upstream}/${model} is ${breaker === 'open' ? 'left alone' : 'tried'}${why}`
}

const failureText = (failure: string | null): string => (failure === null ? '' : `: ${failure}`)
