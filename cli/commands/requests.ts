import type { Outcome, RequestFilter } from '../../sdk/typescript/index.ts'
import type { Call, Command } from '../command.ts'
import { usageError } from '../failures.ts'
import type { ExitCode } from '../failures.ts'
import type { Flags } from '../flags.ts'
import { momentsOf } from '../moments.ts'
import { answer } from '../output.ts'
import { renderRequests } from '../requests/table.ts'
import { tailRequests } from '../requests/tail.ts'

const outcomes: readonly Outcome[] = ['complete', 'incomplete', 'aborted', 'failed']

export const requestsCommand: Command = {
  name: 'requests',
  summary: 'list the last requests, newest first, or follow them',
  details: 'Filters may be combined. With --follow the last ones come first and then each as it ends, oldest on top.',
  options: [
    { name: 'follow', short: 'f', kind: 'flag', summary: 'go on with what comes' },
    {
      name: 'limit',
      short: 'n',
      kind: 'number',
      value: 'N',
      min: 1,
      max: 100_000,
      summary: 'so many; default 20, with --follow 10',
    },
    { name: 'by-key', kind: 'text', value: 'ID', summary: 'only of this key' },
    { name: 'model', kind: 'text', value: 'MODEL', summary: 'only to this model' },
    { name: 'upstream', kind: 'text', value: 'NAME', summary: 'only answered by this upstream, or local' },
    { name: 'outcome', kind: 'text', value: 'OUTCOME', choices: outcomes, summary: 'only those that ended so' },
    { name: 'status', kind: 'text', value: 'STATUS', summary: 'only with this status, 5xx for a class' },
    { name: 'endpoint', kind: 'text', value: 'PATH', summary: 'only at this one, for example chat/completions' },
    { name: 'text', kind: 'text', value: 'TEXT', summary: 'only with this in a model’s name or in the reason' },
    { name: 'since', kind: 'text', value: 'WHEN', summary: 'from then on: 2h (ago), 2026-01-31 (UTC) or a time' },
    { name: 'until', kind: 'text', value: 'WHEN', summary: 'before then' },
    { name: 'cursor', kind: 'text', value: 'CURSOR', summary: 'the page after the one that ended with this' },
  ],
  examples: ['hearth requests --status 5xx --since 2h', 'hearth requests --follow --model coder'],
  run: requests,
}

async function requests(call: Call): Promise<ExitCode> {
  const { flags } = call
  const isFollowing = flags.has('follow')
  if (isFollowing && (flags.has('until') || flags.has('cursor')))
    throw usageError('--follow shows what comes: it takes neither --until nor --cursor.')
  const filter = filterOf(flags, isFollowing ? 10 : 20)
  if (isFollowing) return tailRequests(call, filter)
  const page = await call.hearth().requests(filter)
  if (!call.isJson && page.next !== null) call.terminal.note(`There are more: --cursor ${page.next}`)
  const { limit: _, ...conditions } = filter
  const isNarrowed = Object.keys(conditions).length > 0
  return answer(call, page, () =>
    page.data.length > 0
      ? renderRequests(page.data, call.terminal)
      : isNarrowed
        ? 'No requests like that.'
        : 'No requests yet.',
  )
}

function filterOf(flags: Flags, usualLimit: number): RequestFilter {
  const status = flags.text('status')
  if (status !== null && !/^[1-5](xx|\d\d)$/.test(status))
    throw usageError(`--status is "${status}", which is neither a status like 429 nor a class like 5xx.`)
  const outcome = outcomes.find((one) => one === flags.text('outcome'))
  return {
    limit: flags.number('limit') ?? usualLimit,
    ...given('key', flags.text('by-key')),
    ...given('model', flags.text('model')),
    ...given('upstream', flags.text('upstream')),
    ...(outcome === undefined ? {} : { outcome }),
    ...given('status', status),
    ...given('endpoint', flags.text('endpoint')),
    ...given('text', flags.text('text')),
    ...momentsOf(flags, Date.now()),
    ...given('cursor', flags.text('cursor')),
  }
}

const given = (name: keyof RequestFilter, value: string | null): RequestFilter =>
  value === null ? {} : { [name]: value }
