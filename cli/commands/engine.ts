import type { EngineInstall, EngineView } from '../../sdk/typescript/index.ts'
import type { Call, Command } from '../command.ts'
import { CliError, exitCodes } from '../failures.ts'
import type { ExitCode } from '../failures.ts'
import { answer, jsonLine } from '../output.ts'
import { renderTable } from '../table.ts'

export const engineCommand: Command = {
  name: 'engine',
  summary: 'list and install the engines that run models here',
  run: list,
  subcommands: [
    { name: 'list', summary: 'list the engines', run: list },
    {
      name: 'install',
      summary: 'install an engine for what this machine has',
      details: 'This happens by itself at the first need; here it can be done beforehand.',
      positionals: [{ name: 'ENGINE' }],
      run: install,
    },
  ],
}

async function list(call: Call): Promise<ExitCode> {
  const engines = await call.hearth().engines.list()
  return answer(call, engines, () =>
    renderTable<EngineView>({
      terminal: call.terminal,
      rows: engines.data,
      columns: [
        { title: 'ENGINE', cell: (row) => row.name },
        {
          title: 'INSTALLED',
          cell: (row) => (row.isInstalled ? 'yes' : 'no'),
          style: (row) => (row.isInstalled ? 'green' : null),
        },
        { title: 'VERSION', cell: (row) => row.version ?? '-' },
        { title: 'FOR', cell: (row) => row.variant ?? '-' },
      ],
    }),
  )
}

/** The longest that a house may take to answer; engines with GPU libraries are large. */
const installMs = 60 * 60_000

/**
 * The answer of the house is the end of it; the events before it only tell how far it is. An event `failed` or `done`
 * ends it, too: a house may answer at once and install afterwards.
 */
async function install(call: Call): Promise<ExitCode> {
  const name = call.positionals[0] ?? ''
  const hearth = call.hearth()
  const controller = new AbortController()
  const events = hearth.events({ types: ['engine.install'], signal: controller.signal })
  await events.next()
  const watching = (async (): Promise<EngineInstall | null> => {
    for await (const event of events) {
      if (event.type !== 'engine.install' || event.data.engine !== name) continue
      show(call, event.data)
      if (event.data.phase === 'done' || event.data.phase === 'failed') return event.data
    }
    return null
  })().catch(() => null)
  try {
    const engine = await hearth.engines.install(name, { timeoutMs: installMs })
    const last = engine.isInstalled ? null : await watching
    const now = engine.isInstalled ? engine : await read(call, name)
    if (!now?.isInstalled) {
      const phase = last === null ? 'did not end' : `ended as "${last.phase}"`
      throw new CliError(exitCodes.failure, `The installation of ${name} ${phase}.`, { code: 'install_failed' })
    }
    call.terminal.transient(null)
    return answer(
      call,
      now,
      () => `${now.name} ${now.version ?? ''} is installed (${now.variant ?? 'for this machine'}).`,
    )
  } finally {
    controller.abort()
    await watching
  }
}

async function read(call: Call, name: string): Promise<EngineView | null> {
  return (await call.hearth().engines.list()).data.find((engine) => engine.name === name) ?? null
}

function show(call: Call, { engine, phase, progress }: EngineInstall): void {
  const percent = typeof progress === 'number' ? ` ${Math.floor(progress * 100)}%` : ''
  if (call.isJson) call.terminal.note(jsonLine({ engine, phase, progress }))
  else if (call.terminal.transientWidth === null) call.terminal.note(`${engine}: ${phase}${percent}`)
  else call.terminal.transient(`${engine}: ${phase}${percent}`)
}
