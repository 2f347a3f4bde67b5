import type { DepartureView, PolicyRules, PolicyView, ScopeView } from '../../sdk/typescript/index.ts'
import type { Call } from '../command.ts'
import { confirm } from '../confirm.ts'
import { CliError, exitCodes, usageError } from '../failures.ts'
import type { ExitCode } from '../failures.ts'
import { bytesText, timeText } from '../format.ts'
import { didYouMean } from '../nearest.ts'
import { answer, facts } from '../output.ts'
import { renderTable } from '../table.ts'
import { countsText } from './counts.ts'

export async function status(call: Call): Promise<ExitCode> {
  const told = await call.hearth().privacy.status()
  const { recogniser, vault, lists } = told
  const recogniserText =
    recogniser === null
      ? 'none is configured (privacy.recogniser)'
      : `${recogniser.kind} at ${recogniser.url}: ${recogniser.isReachable ? 'answers' : (recogniser.detail ?? 'silent')}`
  return answer(call, told, () =>
    [
      facts([
        ['Text to clouds', told.cloudText],
        ['Names', told.names === 'recogniser' ? 'found by a recogniser' : 'only those that the house knows'],
        ['Recogniser', recogniserText],
        ['Vault', vault.lock ?? 'works'],
        ['Lists', `${lists.directory} known, ${lists.deny} denied, ${lists.allow} allowed`],
        ['Policies', told.policies.map((each) => each.name).join(', ')],
      ]),
      '',
      ...told.words,
      told.notice,
    ].join('\n'),
  )
}

export async function scopes(call: Call): Promise<ExitCode> {
  const list = await call.hearth().privacy.scopes({ limit: call.flags.number('limit') ?? 20 })
  return answer(call, list, () =>
    list.data.length === 0
      ? 'Nothing is kept.'
      : renderTable<ScopeView>({
          terminal: call.terminal,
          rows: list.data,
          columns: [
            { title: 'ID', cell: (row) => row.id },
            { title: 'KIND', cell: (row) => row.kind },
            { title: 'KEY', cell: (row) => row.owner },
            { title: 'VALUES', cell: (row) => String(row.values), isRight: true },
            { title: 'USED', cell: (row) => timeText(row.used_at) },
            { title: 'UNTIL', cell: (row) => timeText(row.expires_at), whenNarrow: 'drop' },
          ],
        }),
  )
}

export async function shred(call: Call): Promise<ExitCode> {
  const id = call.positionals[0] ?? ''
  await confirm(call, `The values of ${id} can never be put back again. Go on?`)
  await call.hearth().privacy.shred(id)
  return answer(call, { id, shredded: true }, () => `${id} is destroyed.`)
}

export async function departures(call: Call): Promise<ExitCode> {
  const { flags } = call
  const [destination, cursor] = [flags.text('to'), flags.text('cursor')]
  const verdict = (['sent', 'refused'] as const).find((each) => each === flags.text('verdict'))
  const page = await call.hearth().privacy.departures({
    limit: flags.number('limit') ?? 20,
    ...(destination === null ? {} : { destination }),
    ...(verdict === undefined ? {} : { verdict }),
    ...(cursor === null ? {} : { cursor }),
  })
  if (!call.isJson && page.next !== null) call.terminal.note(`There are more: --cursor ${page.next}`)
  return answer(call, page, () =>
    page.data.length === 0
      ? destination === null && verdict === undefined && cursor === null
        ? 'Nothing has left yet.'
        : 'Nothing left like that.'
      : renderTable<DepartureView>({
          terminal: call.terminal,
          rows: page.data,
          columns: [
            { title: 'AT', cell: (row) => timeText(row.at) },
            { title: 'TO', cell: (row) => row.destination, isFlexible: true },
            {
              title: 'VERDICT',
              cell: (row) => (row.reason === null ? row.verdict : `${row.verdict}: ${row.reason}`),
              style: (row) => (row.verdict === 'refused' ? 'yellow' : null),
            },
            { title: 'DATA', cell: (row) => row.data.join(','), whenNarrow: 'drop' },
            { title: 'SIZE', cell: (row) => bytesText(row.bytes), isRight: true, whenNarrow: 'drop' },
            { title: 'POLICY', cell: (row) => row.policy, whenNarrow: 'drop' },
            { title: 'REPLACED', cell: (row) => countsText(row.counts), whenNarrow: 'below' },
          ],
        }),
  )
}

export async function policy(call: Call): Promise<ExitCode> {
  const name = call.positionals[0]
  const text = call.flags.text('set')
  if (text !== null) {
    if (name === undefined) throw usageError('Say which policy is set: hearth privacy policy NAME --set JSON.')
    const set = await call.hearth().privacy.setPolicy(name, rulesOf(text))
    return answer(call, set, () => renderPolicy(set))
  }
  const { data } = await call.hearth().privacy.policies()
  if (name === undefined) return answer(call, { data }, () => data.map(renderPolicy).join('\n\n'))
  const found = data.find((each) => each.name === name)
  if (found) return answer(call, found, () => renderPolicy(found))
  const near = didYouMean(
    name,
    data.map((each) => each.name),
  )
  throw new CliError(exitCodes.notFound, `There is no policy "${name}".${near}`, { code: 'not_found' })
}

function rulesOf(text: string): PolicyRules {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value
  } catch {
    // told below, as for any other text that is no object
  }
  throw usageError(`--set is no JSON object such as {"names": "block"}: ${text.slice(0, 100)}`)
}

function renderPolicy({ name, version, isDefault, source, upstreams, words }: PolicyView): string {
  const whose = isDefault ? 'every cloud that names none' : upstreams.length === 0 ? 'nobody' : upstreams.join(', ')
  const from = { default: 'nobody changed it', file: 'from hearth.yaml', overlay: 'set at run time' }[source]
  return [`${name} (${version}, ${from}), for ${whose}`, ...words.map((each) => `  ${each}`)].join('\n')
}
