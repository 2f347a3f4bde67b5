import type { RouteTarget, RouteView } from '../../sdk/typescript/index.ts'
import type { Call, Command } from '../command.ts'
import { CliError, exitCodes } from '../failures.ts'
import type { ExitCode } from '../failures.ts'
import { countText, millisecondsText } from '../format.ts'
import { didYouMean } from '../nearest.ts'
import { answer, facts } from '../output.ts'
import { renderTable } from '../table.ts'
import type { Style, Terminal } from '../terminal.ts'

export const routesCommand: Command = {
  name: 'routes',
  summary: 'tell who answers for which name, and how they are',
  positionals: [{ name: 'NAME', isOptional: true }],
  details: 'With NAME (an alias will do) it shows each target: breaker, work, time to the first byte, last failure.',
  options: [{ name: 'configured', kind: 'flag', summary: 'only names with an entry in routes of hearth.yaml' }],
  examples: ['hearth routes', 'hearth routes coder'],
  run: routes,
}

async function routes(call: Call): Promise<ExitCode> {
  const { terminal } = call
  const all = (await call.hearth().routes()).data
  const name = call.positionals[0]
  if (name !== undefined) {
    const route = all.find((one) => one.name === name) ?? all.find((one) => one.aliases.includes(name))
    if (!route) throw noSuchRoute(name, all)
    return answer(call, route, () => renderRoute(route, terminal))
  }
  const data = call.flags.has('configured') ? all.filter((route) => route.isConfigured) : all
  return answer(call, { data }, () =>
    data.length === 0 ? 'There are no routes like that.' : renderRoutes(data, terminal),
  )
}

function noSuchRoute(name: string, all: readonly RouteView[]): CliError {
  const names = all.flatMap((route) => [route.name, ...route.aliases])
  return new CliError(exitCodes.notFound, `Nobody answers for "${name}".${didYouMean(name, names)}`, {
    code: 'not_found',
    hint: '"hearth routes" lists all names.',
  })
}

function renderRoutes(routes: readonly RouteView[], terminal: Terminal): string {
  const open = (route: RouteView): number => route.targets.filter((target) => target.breaker === 'open').length
  const style = (route: RouteView): Style | null => {
    if (open(route) === 0) return null
    return open(route) === route.targets.length ? 'red' : 'yellow'
  }
  return renderTable<RouteView>({
    terminal,
    rows: routes,
    columns: [
      { title: 'NAME', cell: (route) => route.name, isFlexible: true },
      { title: 'POLICY', cell: (route) => route.policy },
      { title: 'TARGETS', cell: (route) => `${route.targets.length - open(route)} of ${route.targets.length}`, style },
      { title: 'BUSY', cell: (route) => busyText(route.targets), isRight: true },
      { title: 'ASKED', cell: (route) => route.targets.map(targetText).join(', '), isFlexible: true },
      { title: 'ALIASES', cell: (route) => route.aliases.join(', '), isFlexible: true, whenNarrow: 'drop' },
      {
        title: 'FALLBACKS',
        cell: (route) => route.fallbacks.map(({ model }) => model).join(', '),
        isFlexible: true,
        whenNarrow: 'drop',
      },
    ],
  })
}

function renderRoute(route: RouteView, terminal: Terminal): string {
  const fallbacks = route.fallbacks.map(({ on, model }) => `${model}${on.length === 0 ? '' : ` (on ${on.join(', ')})`}`)
  const about = facts([
    ['Route', route.name],
    ['Aliases', route.aliases.join(', ') || 'none'],
    ['Policy', route.policy],
    ['Fallbacks', fallbacks.join(', ') || 'none'],
    ...(route.isConfigured ? [] : [['From', 'the model itself; no entry in routes'] as const]),
  ])
  const table = renderTable<RouteTarget>({
    terminal,
    rows: route.targets,
    columns: [
      { title: 'TARGET', cell: targetText, isFlexible: true },
      { title: 'BREAKER', cell: breakerText, style: (target) => breakerStyles[target.breaker] ?? null },
      { title: 'BUSY', cell: (target) => busyText([target]), isRight: true },
      { title: 'FIRST BYTE', cell: (target) => millisecondsText(target.firstByteMs), isRight: true },
      { title: 'PRIORITY', cell: (target) => String(target.priority), isRight: true, whenNarrow: 'drop' },
      { title: 'WEIGHT', cell: (target) => String(target.weight), isRight: true, whenNarrow: 'drop' },
      { title: 'WHERE', cell: (target) => target.locality ?? '-', whenNarrow: 'drop' },
      { title: 'ENGINE', cell: engineText, whenNarrow: 'below' },
      { title: 'LAST FAILURE', cell: failureText, whenNarrow: 'below' },
    ],
  })
  return `${about}\n\n${table}`
}

const breakerStyles: Readonly<Record<string, Style>> = { closed: 'green', open: 'red', half_open: 'yellow' }

function breakerText({ breaker, retryInMs }: RouteTarget): string {
  const wait = retryInMs === null || breaker !== 'open' ? '' : `, ${millisecondsText(retryInMs)} left`
  return `${breaker.replace('_', ' ')}${wait}`
}

const targetText = ({ upstream, model }: RouteTarget): string => `${upstream}/${model}`

/** `2+1`: two under way, one waits. */
function busyText(targets: readonly RouteTarget[]): string {
  const sum = (of: (target: RouteTarget) => number): number => targets.reduce((total, target) => total + of(target), 0)
  const queued = sum((target) => target.queued)
  return `${sum((target) => target.inFlight)}${queued > 0 ? `+${queued}` : ''}`
}

function engineText({ engine }: RouteTarget): string {
  if (engine === null) return ''
  const cache = engine.cacheUsage === null ? '-' : `${Math.round(engine.cacheUsage * 100)}%`
  return `${countText(engine.running)} running, ${countText(engine.waiting)} waiting, cache ${cache}`
}

function failureText({ failures, lastFailure }: RouteTarget): string {
  if (lastFailure === null) return ''
  return failures === 0 ? lastFailure : `${lastFailure}, ${failures} in a row`
}
