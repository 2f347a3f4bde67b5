import type { EntityType, HouseLists, NewLists } from '../../sdk/typescript/index.ts'
import type { Call } from '../command.ts'
import { usageError } from '../failures.ts'
import type { ExitCode } from '../failures.ts'
import { answer } from '../output.ts'
import { readInput } from './input.ts'

/** Shows the lists; with options it changes them first. */
export async function lists(call: Call): Promise<ExitCode> {
  const { privacy } = call.hearth()
  const changed = await changedLists(call, () => privacy.lists())
  const now = changed === null ? await privacy.lists() : await privacy.setLists(changed)
  return answer(call, now, () => render(now))
}

/** null: nothing is to be changed. */
async function changedLists(call: Call, read: () => Promise<HouseLists>): Promise<NewLists | null> {
  const { flags, terminal } = call
  const file = flags.text('set')
  const edits = ['person', 'host', 'deny', 'deny-pattern', 'allow', 'remove'].filter((name) => flags.has(name))
  if (file !== null) {
    if (edits.length > 0) throw usageError(`--set takes the place of everything: leave --${edits.join(', --')} out.`)
    return listsOf(await readInput(file, terminal))
  }
  if (edits.length === 0) return null
  const held = await read()
  const gone = new Set(flags.list('remove'))
  const entries = (type: EntityType, values: readonly string[]) => values.map((value) => ({ value, type }))
  const texts = flags.list('deny').map((value) => ({ kind: 'text', value }) as const)
  const patterns = flags.list('deny-pattern').map((pattern) => ({ kind: 'pattern', pattern }) as const)
  return {
    // What came from the house has a type that it knows.
    directory: [
      ...(held.directory as NonNullable<NewLists['directory']>),
      ...entries('PERSON', flags.list('person')),
      ...entries('HOST', flags.list('host')),
    ].filter(({ value }) => !gone.has(value)),
    deny: [...held.deny, ...texts, ...patterns].filter(
      (entry) => !gone.has(entry.kind === 'text' ? entry.value : entry.pattern),
    ),
    allow: [...held.allow, ...flags.list('allow')].filter((value) => !gone.has(value)),
  }
}

function listsOf(text: string): NewLists {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value
  } catch {
    // told below
  }
  throw usageError('The file of --set is no JSON object with directory, deny and allow.')
}

function render({ directory, deny, allow, automatic }: HouseLists): string {
  const section = (title: string, rows: readonly string[]): string =>
    `${title} (${rows.length})\n${rows.map((row) => `  ${row}\n`).join('')}`
  return [
    section(
      'Belongs to this house',
      directory.map(({ value, type }) => `${value}  ${type}`),
    ),
    section(
      'Known by the house itself',
      automatic.map(({ value, type }) => `${value}  ${type}`),
    ),
    section(
      'Must never leave',
      deny.map((entry) => (entry.kind === 'text' ? entry.value : `/${entry.pattern}/`)),
    ),
    section('Is left alone', allow),
  ]
    .join('\n')
    .trimEnd()
}
