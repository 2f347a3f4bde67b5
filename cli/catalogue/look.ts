import type { CatalogueModel, CatalogueProvider, CataloguePage } from '../../sdk/typescript/index.ts'
import type { Call } from '../command.ts'
import { usageError } from '../failures.ts'
import type { ExitCode } from '../failures.ts'
import { countText } from '../format.ts'
import { answer, facts } from '../output.ts'
import { renderTable } from '../table.ts'

export async function search(call: Call): Promise<ExitCode> {
  const { flags } = call
  const text = call.positionals[0]
  const price = flags.text('max-price')
  const maxOutputPrice = price === null ? null : Number(price)
  if (maxOutputPrice !== null && !(maxOutputPrice >= 0)) throw usageError('--max-price wants a number of dollars.')
  const given = {
    text,
    provider: flags.text('provider'),
    input: flags.text('input'),
    after: flags.text('after'),
    minContext: flags.number('min-context'),
    maxOutputPrice,
    ...Object.fromEntries(
      [
        ['usable', 'usable'],
        ['tools', 'tools'],
        ['reasoning', 'reasoning'],
        ['open-weights', 'openWeights'],
      ].flatMap(([flag = '', name = '']) => (flags.has(flag) ? [[name, 'true'] as const] : [])),
    ),
    limit: flags.number('limit') ?? 50,
  }
  const filter = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined && value !== null))
  const page = await call.hearth().catalogue.list(filter)
  if (!call.isJson) call.terminal.note(noteOf(page))
  return answer(call, page, () => (page.data.length === 0 ? 'No model is like that.' : tableOf(page.data, call)))
}

function noteOf({ data, total, next, catalogue }: CataloguePage): string {
  const more = next === null ? '' : `; the next page: --after ${next}`
  const from = catalogue.from === null ? 'came with Hearth' : `taken from ${catalogue.from}`
  return `${data.length} of ${total}${more}. The catalogue is of ${catalogue.asOf} and ${from}.`
}

const tableOf = (rows: readonly CatalogueModel[], call: Call): string =>
  renderTable<CatalogueModel>({
    terminal: call.terminal,
    rows,
    columns: [
      { title: 'MODEL', cell: (row) => row.id, isFlexible: true },
      {
        title: 'USABLE',
        cell: (row) => (row.usable ? 'yes' : 'no'),
        style: (row) => (row.usable ? 'green' : 'dim'),
      },
      { title: 'CONTEXT', cell: (row) => countText(row.contextTokens), isRight: true },
      { title: 'ANSWER', cell: (row) => countText(row.outputTokens), isRight: true, whenNarrow: 'drop' },
      { title: 'IN', cell: (row) => dollars(row.price?.input), isRight: true },
      { title: 'OUT', cell: (row) => dollars(row.price?.output), isRight: true },
      { title: 'TAKES', cell: (row) => row.input?.join(', ') ?? '-', whenNarrow: 'drop' },
      { title: 'CAN', cell: abilities, whenNarrow: 'drop' },
    ],
  })

const dollars = (value: number | null | undefined): string =>
  value === null || value === undefined ? '-' : `$${String(value)}`

const abilities = ({ tools, reasoning, openWeights, stage }: CatalogueModel): string =>
  [
    ...(tools === true ? ['tools'] : []),
    ...(reasoning === true ? ['reasoning'] : []),
    ...(openWeights === true ? ['open weights'] : []),
    ...(stage === null ? [] : [stage]),
  ].join(', ')

export async function show(call: Call): Promise<ExitCode> {
  const model = await call.hearth().catalogue.get(call.positionals[0] ?? '')
  const { price } = model
  return answer(call, model, () =>
    [
      facts([
        ['Model', model.id],
        ['Name', model.name],
        ['Released', model.released ?? '-'],
        ['Context', countText(model.contextTokens)],
        ['Longest answer', countText(model.outputTokens)],
        ['Takes', model.input?.join(', ') ?? '-'],
        ['Gives', model.output?.join(', ') ?? '-'],
        ['Can', abilities(model) || '-'],
        [
          'Price',
          `${dollars(price?.input)} in, ${dollars(price?.output)} out, ${dollars(price?.cached)} from the cache`,
        ],
        ['Usable', model.usable ? `yes, as ${model.as ?? model.id}` : 'no'],
      ]),
      '',
      model.why,
    ].join('\n'),
  )
}

export async function providers(call: Call): Promise<ExitCode> {
  const words = (call.positionals[0] ?? '').toLowerCase().split(/\s+/).filter(Boolean)
  const all = await call.hearth().catalogue.providers()
  const data = all.data.filter(({ id, name }) => words.every((word) => `${id} ${name}`.toLowerCase().includes(word)))
  return answer(call, { data }, () =>
    data.length === 0
      ? 'No provider is called like that.'
      : renderTable<CatalogueProvider>({
          terminal: call.terminal,
          rows: data,
          columns: [
            { title: 'PROVIDER', cell: (row) => row.id },
            { title: 'NAME', cell: (row) => row.name, isFlexible: true },
            { title: 'MODELS', cell: (row) => String(row.models), isRight: true },
            { title: 'KEY', cell: (row) => row.keyVariable ?? '-' },
            { title: 'SPEAKS', cell: (row) => row.apis.join(', '), whenNarrow: 'drop' },
            { title: 'UPSTREAMS', cell: (row) => row.upstreams.join(', ') },
            { title: 'WHERE', cell: (row) => row.address ?? row.why ?? '-', whenNarrow: 'below' },
          ],
        }),
  )
}
