import type { RequestBodies, RequestDetail } from '../../sdk/typescript/index.ts'
import { bytesText, costText, countText, millisecondsText, timeText } from '../format.ts'
import { facts } from '../output.ts'
import type { Style, Terminal } from '../terminal.ts'
import { clean } from '../text-width.ts'
import { byText, outcomeStyles, statusText } from './table.ts'
import type { Lane, Span, SpanKind } from './waterfall.ts'
import { waterfallOf } from './waterfall.ts'

const widestBar = 60
const narrowestBar = 10
const kindWidth = 11
const timeWidth = 7

const spanStyles: Readonly<Record<SpanKind, Style>> = {
  house: 'dim',
  queue: 'yellow',
  connect: 'cyan',
  'first token': 'green',
  tokens: 'green',
  end: 'dim',
  lost: 'red',
}

/** All about one request: what it was, who was asked, and where its time went. */
export function renderRequest(
  request: RequestDetail,
  options: { readonly terminal: Pick<Terminal, 'width' | 'paint'>; readonly hasBodies: boolean },
): string {
  const { terminal, hasBodies } = options
  const parts = [summaryOf(request, terminal), timesOf(request, terminal)]
  if (hasBodies) parts.push(...bodiesOf(request.bodies, terminal))
  return parts.join('\n\n')
}

function summaryOf(request: RequestDetail, terminal: Pick<Terminal, 'paint'>): string {
  const { usage, trace, bodies } = request
  const key = request.keyName === null ? request.key : `${request.keyName} (${request.key})`
  const tokens = [
    `${countText(usage.promptTokens)} in`,
    `${countText(usage.completionTokens)} out`,
    `${countText(usage.cachedTokens)} cached`,
  ]
  const rows: (readonly [string, string])[] = [
    ['Request', request.id],
    ['At', timeText(request.at)],
    ['Key', key],
    ['Asked', `${request.model} at ${request.endpoint}${request.isStream ? ', as a stream' : ''}`],
    ['Answered by', byText(request)],
    ['Outcome', terminal.paint(outcomeStyles[request.outcome] ?? 'bold', statusText(request))],
    ['Route', trace?.route ?? '-'],
    ...(trace?.cache == null ? [] : [['Cache', trace.cache] as const]),
    ['Tokens', tokens.join(', ')],
    ['First token', `${millisecondsText(request.ttftMs)}${speedText(request)}`],
    ['Took', millisecondsText(request.durationMs)],
    ['Cost', costText(request.costMicros)],
    ['Bodies', bodiesText(bodies)],
  ]
  // the outcome is coloured already; nothing else may bring control characters along
  return facts(rows.map(([name, value]) => [name, name === 'Outcome' ? value : clean(value)]))
}

/** Shorter streams come in one piece: their speed would be that of the network's buffers. */
const leastStreamMs = 100

/** Tokens per second after the first one, where both ends of the stream were seen. */
function speedText({ isStream, ttftMs, durationMs, usage }: RequestDetail): string {
  const count = usage.completionTokens
  if (!isStream || ttftMs === null || count === null || count < 2) return ''
  if (durationMs - ttftMs < leastStreamMs) return ''
  return `, then ${((count - 1) / ((durationMs - ttftMs) / 1000)).toFixed(1)} tokens/s`
}

function bodiesText(bodies: RequestBodies | null): string {
  if (bodies === null) return 'not kept, or not for this key'
  const size = (text: string | null): string => (text === null ? 'none' : bytesText(Buffer.byteLength(text)))
  return `request ${size(bodies.request)}, answer ${size(bodies.response)}${bodies.isCut ? ', cut' : ''} (--bodies)`
}

function timesOf(request: RequestDetail, terminal: Pick<Terminal, 'width' | 'paint'>): string {
  const waterfall = waterfallOf(request)
  if (waterfall === null) return 'Where its time went was not recorded.'
  const { totalMs, lanes } = waterfall
  const room = (terminal.width ?? Infinity) - kindWidth - timeWidth - 8
  const width = Math.max(narrowestBar, Math.min(widestBar, room))
  const tried = lanes.filter((lane) => lane.target !== null)
  const lines = lanes.flatMap((lane) => [
    ...(lane.target === null ? [] : [headOf(lane, tried.indexOf(lane) + 1, terminal)]),
    ...lane.spans.map((span) => lineOf(span, { totalMs, width, terminal })),
  ])
  if (tried.length === 0) lines.push('Nobody was asked.')
  return lines.join('\n')
}

function headOf({ target, failure, status }: Lane, place: number, { paint }: Pick<Terminal, 'paint'>): string {
  const told = failure === null ? '' : ` failed: ${clean(failure)}`
  const code = status === null ? '' : ` ${status}`
  return `${paint('bold', `${place}. ${clean(target ?? '')}`)}${code}${told === '' ? '' : paint('red', told)}`
}

function lineOf(
  { kind, fromMs, toMs }: Span,
  on: { readonly totalMs: number; readonly width: number; readonly terminal: Pick<Terminal, 'paint'> },
): string {
  const { totalMs, width, terminal } = on
  const from = Math.min(width - 1, Math.round((fromMs / totalMs) * width))
  const to = Math.max(from + 1, Math.min(width, Math.round((toMs / totalMs) * width)))
  const bar = ' '.repeat(from) + terminal.paint(spanStyles[kind], '#'.repeat(to - from)) + ' '.repeat(width - to)
  return `   ${kind.padEnd(kindWidth)} |${bar}| ${spentText(toMs - fromMs).padStart(timeWidth)}`
}

const spentText = (ms: number): string => (ms < 1 ? '<1ms' : millisecondsText(ms))

function bodiesOf(bodies: RequestBodies | null, { paint }: Pick<Terminal, 'paint'>): readonly string[] {
  if (bodies === null) return []
  const part = (title: string, text: string | null): readonly string[] =>
    text === null ? [] : [`${paint('bold', title)}\n${shown(text)}`]
  return [...part('Request', bodies.request), ...part('Answer', bodies.response)]
}

/** Whole, but without what moves cursors: what people and models wrote is not the terminal's master. */
const shown = (text: string): string =>
  pretty(text)
    .replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '')
    .trimEnd()

function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2)
  } catch {
    return text
  }
}
