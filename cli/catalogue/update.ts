import type { CataloguePlan, CatalogueSource, ListPrice } from '../../sdk/typescript/index.ts'
import type { Call } from '../command.ts'
import { confirm } from '../confirm.ts'
import { usageError } from '../failures.ts'
import type { ExitCode } from '../failures.ts'
import { answer } from '../output.ts'
import { readInput } from '../privacy/input.ts'

/** The most lines of one kind that a terminal is shown; `--json` has all. */
const mostLines = 40

export async function update(call: Call): Promise<ExitCode> {
  const from = call.positionals[0] ?? ''
  const { catalogue } = call.hearth()
  const plan = await catalogue.plan(
    /^https?:\/\//.test(from) ? { url: from } : { document: await documentIn(from, call), name: from },
  )
  const isSame = Object.values(plan.counts).every((count) => count === 0)
  if (call.flags.has('dry-run') || isSame) return answer(call, plan, () => planText(plan))
  if (!call.isJson) call.terminal.out(planText(plan))
  await confirm(call, 'Take this catalogue?')
  const source = await catalogue.apply(plan.hash)
  return answer(call, { plan, catalogue: source }, () => sourceText(source))
}

async function documentIn(file: string, call: Call): Promise<unknown> {
  const text = await readInput(file, call.terminal)
  try {
    return JSON.parse(text) as unknown
  } catch {
    throw usageError(`${file} is no JSON.`)
  }
}

export async function reset(call: Call): Promise<ExitCode> {
  await confirm(call, 'Go back to the catalogue that came with Hearth?')
  const source = await call.hearth().catalogue.reset()
  return answer(call, source, () => sourceText(source))
}

const sourceText = ({ asOf, models, providers }: CatalogueSource): string =>
  `In effect: ${models} models of ${providers} providers, of ${asOf}.`

function planText(plan: CataloguePlan): string {
  const parts = [
    part('Keys would go elsewhere', plan.counts['moved'], plan.moved, (row) =>
      [row.provider, row.before, '->', row.after].join('  '),
    ),
    part('Prices', plan.counts['repriced'], plan.repriced, (row) =>
      [row.model, priceText(row.before), '->', priceText(row.after)].join('  '),
    ),
    part('New providers', plan.counts['newProviders'], plan.newProviders, String),
    part('Gone providers', plan.counts['goneProviders'], plan.goneProviders, String),
    part('New models', plan.counts['newModels'], plan.newModels, String),
    part('Gone models', plan.counts['goneModels'], plan.goneModels, String),
    part('Other facts', plan.counts['changedModels'], plan.changedModels, String),
    part('Left out, because nothing could be called so', plan.leftOut.length, plan.leftOut, String),
  ].filter((text) => text !== '')
  const head = `${plan.from}: ${plan.models} models of ${plan.providers} providers, of ${plan.asOf}.`
  return [head, ...(parts.length === 0 ? ['Nothing would change.'] : parts)].join('\n\n')
}

function part<Row>(title: string, count: number | undefined, rows: readonly Row[], line: (row: Row) => string): string {
  const all = count ?? rows.length
  if (all === 0) return ''
  const shown = rows.slice(0, mostLines).map((row) => `  ${line(row)}`)
  const rest = all - shown.length
  return [`${title} (${all}):`, ...shown, ...(rest > 0 ? [`  and ${rest} more; --json has them`] : [])].join('\n')
}

const priceText = (price: ListPrice | null): string =>
  price === null ? 'unknown' : `$${price.input} in, $${price.output} out`
