import type { Setting } from '../../sdk/typescript/index.ts'
import type { Call, Command } from '../command.ts'
import { CliError, exitCodes } from '../failures.ts'
import type { ExitCode } from '../failures.ts'
import { didYouMean } from '../nearest.ts'
import { answer } from '../output.ts'
import { renderTable } from '../table.ts'

export const configCommand: Command = {
  name: 'config',
  summary: 'show the settings with where each comes from; change the run-time ones',
  positionals: [{ name: 'SETTING', isOptional: true }],
  options: [{ name: 'changed', kind: 'flag', summary: 'only what is not a default' }],
  examples: ['hearth config --changed', 'hearth config server.port', 'hearth config set server.loadWait 30s'],
  run: show,
  subcommands: [
    {
      name: 'set',
      summary: 'set a setting in the run-time overlay; environment and file stay above it',
      details: 'VALUE is read as JSON where it is JSON (8, true, ["a"]), else as text.',
      positionals: [{ name: 'SETTING' }, { name: 'VALUE' }],
      run: set,
    },
    { name: 'unset', summary: 'take a setting out of the overlay', positionals: [{ name: 'SETTING' }], run: unset },
  ],
}

async function show(call: Call): Promise<ExitCode> {
  const config = await call.hearth().config.get()
  const wanted = call.positionals[0]
  const settings = config.settings.filter(
    (setting) =>
      (wanted === undefined || isUnder(setting.path, wanted)) &&
      (!call.flags.has('changed') || setting.source !== 'default'),
  )
  if (wanted !== undefined && settings.length === 0) {
    const near = didYouMean(
      wanted,
      config.settings.map((setting) => setting.path),
    )
    throw new CliError(exitCodes.notFound, `There is no setting "${wanted}".${near}`, { code: 'not_found' })
  }
  if (!call.isJson) {
    call.terminal.note(config.file === null ? 'There is no config file.' : `Config file: ${config.file}`)
    for (const warning of config.warnings) call.terminal.note(`warning: ${warning}`)
  }
  return answer(call, { ...config, settings }, () =>
    renderTable<Setting>({
      terminal: call.terminal,
      rows: settings,
      columns: [
        { title: 'SETTING', cell: (row) => row.path, isFlexible: true },
        { title: 'VALUE', cell: valueText, ...(wanted === undefined ? { isFlexible: true } : { whenNarrow: 'below' }) },
        { title: 'FROM', cell: sourceText, style: (row) => (row.source === 'default' ? 'dim' : null) },
      ],
    }),
  )
}

const isUnder = (path: string, wanted: string): boolean =>
  path === wanted || path.startsWith(`${wanted}.`) || path.startsWith(`${wanted}[`)

const valueText = ({ value }: Setting): string => (typeof value === 'string' ? value : (JSON.stringify(value) ?? '-'))

const sourceText = ({ source, line }: Setting): string => (line === null ? source : `${source}, line ${line}`)

async function set(call: Call): Promise<ExitCode> {
  const [path = '', text = ''] = call.positionals
  const value = parseValue(text)
  await call.hearth().config.set(path, value)
  return tellSetting(call, path)
}

function parseValue(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return text
  }
}

async function unset(call: Call): Promise<ExitCode> {
  const path = call.positionals[0] ?? ''
  await call.hearth().config.unset(path)
  return tellSetting(call, path)
}

/** What holds now: an overlay below a file or the environment changes nothing, and the person should see that. */
async function tellSetting(call: Call, path: string): Promise<ExitCode> {
  const { settings } = await call.hearth().config.get()
  const setting = settings.find((candidate) => candidate.path === path) ?? null
  return answer(call, setting, () =>
    setting === null ? `${path} is not set.` : `${path} is ${valueText(setting)} (${sourceText(setting)}).`,
  )
}
